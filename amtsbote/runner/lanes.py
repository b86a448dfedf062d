"""Lanes claim due jobs from the one table and run them, a bounded number at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from amtsbote.api.persistence import Transaction, Unit
from amtsbote.errors import LeaseLost
from amtsbote.model.job import Job, JobKind
from amtsbote.runner.callback import Calling
from amtsbote.runner.clockstep import ClockWatch
from amtsbote.runner.collect import collect_job
from amtsbote.runner.deadlines import deadline_job
from amtsbote.runner.deliver import deliver_job
from amtsbote.runner.expire import expire_job
from amtsbote.runner.process import process_job
from amtsbote.runner.receipts import tell_job
from amtsbote.runner.seats import NotNow
from amtsbote.runner.stuck import hold_stuck, is_stuck
from amtsbote.runner.take import take_job
from amtsbote.runner.workshop import Workshop, log

Run = Callable[[Job, Workshop], Awaitable[None]]
Prepare = Callable[[datetime], Awaitable[None]]

_CONCURRENT_DELIVERIES: Final = 48
"""Three quarters of them are more than two dozen targets that hang can hold (`shares.py`)."""
_CONCURRENT_COLLECTIONS: Final = 16
"""Targets looked at, items tried again, and authorities told, at a time."""
_PROCESS_PER_THREAD: Final = 8
"""More jobs in hand than threads, so that a thread never waits for the store."""
_CONCURRENT_CALLS: Final = 32
_LATER: Final = timedelta(seconds=15)
"""Until a job that found no seat is looked at again."""
_FAREWELL: Final = 1.0
"""Seconds a job that is given up may take to notice."""


async def _nothing(_: datetime) -> None:
    """Jobs are there already."""


class Lane:
    """Some kinds of jobs with so many places. A backlog stays in the table: nothing is claimed without a free place.
    `prepare` makes jobs of what waits elsewhere, before every claim."""

    def __init__(self, kinds: Mapping[JobKind, Run], places: int, shop: Workshop, prepare: Prepare = _nothing) -> None:
        self._kinds = kinds
        self._prepare = prepare
        self._places = places
        self._shop = replace(shop, aside=self._set_aside)
        self._aside = 0
        self._running: dict[asyncio.Task[None], tuple[Job, datetime]] = {}
        """With the time from which on the lease is to be renewed."""
        self._watch = ClockWatch(shop.clock)
        self._woken = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until `stop`, and until the jobs it then still holds have ended: also those of a claim that was under way.
        The timer of the daemon wakes it for jobs that fall due."""
        while not self._stopping:
            self._woken.clear()
            try:
                now = self._shop.clock()
                await self._bring_forward(now)
                await self._renew(now)
                await self._prepare(now)
                claimed = await self._claim(now)
            except Exception:  # noqa: BLE001  (a store in trouble is asked again at the next tick)
                log.exception("claim.failed")
                claimed = ()
            for job in claimed:
                self._start(job, now)
            if not self._stopping and (not claimed or not self._room()):
                await self._woken.wait()
        if self._running:
            await asyncio.wait(self._running)

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._woken.set()

    async def abandon(self) -> None:
        """Give up what still runs, and wait for it a moment; its lease hands it to the next start."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_FAREWELL)

    async def _bring_forward(self, now: datetime) -> None:
        """After the clock was set back: what is to be done soon is soon by the new time, too."""
        step, latest = self._watch.stepped_back(), now + self._shop.lease
        kinds = [kind for kind in self._kinds if kind is not JobKind.EXPIRE]  # a deadline of the sender stays
        if not step:
            return
        log.warning("clock.set_back", seconds=round(step.total_seconds()))

        def unit(tx: Transaction) -> None:
            for kind in kinds:
                tx.jobs.bring_forward(kind, step, now=now, latest=latest)

        await self._shop.store.write(unit)
        self._running.update({task: (job, now) for task, (job, _) in self._running.items()})

    async def _renew(self, now: datetime) -> None:
        """Before every claim and by the same time, so that no job is claimed again while it still runs here."""
        lease = self._shop.lease
        old = {task: job for task, (job, renew) in self._running.items() if renew <= now}
        if not old:
            return

        def unit(tx: Transaction) -> None:
            for job in old.values():
                with suppress(LeaseLost):  # it has just ended, or will find out itself
                    tx.jobs.extend(job, now + lease)

        await self._shop.store.write(unit)
        self._running.update({task: (job, now + lease / 2) for task, job in old.items() if task in self._running})

    async def _claim(self, now: datetime) -> tuple[Job, ...]:
        free = self._room()
        if free == 0:
            return ()
        lease, kinds = self._shop.lease, tuple(self._kinds)
        return await self._shop.store.write(lambda tx: tx.jobs.claim(kinds, free, now=now, lease=lease))

    @contextmanager
    def _set_aside(self) -> Iterator[None]:
        self._aside += 1
        self._woken.set()
        try:
            yield
        finally:
            self._aside -= 1

    def _room(self) -> int:
        """Free places, counted only from a quarter of them on: under load one claim fetches several jobs, and some that
        take very long do not stop the others."""
        free = self._places - len(self._running) + self._aside
        return free if 4 * free >= self._places else 0

    def _start(self, job: Job, now: datetime) -> None:
        """`now` is the time of the claim: a clock that was set forward since must not hide that the lease is old."""
        task = asyncio.create_task(self._one(job), name=f"{job.kind}:{job.reference}")
        self._running[task] = (job, now + self._shop.lease / 2)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._woken.set()

    async def _one(self, job: Job) -> None:
        try:
            await self._kinds[job.kind](job, self._shop)
        except NotNow:
            await self._postpone(job)
        except LeaseLost:
            log.warning("job.lease_lost", kind=job.kind, reference=job.reference, attempt=job.attempt)
        except Exception:  # noqa: BLE001  (whatever went wrong, the job is tried again later)
            log.exception("job.failed", kind=job.kind, reference=job.reference, attempt=job.attempt)
            await self._failed(job)

    async def _failed(self, job: Job) -> None:
        if not is_stuck(job, self._shop):
            await self._give_back(job, self._shop.backoff.wait(job.attempt))
            return
        log.error("job.stuck", kind=job.kind, reference=job.reference, attempt=job.attempt)
        try:
            await hold_stuck(job, self._shop)
        except Exception:  # noqa: BLE001  (the log says it; the job is tried again after the longest wait)
            log.exception("job.not_held", kind=job.kind, reference=job.reference)
            await self._give_back(job, self._shop.backoff.longest)

    async def _postpone(self, job: Job) -> None:
        due = self._shop.clock() + _LATER
        await self._return(job, lambda tx: tx.jobs.postpone(job, due))

    async def _give_back(self, job: Job, wait: timedelta) -> None:
        due = self._shop.clock() + wait
        await self._return(job, lambda tx: tx.jobs.again(job, due))

    async def _return(self, job: Job, unit: Unit[None]) -> None:
        try:
            await self._shop.store.write(unit)
        except Exception:  # noqa: BLE001  (the lease runs out, and the job is tried again then)
            log.exception("job.not_given_back", kind=job.kind, reference=job.reference)


def lanes(shop: Workshop, threads: int) -> tuple[Lane, ...]:
    """Computing, delivering and cleaning up do not take each other's places."""
    return (
        Lane({JobKind.PROCESS: process_job, JobKind.EXPIRE: expire_job}, threads * _PROCESS_PER_THREAD, shop),
        Lane({JobKind.DELIVER: deliver_job}, _CONCURRENT_DELIVERIES, shop),
        Lane({JobKind.DEADLINE: deadline_job}, 1, shop),
        Lane(
            {JobKind.COLLECT: collect_job, JobKind.TAKE: take_job, JobKind.TELL: tell_job},
            _CONCURRENT_COLLECTIONS,
            shop,
        ),
    )


def calling_lane(shop: Workshop, calling: Calling) -> Lane:
    """Receivers that hang take nobody else's place. It needs no waking but by the timer: what a receiver is to be told
    gathers meanwhile."""
    return Lane({JobKind.CALLBACK: calling.run}, _CONCURRENT_CALLS, shop, calling.gather)
