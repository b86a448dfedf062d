"""Submissions of the past as the question for their authority was asked: what a change of the tables is tried on."""

from dataclasses import dataclass
from datetime import datetime

from amtsbote.model.ids import DestinationId, MessageId, TenantId
from amtsbote.model.stage import Stage


@dataclass(frozen=True, slots=True)
class PastSubmission:
    """Without content, and without anything a person wrote."""

    number: int
    """Ascends with the announcement; to go on from."""
    id: MessageId
    tenant: TenantId
    destination: DestinationId
    service: str
    region: str | None
    """The one it was addressed by, else the one it was announced with."""
    submitted_at: datetime
    stage: Stage
