"""What every job works with."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from amtsbote.api.operations import Around
from amtsbote.api.persistence import Store
from amtsbote.keys.vault import Vault
from amtsbote.mailroom.desk import Limits
from amtsbote.mailroom.eventlog import EventLog
from amtsbote.mailroom.parts import PartRoom
from amtsbote.model.ids import KeyId
from amtsbote.model.job import Job
from amtsbote.model.stage import Stage
from amtsbote.pipeline import Recorder, Tools
from amtsbote.runner.backoff import Backoff
from amtsbote.runner.computing import Computing
from amtsbote.runner.reminders import Reminders
from amtsbote.runner.seats import Aside
from amtsbote.runner.targets import Targets

log = structlog.get_logger("amtsbote.runner")


def concerns(**ids: str) -> None:
    """From here on every log line of this job names what it concerns: `submission`, `case`. A job is a task of its own,
    so nothing has to be taken back."""
    structlog.contextvars.bind_contextvars(**ids)


def unheard(stage: Stage, target: str, outcome: str) -> None:
    """For a house without metrics."""


@dataclass(frozen=True, slots=True)
class Workshop:
    store: Store
    parts: PartRoom
    log: EventLog
    vault: Vault
    computing: Computing
    targets: Targets
    tools: Callable[[], Tools]
    """The tools as they are now: one snapshot per message."""
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    backoff: Backoff
    lease: timedelta
    around: Around
    limits: Limits
    sign: Callable[[KeyId, bytes], bytes]
    """Signs with a destination's key, PS512; computes."""
    collect_interval: timedelta
    """Between two looks at what a target gives back."""
    wake: Callable[[], None]
    """Tells lanes and signer that something was committed that concerns them."""
    heard: Callable[[Stage, str, str], None] = unheard
    """Told of every attempt at a delivery: stage of the message, target, and `delivered`, `again` or `held`."""
    answered: Callable[[Stage, str, str], None] = unheard
    """Told of every answer of an authority: stage, target, and `passed-on`, `declined`, `again` or `given-up`; later
    `accepted` or `rejected`, as the portal decides."""
    reminders: Reminders = field(default_factory=Reminders)
    aside: Aside = nullcontext
    """Every lane sets its own."""

    @property
    def patience(self) -> timedelta:
        """How long a job may wait for a seat: the rest of its lease is for its work."""
        return self.lease / 4

    def recorder(self, job: Job) -> Recorder:
        return Recorder(self.clock, job.attempt, self.around)
