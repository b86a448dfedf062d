"""The persistence contract: one transaction with small ports, each bound to a scope.

`await store.write(unit)` runs `unit(tx)` on the writer: a plain, repeatable function without other input or output.
Units are committed in groups; `patient` units may wait for the next group (20 ms at the latest), others are committed
at once. `await store.read(query)` runs on a reader and sees the last commit. A scope is a constructor argument of every
port: a query that could see another tenant's rows cannot be written. A row outside the scope is not found.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar

from amtsbote.api.notices import Notices, Receivers
from amtsbote.model.deadletter import Backlog, DeadLetter, LetterEntry, Reason, Settlement
from amtsbote.model.directory import (
    Authority,
    Client,
    Destination,
    Directory,
    Editor,
    KeyEntry,
    Portal,
    Target,
    Tenant,
)
from amtsbote.model.event import EventRecord
from amtsbote.model.ids import (
    CaseId,
    DeadLetterId,
    DeliveryId,
    DestinationId,
    EditorId,
    EventId,
    KeyId,
    MessageId,
    PartId,
)
from amtsbote.model.job import Job, JobKind
from amtsbote.model.masterkey import MasterKey, WrappedKind, WrappedValue
from amtsbote.model.message import (
    Assignment,
    CaseNote,
    Delivery,
    DeliveryState,
    Direction,
    Message,
    MessageKind,
    Notified,
    Part,
    State,
)
from amtsbote.model.replay import PastSubmission
from amtsbote.model.routing import RoutingDocument
from amtsbote.model.stage import Stage
from amtsbote.model.trace import StepRecord
from amtsbote.model.versions import DraftState, Mirrored, NewDraft, RoutingDraft, RoutingVersion

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be seen and changed.

    `sender`: messages of the cases this client began. `subscriber`: messages of end-to-end destinations this client
    subscribes.
    `tenant`: rows of this tenant. `system`: all.
    """

    kind: Literal["system", "tenant", "sender", "subscriber"]
    id: str = ""


SYSTEM = Scope("system")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who changed what: one row per change by a person or an API client."""

    at: datetime
    actor: str
    """`uid:<n>` for a local person, `client:<id>` for an API client, `system` for the daemon itself."""
    action: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs of one kind that are due and in nobody's hand."""

    count: int
    oldest: datetime | None
    """When the oldest fell due; None when there is none."""


@dataclass(frozen=True, slots=True)
class Page:
    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class DeliveryWish:
    """Which deliveries; None does not restrict."""

    state: DeliveryState | None = None
    target: str | None = None
    tenant: str | None = None
    stage: Stage | None = None
    """Live or test: of their messages."""


@dataclass(frozen=True, slots=True)
class AuditWish:
    """Which audit rows; None does not restrict."""

    subject: str | None = None
    actor: str | None = None
    since: datetime | None = None
    """This moment and later."""


