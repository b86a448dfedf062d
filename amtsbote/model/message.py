"""The message: one aggregate of parts, events, states and deliveries (architecture, section 4)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from amtsbote.model.content import ReplyChannel
from amtsbote.model.ids import (
    AuthorityId,
    CaseId,
    ClientId,
    DeliveryId,
    DestinationId,
    KeyId,
    MessageId,
    PartId,
    ReceiverId,
    TargetId,
    TenantId,
)
from amtsbote.model.stage import Stage

METADATA: Final = PartId("metadata")
DATA: Final = PartId("data")


class MessageKind(StrEnum):
    """What a message is. Both kinds have the same parts, states, events and rules."""

    SUBMISSION = "submission"
    REPLY = "reply"
    """In the case of an earlier submission; from either side."""


class Direction(StrEnum):
    """Who a message is for. Who may write it follows from it."""

    TO_DESTINATION = "to-destination"
    TO_PORTAL = "to-portal"


class Notified(StrEnum):
    """How the receiver learnt that a message waits for it."""

    POLLING = "polling"
    CALLBACK = "callback"


class State(StrEnum):
    """Where a message stands. The wire state is derived from the last event, not from here."""

    ANNOUNCED = "announced"
    SUBMITTED = "submitted"
    DELIVERING = "delivering"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    HELD = "held"
    DELETED = "deleted"
    """Its parts are gone for good; events and case stay."""


TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
    State.ANNOUNCED: frozenset({State.SUBMITTED, State.EXPIRED}),
    State.SUBMITTED: frozenset({State.DELIVERING, State.ACCEPTED, State.REJECTED, State.HELD}),
    State.DELIVERING: frozenset({State.ACCEPTED, State.HELD}),
    State.HELD: frozenset({State.SUBMITTED, State.DELIVERING, State.REJECTED}),
    State.ACCEPTED: frozenset({State.DELETED}),
    State.REJECTED: frozenset({State.DELETED}),
    State.EXPIRED: frozenset(),
    State.DELETED: frozenset(),
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


WITHDRAWN: Final = "withdrawn"
"""Failure of a copy that was on its way when the submission was rejected."""


@dataclass(frozen=True, slots=True)
class Message:
    """A submission or a reply as the store keeps it, without its parts."""

    id: MessageId
    case: CaseId
    destination: DestinationId
    tenant: TenantId
    sender: ClientId
    """The client on the portal's side of the case; it is the receiver of a reply to the portal."""
    service: str
    """LeiKa key, 14 digits."""
    service_name: str
    region: str | None
    """ARS or prefix of it, as the sender named it."""
    announced: tuple[PartId, ...]
    """Ids of the attachments and fragments that the sender promised."""
    state: State
    held_from: State | None
    created_at: datetime
    submitted_at: datetime | None
    """The moment of durable submit: what deadlines and routing count from."""
    test: bool = False
    """Announced to a test destination. Never changes, whatever becomes of the destination."""
    kind: MessageKind = MessageKind.SUBMISSION
    direction: Direction = Direction.TO_DESTINATION
    notified: frozenset[Notified] = frozenset()
    """How its receiver has been told of it, as far as an event says so."""
    callback: ReceiverId | None = None
    """Who is told of what happens to it, as its writer named it."""

    @property
    def stage(self) -> Stage:
        """The stage of the rules that place it and of the targets it may reach."""
        return Stage.TEST if self.test else Stage.LIVE


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
class CaseNote:
    """What opening and addressing a message has taught about its case. It stays when the content is deleted: answers
    may come long after."""

    authority: AuthorityId
    region: str
    """ARS or prefix: the place the authority was found for."""
    reply_channel: ReplyChannel | None
    """Where the portal takes replies, if the message said so."""


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
    key: KeyId
    """Of the JWE header: the destination's key it is encrypted to."""


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
