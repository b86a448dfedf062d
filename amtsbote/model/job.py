"""Rows of the one job table: whatever must survive a restart."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from amtsbote.model.ids import JobId


class JobKind(StrEnum):
    PROCESS = "process"
    """reference = message id: open, inspect, address."""
    DELIVER = "deliver"
    """reference = delivery id."""
    EXPIRE = "expire"
    """reference = message id: an announced message that was never submitted."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. The claim counted the attempt and raised the fencing token before any work began."""

    id: JobId
    kind: JobKind
    reference: str
    due: datetime
    attempt: int
    token: int
