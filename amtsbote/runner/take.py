"""The take job: try again an item that could not be settled when it was collected. It has a row of its own, so that
neither a crash nor another node forgets how often it was tried, and it keeps no other item waiting.

After the last attempt its people read why it was not sent, and the operator is told. It can be given anew then.
"""

import asyncio

from amtsbote.api.adapter import Retry
from amtsbote.api.returning import Returned, Returning, Shown, Unread
from amtsbote.model.directory import Target
from amtsbote.model.ids import TargetId
from amtsbote.model.job import Job
from amtsbote.model.stage import Stage
from amtsbote.runner.collect import LONGEST_WAIT, returning_adapter
from amtsbote.runner.reply import give_up
from amtsbote.runner.settle import Trouble, said, settle
from amtsbote.runner.workshop import Workshop, log


async def take_job(job: Job, shop: Workshop) -> None:
    name, _, item = job.reference.partition(" ")
    directory = shop.tools().directory
    target = directory.targets.get(TargetId(name))
    if target is None or target.id not in await shop.targets.returning(directory):
        await _done(job, shop)
        return
    found = None if target.stage is Stage.OFF else await _shown(item, target, shop)
    if found is None or isinstance(found, Retry):
        await _untried(job, shop)
        return
    adapter, shown = found
    trouble = None if shown is None else await settle(shown, adapter, target, job, shop)
    if shown is None or trouble is None:
        await _done(job, shop)
    elif trouble.ours:
        await _untried(job, shop)
    elif shop.backoff.used_up(job.attempt):
        await _at_the_end(shown, trouble, adapter, target, job, shop)
    else:
        await _again(job, shop)


async def _shown(item: str, target: Target, shop: Workshop) -> tuple[Returning, Shown | None] | Retry:
    """`Retry` where the target itself cannot be asked: that is no fault of the item. One that makes its adapter fail is
    one that cannot be read."""
    try:
        async with asyncio.timeout(shop.lease.total_seconds() / 4):
            adapter = await returning_adapter(target, shop)
    except TimeoutError:
        return Retry("timeout")
    if isinstance(adapter, Retry):
        return adapter
    try:
        async with asyncio.timeout(shop.lease.total_seconds() / 4):
            shown = await adapter.show(item)
    except Exception:  # noqa: BLE001  (a fault of an adapter costs this item this attempt)
        log.exception("collect.failed", target=target.id)
        shown = Unread(item, item, "adapter-failed")
    return shown if isinstance(shown, Retry) else (adapter, shown)


async def _at_the_end(
    item: Shown, trouble: Trouble, adapter: Returning, target: Target, job: Job, shop: Workshop
) -> None:
    """What was decided is said again and again, for it holds; everything else is given up."""
    if trouble.decided:
        log.error("collect.unsaid", target=target.id, reason=trouble.reason, attempt=job.attempt)
        await _again(job, shop)
        return
    refusal = await give_up(item if isinstance(item, Returned) else None, target, job, shop)
    log.error("collect.given_up", target=target.id, reason=trouble.reason, attempt=job.attempt)
    if await said(refusal, item.item, adapter, target, shop) is not None:
        await _again(job, shop)
        return
    shop.answered(target.stage, target.id, "given-up")
    await _done(job, shop)


async def _done(job: Job, shop: Workshop) -> None:
    await shop.store.write(lambda tx: tx.jobs.finish(job))


async def _again(job: Job, shop: Workshop) -> None:
    due = shop.clock() + shop.backoff.wait(job.attempt)
    await shop.store.write(lambda tx: tx.jobs.again(job, due))


async def _untried(job: Job, shop: Workshop) -> None:
    due = shop.clock() + max(shop.collect_interval, LONGEST_WAIT)
    await shop.store.write(lambda tx: tx.jobs.postpone(job, due))
