"""The one job table. A lease is a moment and a fencing token; whoever holds an older token writes nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from amtsbote.api.persistence import Queue
from amtsbote.errors import LeaseLost, NotFound
from amtsbote.model.job import Job, JobKind
from amtsbote.store.ports.columns import json, moment, time
from amtsbote.store.ports.session import Session


class Jobs:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, kind: JobKind, reference: str, due: datetime, *, after: int = 0) -> None:
        """Raises `NotFound` when the reference is outside the scope: a job is never silently not there."""
        if self._session.change("job_add", kind=kind.value, reference=reference, due=moment(due), token=after):
            return
        if self._session.first("job_exists", kind=kind.value, reference=reference) is None:
            raise NotFound(reference)

    def claim(self, kinds: Sequence[JobKind], limit: int, *, now: datetime, lease: timedelta) -> tuple[Job, ...]:
        rows = self._session.rows(
            "job_claim", kinds=json(kinds), limit=limit, now=moment(now), lease_until=moment(now + lease)
        )
        rows.sort(key=lambda row: (row[3], row[0]))
        return tuple(
            Job(number, JobKind(kind), reference, time(due), attempt, token, ended)
            for number, kind, reference, due, attempt, token, ended in rows
        )

    def references(self, kind: JobKind, beginning: str) -> frozenset[str]:
        named = {"kind": kind.value, "beginning": beginning, "length": len(beginning)}
        return frozenset(reference for (reference,) in self._session.rows("job_references", **named))

    def finish(self, job: Job) -> None:
        if not self._session.change("job_finish", number=job.id, token=job.token):
            raise LeaseLost(job.reference)

    def again(self, job: Job, due: datetime) -> None:
        if not self._session.change("job_again", number=job.id, token=job.token, due=moment(due)):
            raise LeaseLost(job.reference)

    def extend(self, job: Job, until: datetime) -> None:
        if not self._session.change("job_extend", number=job.id, token=job.token, until=moment(until)):
            raise LeaseLost(job.reference)

    def postpone(self, job: Job, due: datetime) -> None:
        if not self._session.change("job_postpone", number=job.id, token=job.token, due=moment(due)):
            raise LeaseLost(job.reference)

    def drop(self, kind: JobKind, reference: str) -> None:
        self._session.change("job_drop", kind=kind.value, reference=reference)

    def bring_forward(self, kind: JobKind, step: timedelta, *, now: datetime, latest: datetime) -> None:
        by = moment(now) - moment(now - step)
        self._session.change("job_bring_forward", kind=kind.value, by=by, now=moment(now))
        self._session.change("job_shorten_leases", kind=kind.value, latest=moment(latest))

    def withdraw(self, kind: JobKind, reference: str) -> bool:
        return self._session.change("job_withdraw", kind=kind.value, reference=reference) > 0

    def release(self) -> int:
        return self._session.change("job_release")

    def counts(self) -> Mapping[JobKind, int]:
        """Every kind, also those without a job."""
        counted: dict[str, int] = dict(self._session.rows("job_counts"))
        return {kind: counted.get(kind.value, 0) for kind in JobKind}

    def waiting(self, now: datetime) -> Mapping[JobKind, Queue]:
        found = {kind: (count, oldest) for kind, count, oldest in self._session.rows("job_waiting", now=moment(now))}
        queues = ((kind, found.get(kind.value, (0, None))) for kind in JobKind)
        return {kind: Queue(count, None if oldest is None else time(oldest)) for kind, (count, oldest) in queues}
