"""The message: one aggregate of parts, events, states and deliveries (architecture, section 4)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from amtsbote.model.ids import (
    AuthorityId,
    CaseId,
    ClientId,
    DeliveryId,
    DestinationId,
    MessageId,
    PartId,
    TargetId,
    TenantId,
)

METADATA: Final = PartId("metadata")
DATA: Final = PartId("data")


class State(StrEnum):
    """Where a message stands. The wire state is derived from the last event, not from here."""

    ANNOUNCED = "announced"
    SUBMITTED = "submitted"
    DELIVERING = "delivering"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    HELD = "held"


TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    State.ANNOUNCED: frozenset({State.SUBMITTED, State.EXPIRED}),
    State.SUBMITTED: frozenset({State.DELIVERING, State.ACCEPTED, State.REJECTED, State.HELD}),
    State.DELIVERING: frozenset({State.ACCEPTED, State.HELD}),
    State.HELD: frozenset({State.SUBMITTED, State.DELIVERING, State.REJECTED}),
    State.ACCEPTED: frozenset(),
    State.REJECTED: frozenset(),
    State.EXPIRED: frozenset(),
}
"""Every allowed change of state. `submitted → accepted` is the subscriber's own event on an end-to-end destination."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


DELIVERY_TRANSITIONS: Final[Mapping[DeliveryState, frozenset[DeliveryState]]] = {
    DeliveryState.PENDING: frozenset({DeliveryState.DELIVERED, DeliveryState.DEAD}),
    DeliveryState.DEAD: frozenset({DeliveryState.PENDING}),
    DeliveryState.DELIVERED: frozenset(),
}
"""*In flight* and *failed* are not stored: a leased job is in flight, one with attempts and a later due has failed."""


@dataclass(frozen=True, slots=True)
class Message:
    """A submission as the store keeps it, without its parts."""

    id: MessageId
    case: CaseId
    destination: DestinationId
    tenant: TenantId
    sender: ClientId
    service: str
    """LeiKa key, 14 digits."""
    service_name: str
    region: str | None
    """ARS or prefix of it, as the sender named it."""
    announced: tuple[PartId, ...]
    """Attachment ids the sender promised."""
    state: State
    held_from: State | None
    created_at: datetime
    submitted_at: datetime | None
    """The moment of durable submit: what deadlines and routing count from."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where a person sends a message that the rules could not place. At least one of the first three is named."""

    authority: AuthorityId | None
    """Decided by the person: the routing tables are not asked any more."""
    target: TargetId | None
    """The only target, in place of those of the authority; only together with one."""
    region: str | None
    """The place as corrected: the routing tables decide with it."""
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One stored part: the exact bytes the sender sent, sealed at rest."""

    message: MessageId
    id: PartId
    size: int
    """Bytes as received (compact JWE)."""
    sha512: str
    """Hex digest of the bytes as received; tells a repeated upload from a different one."""
    tag: str
    """Authentication tag of the JWE, base64url: what the sender and the event log compare."""
    seal: bytes
    """Key of this body, wrapped by the master key."""
    inline: bytes | None
    """Sealed body when it is small; otherwise `file` names it."""
    file: str | None


@dataclass(frozen=True, slots=True)
class SubmittedPart:
    """A part as the pipeline reads it. `chunks` yields the received bytes; it may be called again for a second pass."""

    id: PartId
    size: int
    tag: str
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to one target. `id` is the idempotency key: the same for every attempt."""

    id: DeliveryId
    message: MessageId
    tenant: TenantId
    target: TargetId
    primary: bool
    state: DeliveryState
    failure: str | None = None
    """Error code of the last failed attempt."""