class Messages(Protocol):
    def add(self, message: Message, subscriber: str | None) -> None:
        """A new message. `subscriber` is the client of an end-to-end destination."""
        ...

    def get(self, message: MessageId) -> Message:
        """Raises `NotFound`."""
        ...

    def move(self, message: MessageId, source: State, to: State, *, at: datetime) -> None:
        """The only statement that changes a state: names the state it comes from. Raises `StaleState` when the message
        is in another, `ValueError` when the table of transitions forbids it. Moving to `submitted` from `announced`
        sets `submitted_at` to `at`; moving to `held` remembers `source`, leaving it forgets."""
        ...

    def keep_dossier(self, message: MessageId, sealed: bytes) -> None:
        """Keep what the first open learnt (content keys, attachment list, verdicts), sealed by the caller."""
        ...

    def dossier(self, message: MessageId) -> bytes:
        """Raises `NotFound` when the message was never opened."""
        ...

    def dossiers(self, after: int, limit: int) -> tuple[tuple[int, MessageId, bytes], ...]:
        """Dossiers in the order of their messages, each with its number, from the first above `after` on; 0 begins."""
        ...

    def assign(self, message: MessageId, assignment: Assignment) -> None:
        """Keep where a person sends the message; a later assignment replaces the earlier one. Raises `NotFound`."""
        ...

    def assignment(self, message: MessageId) -> Assignment | None: ...

    def note(self, message: MessageId, note: CaseNote) -> None:
        """Keep what the message has taught about its case; a later note on the same message replaces the earlier one.
        Raises `NotFound`."""
        ...

    def notes(self, case: CaseId) -> tuple[tuple[MessageId, CaseNote], ...]:
        """What the messages of a case have taught, the latest message first."""
        ...

    def keep_facts(self, message: MessageId, facts: Mapping[str, str]) -> None:
        """Keep what the service package declares of the message for routing, in place of what was kept before. Raises
        `NotFound`."""
        ...

    def past(self, since: datetime, after: int, limit: int) -> tuple[PastSubmission, ...]:
        """Those on the way to a destination that were submitted since then, in the order of their numbers, from the
        first above `after` on; 0 begins."""
        ...

    def case(self, case: CaseId) -> tuple[Message, ...]:
        """All messages of a case, oldest first; empty when the case is unknown in this scope."""
        ...

    def waiting(
        self, kind: MessageKind, direction: Direction, destination: DestinationId | None, page: Page
    ) -> tuple[int, tuple[Message, ...]]:
        """Submitted messages that their receiver may fetch, oldest first: total count and one page. Of those to a
        destination only what a subscriber fetches."""
        ...

    def note_notified(self, message: MessageId, how: Notified) -> bool:
        """Remember that its receiver was told. False when it was known already, or there is no such message."""
        ...

    def unfetched(self, destination: DestinationId, *, before: datetime, told: int, limit: int) -> tuple[Message, ...]:
        """Messages that their receiver could have fetched since `before` and neither accepted nor rejected, oldest
        first, of which the contact was told less than `told` times."""
        ...

    def note_told(self, message: MessageId, times: int) -> bool:
        """Remember how often the contact was told that it waits. False when that is known already."""
        ...

    def kept_long_enough(
        self, destination: DestinationId, *, accepted_before: datetime, rejected_before: datetime, limit: int
    ) -> tuple[Message, ...]:
        """Messages accepted or rejected until then, longest ago first. Never one that still needs a person, or has a
        delivery on its way."""
        ...

    def drop_dossier(self, message: MessageId) -> None:
        """Forget what the first open learnt, if it was opened."""
        ...

    def cases(self, page: Page) -> tuple[int, tuple[Message, ...]]:
        """The message each case began with, newest first: total count and one page."""
        ...

    def unfinished(self, destination: DestinationId, key: KeyId, until: datetime) -> int:
        """How many messages of a destination still need this key: neither accepted, rejected nor expired, with a part
        that is encrypted to it, or announced until then and not submitted, so that one may come."""
        ...

    def unfinished_at(self, destination: DestinationId) -> int:
        """How many messages of a destination have not ended: neither accepted, rejected, expired nor deleted."""
        ...

    def page(self, state: State | None, page: Page, stage: Stage | None = None) -> tuple[int, tuple[Message, ...]]:
        """Newest first, for operators; None restricts nothing."""
        ...


class Parts(Protocol):
    def put(self, part: Part) -> str | None:
        """Add a part or replace the one with the same id; returns the file that is no longer owned, if any."""
        ...

    def of(self, message: MessageId) -> Mapping[PartId, Part]: ...

    def drop(self, message: MessageId) -> tuple[str, ...]:
        """Remove all parts; returns the files that are no longer owned."""
        ...

    def files(self) -> frozenset[str]:
        """Names of all files owned by rows, for the search for orphans at start."""
        ...

    def count(self) -> int: ...

    def after(self, number: int, limit: int) -> tuple[tuple[int, Part], ...]:
        """Parts in the order they were kept, each with its number, from the first above `number` on; 0 begins."""
        ...


class Events(Protocol):
    def add(self, record: EventRecord) -> None: ...

    def of_case(self, case: CaseId, page: Page) -> tuple[int, tuple[EventRecord, ...]]:
        """Oldest first: total count and one page. Empty when the case is unknown in this scope."""
        ...

    def of_message(self, message: MessageId) -> tuple[EventRecord, ...]: ...

    def unsigned(self, limit: int) -> tuple[EventRecord, ...]: ...

    def unsigned_by(self, key: KeyId) -> int:
        """How many events still wait for a signature by this key."""
        ...

    def keep_signature(self, event: EventId, jws: str) -> None:
        """Keep the first signature; a later one is ignored."""
        ...


class Deliveries(Protocol):
    def add(self, deliveries: Sequence[Delivery]) -> None: ...

    def get(self, delivery: DeliveryId) -> Delivery: ...

    def of(self, message: MessageId) -> tuple[Delivery, ...]: ...

    def page(self, wish: DeliveryWish, page: Page) -> tuple[int, tuple[Delivery, ...]]:
        """Newest first, for operators: total count and one page."""
        ...

    def move(self, delivery: DeliveryId, source: DeliveryState, to: DeliveryState, *, failure: str | None) -> None: ...

    def note_failure(self, delivery: DeliveryId, failure: str) -> None: ...


