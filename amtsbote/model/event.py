"""Entries of a case's event log. On the wire each is a Security Event Token (RFC 8417)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from amtsbote.errors import Problem
from amtsbote.model.ids import CaseId, DestinationId, EventId, KeyId, MessageId, PartId


class EventKind(StrEnum):
    CREATE = "create-submission"
    SUBMIT = "submit-submission"
    ACCEPT = "accept-submission"
    REJECT = "reject-submission"
    DELETE = "delete-submission"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, before a protocol gives it its exact bytes."""

    id: EventId
    case: CaseId
    message: MessageId
    kind: EventKind
    issuer: DestinationId | None
    """The destination that says it, or None when this service says it."""
    at: datetime
    tags: Mapping[PartId, str]
    """Authentication tags of all parts, for submit and accept."""
    problems: tuple[Problem, ...] = ()


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
