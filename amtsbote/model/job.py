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
    COLLECT = "collect"
    """reference = target id: pick up what its software gives back. Reschedules itself."""
    TAKE = "take"
    """reference = target id, a space, and the id of an item that could not be settled when it was collected."""
    TELL = "tell"
    """reference = message id: tell the authority what has become of its reply."""
    CALLBACK = "callback"
    """reference = receiver id: tell it what has gathered."""
    DEADLINE = "deadline"
    """reference = destination id: what waits too long there, and what has been kept long enough."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. The claim counted the attempt and raised the fencing token before any work began."""

    id: JobId
    kind: JobKind
    reference: str
    due: datetime
    attempt: int
    token: int
    ended: int = 0
    """The last attempt that was given back with its end known."""

    @property
    def broken_off(self) -> bool:
        """Nobody knows how the attempt before this one ended."""
        return self.attempt > self.ended + 1