class Jobs(Protocol):
    """The one job table."""

    def add(self, kind: JobKind, reference: str, due: datetime, *, after: int = 0) -> None:
        """One job per kind and reference; adding it again changes nothing. The fencing tokens of the new one begin
        above `after`: that of the last attempt, when the same work was given up before."""
        ...

    def claim(self, kinds: Sequence[JobKind], limit: int, *, now: datetime, lease: timedelta) -> tuple[Job, ...]:
        """Due jobs without a living lease, oldest due first. The claim itself counts the attempt, raises the fencing
        token and sets the lease."""
        ...

    def references(self, kind: JobKind, beginning: str) -> frozenset[str]:
        """Of all jobs of this kind whose reference begins like that."""
        ...

    def finish(self, job: Job) -> None:
        """Remove a job that is done. Checks the fencing token; raises `LeaseLost`, which undoes the whole unit."""
        ...

    def again(self, job: Job, due: datetime) -> None:
        """Give a job back for a later attempt: how this one ended is known. Checks the fencing token; raises
        `LeaseLost`."""
        ...

    def extend(self, job: Job, until: datetime) -> None:
        """A longer lease for a job that still runs. Checks the fencing token; raises `LeaseLost`."""
        ...

    def postpone(self, job: Job, due: datetime) -> None:
        """Give a job back untried: its attempt does not count. Checks the fencing token; raises `LeaseLost`."""
        ...

    def drop(self, kind: JobKind, reference: str) -> None:
        """Remove a job that nobody needs any more, if it exists."""
        ...

    def bring_forward(self, kind: JobKind, step: timedelta, *, now: datetime, latest: datetime) -> None:
        """The clock was set back by `step`: what is due after `now` is due so much earlier, and no lease ends after
        `latest`."""
        ...

    def withdraw(self, kind: JobKind, reference: str) -> bool:
        """Remove a job that nobody works on. False when somebody does: its end is then his to write."""
        ...

    def release(self) -> int:
        """Forget all leases: at the start of the only process. Returns how many there were."""
        ...

    def counts(self) -> Mapping[JobKind, int]: ...

    def waiting(self, now: datetime) -> Mapping[JobKind, Queue]:
        """Every kind: what is due and in nobody's hand."""
        ...


class DeadLetters(Protocol):
    def open(self, letter: DeadLetter) -> None: ...

    def get(self, letter: DeadLetterId) -> DeadLetter:
        """Raises `NotFound`."""
        ...

    def of(self, message: MessageId) -> tuple[DeadLetter, ...]:
        """Oldest first, the settled ones too."""
        ...

    def page(
        self, shown: Literal["open", "all"], page: Page, stage: Stage | None = None
    ) -> tuple[int, tuple[DeadLetter, ...]]:
        """Who waits longest first: total count and one page; of live or of test messages, or of both."""
        ...

    def count(self) -> int:
        """The open ones."""
        ...

    def backlog(self, stage: Stage) -> Mapping[Reason, Backlog]:
        """The open ones of live or of test messages by reason; a reason without one is missing."""
        ...

    def hand_over(self, letter: DeadLetterId, owner: str | None) -> None:
        """Raises `NotFound`, and `StaleState` when it is settled."""
        ...

    def settle(self, letter: DeadLetterId, settlement: Settlement, *, at: datetime) -> None:
        """Once and for good: raises `NotFound`, and `StaleState` when it is settled already."""
        ...

    def note(self, letter: DeadLetterId, entry: LetterEntry) -> None:
        """One more line of its history, also when it is settled. Raises `NotFound`."""
        ...

    def history(self, letter: DeadLetterId) -> tuple[LetterEntry, ...]:
        """Oldest first."""
        ...


class Traces(Protocol):
    def add(self, message: MessageId, records: Sequence[StepRecord]) -> None: ...

    def of(self, message: MessageId) -> tuple[StepRecord, ...]: ...


DirectoryEntry = Tenant | Portal | Client | Destination | Authority | Target | KeyEntry | Editor


class DirectoryPort(Protocol):
    def load(self) -> Directory: ...

    def revision(self) -> int: ...

    def editors(self) -> Mapping[EditorId, Editor]:
        """Those alone, without reading the rest."""
        ...

    def put(self, entry: DirectoryEntry) -> None:
        """Add or replace; raises the revision."""
        ...

    def remove(self, entry: DirectoryEntry) -> None: ...


class RoutingPort(Protocol):
    def current(self, on: date) -> RoutingDocument | None:
        """The version in force on a German day: the newest of those whose effective day has come."""
        ...

    def version(self, on: date) -> int:
        """Its number; 0 when there is none."""
        ...

    def newest(self) -> int:
        """The number of the version made last, in force or not; 0 when there is none."""
        ...

    def document(self, version: int) -> RoutingDocument:
        """Raises `NotFound`."""
        ...

    def about(self, version: int) -> RoutingVersion:
        """Raises `NotFound`."""
        ...

    def mirrored(self, issuer: str) -> RoutingVersion | None:
        """The last version taken over from this issuer."""
        ...

    def pending(self, after: date) -> tuple[RoutingVersion, ...]:
        """Versions that will be in force on a day after this one, in that order."""
        ...

    def versions(self, page: Page) -> tuple[int, tuple[RoutingVersion, ...]]:
        """Newest first: total count and one page."""
        ...

    def add(
        self,
        tables: Mapping[str, bytes],
        *,
        at: datetime,
        author: str,
        reason: str = "",
        effective: date | None = None,
        releaser: str | None = None,
        draft: int | None = None,
        mirrored: Mirrored | None = None,
    ) -> int:
        """A new version; returns its number. `effective`: the first German day it is in force on, that of `at` when
        None. Signatures of versions that are no longer in force are forgotten."""
        ...

    def signature(self, version: int, subject: str) -> str | None: ...

    def keep_signature(self, version: int, subject: str, jws: str) -> None:
        """First one wins."""
        ...


