"""Submissions of the past as the question for their authority was asked: what a change of the tables is tried on."""

from collections.abc import Mapping
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
    """The one the tables were asked with, else the one it was announced with."""
    submitted_at: datetime
    stage: Stage
    facts: Mapping[str, str]
    """All that its service package declares, whether or not rules asked for them. Never personal. None of a message
    that was not read so far."""
