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
    SIGNATURE = "signature"
    PROCESSING_FAILED = "processing-failed"
    PART_DAMAGED = "part-damaged"
    DELIVERY_REFUSED = "delivery-refused"
    DELIVERY_UNKNOWN = "delivery-unknown"
    ATTEMPTS_USED_UP = "attempts-used-up"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    id: DeadLetterId
    message: MessageId
    delivery: DeliveryId | None
    tenant: TenantId
    """The owner: whose operator has to look."""
    reason: Reason
    details: Mapping[str, str]
    """Facts without personal data: rule, candidates, error code."""
    opened_at: datetime
