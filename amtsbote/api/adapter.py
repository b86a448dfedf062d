"""The adapter contract: how a message reaches local software.

An adapter is built from its options and services, does nothing in its constructor, and has three methods. Delivery is
at least once with a stable key; every adapter makes the *effect* exactly once. `amtsbote.api.testkit` holds the tests
that every adapter must pass. What an adapter needs besides to give something back stands in `returning.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel

from amtsbote.api.operations import Disk
from amtsbote.model.content import Attachment, SchemaRef, SignatureResult
from amtsbote.model.ids import AuthorityId, CaseId, DeliveryId, DestinationId, MessageId, PortalId, TargetId
from amtsbote.model.message import MessageKind


@dataclass(frozen=True, slots=True)
class Ready:
    pass


@dataclass(frozen=True, slots=True)
class Misfit:
    """The configuration cannot work; a person must change it."""

    de: str
    en: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The target does not answer now; trying again can help."""

    de: str
    en: str


Readiness = Ready | Misfit | Unavailable


@dataclass(frozen=True, slots=True)
class Delivered:
    reference: str
    """Where the target keeps it, e.g. the folder name."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not delivered, try again. `reason` is a stable English word."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The target will never take this message."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have arrived: a person must look."""

    reason: str


Outcome = Delivered | Retry | Refused | Unknown


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What an adapter is told about the delivery."""

    delivery: DeliveryId
    """Idempotency key: the same for every attempt."""
    token: int
    """Fencing token of this attempt: higher than that of every earlier one."""
    message: MessageId
    case: CaseId
    destination: DestinationId
    authority: AuthorityId
    target: TargetId
    portal: PortalId
    service: str
    service_name: str
    region: str
    submitted_at: datetime
    signature: SignatureResult
    marked: bool
    """The destination's policy accepted the message although its signature is not valid."""
    metadata_version: str
    fully_validated: bool
    """False when the metadata named a version without a reference: the nearest model was used."""
    schema: SchemaRef
    """Of the data as it is delivered."""
    package: str
    sender_reference: str | None
    kind: MessageKind = MessageKind.SUBMISSION
    """A reply is what an applicant says to an answer of the authority; it comes in the case of a submission."""
    test: bool = False
    """A test message: it goes to test targets alone and is never to be worked on in earnest."""


@dataclass(frozen=True, slots=True)
class VerifiedAttachment:
    """An attachment whose tag and hash were checked. Reading it again checks the tag again and raises `Damaged`
    at the end if it differs, so nothing may be published before the last chunk."""

    about: Attachment
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Original:
    """The data as it was sent, where a mapping has made the delivered data of it. It always travels along."""

    schema: SchemaRef
    data: Callable[[], Iterator[bytes]]
    size: int
    sha512: str


@dataclass(frozen=True, slots=True)
class VerifiedParts:
    """Decrypted parts with every tag and hash checked. Only the deliver job makes one."""

    data: Callable[[], Iterator[bytes]]
    data_size: int
    data_sha512: str
    attachments: tuple[VerifiedAttachment, ...]
    original: Original | None = None
    """Only where the target wanted another version than the one that was sent; `data` is that version then."""


class Adapter(Protocol):
    async def prepare(self) -> Readiness:
        """Say whether deliveries can work. Called before the first delivery and by `doctor`-like checks; repeatable."""
        ...

    async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:
        """Bring one message to the target. May be called again for the same `order.delivery` after any crash."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class AdapterServices:
    """What the house gives every adapter."""

    clock: Callable[[], datetime]
    disk: Disk
    new_id: Callable[[], str]
    """A fresh UUID, for names nobody else makes."""


class AdapterKind(Protocol):
    """A registered kind of adapter: its name, its declared options, and how to build one."""

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> type[BaseModel]:
        """Pydantic model of the options; unknown ones are refused."""
        ...

    def build(self, options: Mapping[str, str | int | bool], services: AdapterServices) -> Adapter: ...
