"""Entries of a case's event log. On the wire each is a Security Event Token (RFC 8417)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from amtsbote.errors import Problem
from amtsbote.model.ids import CaseId, DestinationId, EventId, KeyId, MessageId, PartId
from amtsbote.model.message import Message, MessageKind, Notified


class EventKind(StrEnum):
    """What happened to a message, of whichever kind it is."""

    CREATE = "create"
    SUBMIT = "submit"
    NOTIFY = "notify"
    FORWARD = "forward"
    ACCEPT = "accept"
    REJECT = "reject"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class SaidProblem:
    """A problem in the words of a receiver that has no key to sign with, passed on as they are."""

    type: str
    title: str
    detail: str
    instance: str


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, before a protocol gives it its exact bytes."""

    id: EventId
    case: CaseId
    message: MessageId
    about: MessageKind
    kind: EventKind
    issuer: DestinationId | None
    """The destination that says it, or None when this service says it."""
    at: datetime
    tags: Mapping[PartId, str] = field(default_factory=dict)
    """Authentication tags of all parts, for submit and accept."""
    problems: tuple[Problem | SaidProblem, ...] = ()
    notified: Notified | None = None
    """How the receiver was told, for notify."""

    @classmethod
    def of(
        cls,
        message: Message,
        kind: EventKind,
        *,
        id: EventId,  # noqa: A002  (the word of the value)
        at: datetime,
        issuer: DestinationId | None = None,
        tags: Mapping[PartId, str] | None = None,
        problems: tuple[Problem | SaidProblem, ...] = (),
        notified: Notified | None = None,
    ) -> "Event":
        """An event about `message`."""
        return cls(id, message.case, message.id, message.kind, kind, issuer, at, tags or {}, problems, notified)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event as the store keeps it: the exact payload bytes, and the JWS once it is made."""

    id: EventId
    case: CaseId
    message: MessageId
    kind: EventKind
    at: datetime
    payload: bytes
    key: KeyId
    jws: str | None