class DraftPort(Protocol):
    """Change sets of the routing tables, the operator's alone."""

    def add(self, draft: NewDraft, tables: Mapping[str, bytes]) -> int:
        """Returns its number. `tables`: those that differ from the base, whole."""
        ...

    def get(self, number: int) -> RoutingDraft:
        """Raises `NotFound`."""
        ...

    def tables(self, number: int) -> Mapping[str, bytes]: ...

    def open_with(self, digest: str) -> int | None:
        """An open one with these contents."""
        ...

    def page(self, state: DraftState | None, page: Page) -> tuple[int, tuple[RoutingDraft, ...]]:
        """Newest first: total count and one page."""
        ...

    def settle(self, number: int, state: DraftState, *, at: datetime, by: str, version: int | None = None) -> None:
        """Raises `StaleState` when it is not open any more, `NotFound` when there is none."""
        ...


class Audit(Protocol):
    def add(self, row: AuditRow) -> None: ...

    def page(self, page: Page) -> tuple[AuditRow, ...]: ...

    def search(self, wish: AuditWish, page: Page) -> tuple[int, tuple[tuple[int, AuditRow], ...]]:
        """Newest first: total count and one page, each row with its number."""
        ...

    def get(self, number: int) -> AuditRow:
        """Raises `NotFound`."""
        ...


class MasterKeyPort(Protocol):
    """The operator's alone."""

    def get(self) -> MasterKey | None:
        """The master key in use and its change, if one is under way; None before the first was recorded."""
        ...

    def put(self, key: MasterKey) -> None: ...

    def wrapped(self, kind: WrappedKind, key: str, after: int, limit: int) -> tuple[WrappedValue, ...]:
        """Secrets wrapped under this key, in the order of their numbers, from the first above `after` on; 0 begins."""
        ...

    def count(self, kind: WrappedKind, key: str) -> int:
        """How many secrets are wrapped under this key."""
        ...

    def rewrap(self, kind: WrappedKind, value: WrappedValue, wrapped: bytes) -> bool:
        """Replace a wrapped secret; False when it is no longer as `value` has it."""
        ...


class Transaction(Protocol):
    """The ports of one transaction, all bound to the same scope."""

    @property
    def messages(self) -> Messages: ...
    @property
    def parts(self) -> Parts: ...
    @property
    def events(self) -> Events: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def deadletters(self) -> DeadLetters: ...
    @property
    def traces(self) -> Traces: ...
    @property
    def directory(self) -> DirectoryPort: ...
    @property
    def routing(self) -> RoutingPort: ...
    @property
    def drafts(self) -> DraftPort: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def master(self) -> MasterKeyPort: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def receivers(self) -> Receivers: ...


Unit = Callable[[Transaction], T]


class Store(Protocol):
    async def write(self, unit: Unit[T], *, scope: Scope = SYSTEM, patient: bool = False) -> T:
        """Run and commit one unit. What the unit raises is raised here, and only this unit is undone."""
        ...

    async def read(self, query: Unit[T], *, scope: Scope = SYSTEM) -> T: ...

    async def close(self) -> None:
        """Commit what is queued and close."""
        ...


class Database(Store, Protocol):
    """A store as whoever owns it sees it, with what nodes that share one tell each other."""

    @property
    def shared(self) -> bool:
        """Whether other nodes may be working on it now."""
        ...

    def listen(self, wake: Callable[[], None], renew: Callable[[], None]) -> object:
        """Call, from any thread, until `close`: `wake` after commits of other nodes that added jobs, `renew` after
        those that changed directory or routing tables. Some may be missed: polling backs it up."""
        ...

    async def about(self) -> Mapping[str, Any]:
        """What a server says of itself, for whoever judges the installation: `version`, `fsync`, `full_page_writes`,
        `encrypted`, `host`, `role`, `superuser`, `now`, and how many `machines` are connected. Empty where there is no
        server. Raises `StorageFailed`."""
        ...

    def sole(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Whether this node alone may do `name`, until the block ends. Nobody waits: the others are told no. Raises
        `StorageFailed`."""
        ...
