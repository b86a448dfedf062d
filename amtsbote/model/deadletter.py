"""Klärungsfälle: what needs a person, with owner and reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from amtsbote.model.ids import DeadLetterId, DeliveryId, MessageId, TenantId


class Reason(StrEnum):
    """Why a person is needed. The German and English sentences are in the text catalogue."""

    NOBODY_COMPETENT = "nobody-competent"
    SEVERAL_COMPETENT = "several-competent"
    REGION_UNKNOWN = "region-unknown"
    REGION_DISAGREES = "region-disagrees"
    AUTHORITY_DISAGREES = "authority-disagrees"
    TENANT_NOT_SERVED = "tenant-not-served"
    NO_TARGET = "no-target"
    WRONG_STAGE = "wrong-stage"
    SIGNATURE = "signature"
    PROCESSING_FAILED = "processing-failed"
    PART_DAMAGED = "part-damaged"
    DELIVERY_REFUSED = "delivery-refused"
    DELIVERY_UNKNOWN = "delivery-unknown"
    ATTEMPTS_USED_UP = "attempts-used-up"
    REPLY_IMPOSSIBLE = "reply-impossible"
    """The authority has answered, and the portal cannot be reached with it. The message itself goes its way."""


class Settlement(StrEnum):
    """How a person has settled it."""

    RETRIED = "retried"
    REJECTED = "rejected"
    ASSIGNED = "assigned"
    DROPPED = "dropped"
    """A copy that its target never gets."""


class LetterAction(StrEnum):
    """What a person did with it: one line of its history each."""

    NOTED = "noted"
    HANDED_OVER = "handed-over"
    RETRIED = "retried"
    REJECTED = "rejected"
    ASSIGNED = "assigned"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class LetterEntry:
    """One line of the history of a Klärungsfall."""

    at: datetime
    actor: str
    """As in the audit: `uid:<n>` for a local person."""
    action: LetterAction
    text: str
    """The person's own words."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The open ones of one reason."""

    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    id: DeadLetterId
    message: MessageId
    delivery: DeliveryId | None
    tenant: TenantId
    """Whose operator has to look."""
    reason: Reason
    details: Mapping[str, str]
    """Facts without personal data: rule, candidates, error code."""
    opened_at: datetime
    token: int = 0
    """Fencing token of the last attempt at the delivery: a retry begins above it."""
    owner: str | None = None
    """The person or team that takes care of it."""
    settled_at: datetime | None = None
    settlement: Settlement | None = None
    """None as long as it is open."""
