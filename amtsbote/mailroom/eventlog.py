"""The event log of a case: exact payloads first, signatures at the latest when somebody reads."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, ParamSpec, Protocol, TypeVar

from amtsbote.api.envelope import Envelope
from amtsbote.api.persistence import Page, Scope, Store, Transaction
from amtsbote.keys.keystore import KeyStore
from amtsbote.mailroom.telling import write_event, write_own_event
from amtsbote.model.directory import Directory, KeyPurpose
from amtsbote.model.event import Event, EventRecord
from amtsbote.model.ids import CaseId, EventId
from amtsbote.model.message import Message

P = ParamSpec("P")
T = TypeVar("T")

_SHARE: Final = 4
"""Events one call on a computing thread signs: some milliseconds, so that messages get their turn in between."""


class Compute(Protocol):
    """Runs a function that only computes on a computing thread."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


class EventLog:
    def __init__(
        self, store: Store, envelope: Envelope, keys: KeyStore, directory: Callable[[], Directory], compute: Compute
    ) -> None:
        self._store = store
        self._envelope = envelope
        self._keys = keys
        self._directory = directory
        self._compute = compute
        self._signing: dict[EventId, asyncio.Task[None]] = {}

    def record(self, event: Event) -> EventRecord:
        """The event with its exact payload bytes and the key that will sign them. Pure."""
        return recorded(event, self._envelope.event, self._directory())

    def write(self, tx: Transaction, event: Event, message: Message) -> None:
        """Write down what a side of the case brought about, and who is to be told."""
        write_event(tx, self.record(event), message, self._directory())

    def keep(self, tx: Transaction, record: EventRecord, message: Message) -> None:
        """The same for an event that is recorded already."""
        write_event(tx, record, message, self._directory())

    def write_own(self, tx: Transaction, event: Event, message: Message) -> None:
        """Write down what this service brought about of itself."""
        write_own_event(tx, self.record(event), message, self._directory())

    async def of_case(self, case: CaseId, page: Page, scope: Scope) -> tuple[int, tuple[str, ...]]:
        """Total count and one page of signed events, oldest first. What is added meanwhile is signed, too: an entry
        left out would shift every later page."""
        while True:
            total, records = await self._store.read(lambda tx: tx.events.of_case(case, page), scope=scope)
            missing = [record for record in records if record.jws is None]
            if not missing:
                return total, tuple(record.jws for record in records if record.jws is not None)
            await self.sign(missing)

    async def sign(self, records: Sequence[EventRecord]) -> None:
        """Sign and keep. What is being signed already is waited for: a signature costs milliseconds of a core."""
        mine = [record for record in records if record.id not in self._signing]
        tasks = {self._signing[record.id] for record in records if record.id in self._signing}
        if mine:
            task = asyncio.create_task(self._sign(mine))
            self._signing.update({record.id: task for record in mine})
            tasks.add(task)
        await asyncio.gather(*map(asyncio.shield, tasks))

    async def waits(self) -> bool:
        """Whether an event is unsigned yet."""
        return bool(await self._store.read(lambda tx: tx.events.unsigned(1)))

    async def sign_some(self, limit: int) -> int:
        """Sign the oldest unsigned events; returns how many there were."""
        records = await self._store.read(lambda tx: tx.events.unsigned(limit))
        if records:
            await self.sign(records)
        return len(records)

    async def _sign(self, records: Sequence[EventRecord]) -> None:
        """The first stored signature wins."""
        try:
            shares = [records[start : start + _SHARE] for start in range(0, len(records), _SHARE)]
            done = await asyncio.gather(*(self._compute(self._signatures, share) for share in shares))
            signatures = [signature for share in done for signature in share]

            def unit(tx: Transaction) -> None:
                for event, jws in signatures:
                    tx.events.keep_signature(event, jws)

            await self._store.write(unit, patient=True)
        finally:
            for record in records:
                del self._signing[record.id]

    def _signatures(self, records: Sequence[EventRecord]) -> list[tuple[EventId, str]]:
        return [(record.id, self._signed(record)) for record in records]

    def _signed(self, record: EventRecord) -> str:
        return self._envelope.signed(record.payload, record.key, lambda data: self._keys.sign(record.key, data))


def recorded(event: Event, say: Callable[[Event], bytes], directory: Directory) -> EventRecord:
    """The event as it is kept until it is signed. `say` makes its exact payload bytes. Pure."""
    if event.issuer is not None:
        key = directory.destinations[event.issuer].signing_key
    else:
        key = directory.service_key(KeyPurpose.EVENTS)
    return EventRecord(event.id, event.case, event.message, event.kind, event.at, say(event), key, None)
