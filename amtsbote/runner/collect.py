"""The collect job: pick up what the software behind a target gives back. A row of its own for each such target, which
comes back again and again."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from amtsbote.api.adapter import Adapter, Retry
from amtsbote.api.persistence import Store, Transaction
from amtsbote.api.returning import Returning, Shown
from amtsbote.model.directory import Directory, Target
from amtsbote.model.ids import TargetId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.stage import Stage
from amtsbote.runner.settle import settle
from amtsbote.runner.targets import Targets
from amtsbote.runner.workshop import Workshop, log

AT_ONCE: Final = 20
"""Items of one look; the rest comes with the next, at once."""
LONGEST_WAIT: Final = timedelta(minutes=5)
"""Until a target that cannot be looked at is looked at again."""


class CollectionWatch:
    """Sees to it that every target has its row whose software can give something back."""

    def __init__(
        self, store: Store, targets: Targets, directory: Callable[[], Directory], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._targets = targets
        self._directory = directory
        self._clock = clock
        self._seen: int | None = None
        """Revision of the directory at the last look."""

    async def look(self) -> None:
        """Add the rows that are missing, when the directory has changed. Raises `StorageFailed`."""
        directory, now = self._directory(), self._clock()
        if directory.revision == self._seen:
            return
        targets = await self._targets.returning(directory)

        def unit(tx: Transaction) -> None:
            for target in targets:
                tx.jobs.add(JobKind.COLLECT, target, now)

        if targets:
            await self._store.write(unit, patient=True)
        self._seen = directory.revision


async def collect_job(job: Job, shop: Workshop) -> None:
    """What cannot be settled now rests in a take job of its own, so that it keeps no other item from being seen."""
    directory = shop.tools().directory
    target = directory.targets.get(TargetId(job.reference))
    if target is None or target.id not in await shop.targets.returning(directory):
        await shop.store.write(lambda tx: _end(tx, job, directory, shop))
        return
    if target.stage is Stage.OFF:
        await _later(job, shop, shop.collect_interval)
        return
    found = await _look(target, shop)
    if isinstance(found, Retry):
        log.warning("collect.again", target=target.id, reason=found.reason, attempt=job.attempt)
        due = shop.clock() + max(shop.collect_interval, min(LONGEST_WAIT, shop.backoff.wait(job.attempt)))
        await shop.store.write(lambda tx: tx.jobs.again(job, due))
        return
    adapter, items = found
    troubles = {item.item: await settle(item, adapter, target, job, shop) for item in items}
    resting = [item for item, trouble in troubles.items() if trouble is not None and not trouble.ours]
    more = len(items) == AT_ONCE and not any(trouble is not None and trouble.ours for trouble in troubles.values())
    await _later(job, shop, timedelta(0) if more else shop.collect_interval, resting)


async def _look(target: Target, shop: Workshop) -> tuple[Returning, Sequence[Shown]] | Retry:
    try:
        async with asyncio.timeout(shop.lease.total_seconds() / 2):
            adapter = await returning_adapter(target, shop)
            if isinstance(adapter, Retry):
                return adapter
            found = await adapter.collect(AT_ONCE, await _resting(target, shop))
    except TimeoutError:
        return Retry("timeout")
    except Exception:  # noqa: BLE001  (a fault of an adapter costs one look)
        log.exception("collect.failed", target=target.id)
        return Retry("adapter-failed")
    return found if isinstance(found, Retry) else (adapter, found)


async def returning_adapter(target: Target, shop: Workshop) -> Returning | Retry:
    """The adapter of a target whose software gives something back, or why it cannot be asked now."""
    adapter: Adapter | Retry = await shop.targets.ready(target.id, shop.tools().directory)
    return adapter if isinstance(adapter, Retry | Returning) else Retry("target-removed")


async def _resting(target: Target, shop: Workshop) -> Collection[str]:
    beginning = take_reference(target.id, "")
    references = await shop.store.read(lambda tx: tx.jobs.references(JobKind.TAKE, beginning))
    return {reference.removeprefix(beginning) for reference in references}


def take_reference(target: str, item: str) -> str:
    """Ids of targets have no space."""
    return f"{target} {item}"


async def _later(job: Job, shop: Workshop, wait: timedelta, resting: Sequence[str] = ()) -> None:
    """A look that went well begins a new row, so that attempts are counted from the last one on."""
    now = shop.clock()

    def unit(tx: Transaction) -> None:
        tx.jobs.finish(job)
        tx.jobs.add(JobKind.COLLECT, job.reference, now + wait, after=job.token)
        for item in resting:
            tx.jobs.add(JobKind.TAKE, take_reference(job.reference, item), now + shop.backoff.wait(1))

    await shop.store.write(unit)


def _end(tx: Transaction, job: Job, directory: Directory, shop: Workshop) -> None:
    """Nothing comes back from this target, unless the directory has changed since we looked at it."""
    if tx.directory.revision() == directory.revision:
        tx.jobs.finish(job)
    else:
        tx.jobs.again(job, shop.clock() + shop.collect_interval)
