"""One item that a target's software gives back: it is passed on or refused, and the software is told."""

import asyncio
from dataclasses import dataclass

from amtsbote.api.adapter import Retry
from amtsbote.api.returning import Receipt, Refusal, Returned, Returning, Shown, Unfit
from amtsbote.api.threads import AllStuck
from amtsbote.errors import ItemChanged, StorageFailed
from amtsbote.model.directory import Target
from amtsbote.model.job import Job
from amtsbote.runner.reply import known, pass_on
from amtsbote.runner.workshop import Workshop, log


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an item is not settled."""

    reason: str
    """A stable English word."""
    decided: bool = False
    """What becomes of it is clear; it is the software that could not be told."""
    ours: bool = False
    """It is no fault of the item."""


async def settle(item: Shown, adapter: Returning, target: Target, job: Job, shop: Workshop) -> Trouble | None:
    """None when it is done. Never raises: it costs this item this attempt."""
    try:
        outcome = await _decided(item, target, job, shop)
    except (StorageFailed, AllStuck) as error:
        log.warning("collect.hindered", target=target.id, reason=type(error).__name__)
        return Trouble(type(error).__name__, ours=True)
    except Exception as error:  # noqa: BLE001  (whatever it is, the others go on)
        log.exception("collect.item_failed", target=target.id)
        outcome = Trouble(_word(error))
    if isinstance(outcome, Trouble):
        shop.answered(target.stage, target.id, "again")
        return outcome
    trouble = await said(outcome, item.item, adapter, target, shop)
    if trouble is None and isinstance(outcome, Refusal):
        shop.answered(target.stage, target.id, "declined")
    return trouble


async def said(
    outcome: Receipt | Refusal, item: str, adapter: Returning, target: Target, shop: Workshop
) -> Trouble | None:
    """Tell the software what has become of an item. None when it knows."""
    try:
        async with asyncio.timeout(shop.patience.total_seconds()):
            failed = await _say(outcome, item, adapter)
    except Exception:  # noqa: BLE001  (a fault of an adapter costs this attempt)
        log.exception("collect.item_failed", target=target.id)
        failed = Retry("adapter-failed")
    if failed is None:
        return None
    log.warning("collect.not_said", target=target.id, reason=failed.reason)
    return Trouble(failed.reason, decided=True)


async def _decided(item: Shown, target: Target, job: Job, shop: Workshop) -> Receipt | Refusal | Trouble:
    """What was passed on once is never refused afterwards, whatever has become of it in its folder."""
    if isinstance(item, Returned):
        return await pass_on(item, target, job, shop)
    receipt = await known(item.item, target, shop)
    if receipt is not None:
        return receipt
    if isinstance(item, Unfit):
        log.warning("collect.unfit", target=target.id, reason=item.refusal.reason)
        return item.refusal
    log.warning("collect.unread", target=target.id, reason=item.reason)
    return Trouble(item.reason)


async def _say(outcome: Receipt | Refusal, item: str, adapter: Returning) -> Retry | None:
    match outcome:
        case Receipt():
            return await adapter.acknowledge(item, outcome)
        case Refusal():
            return await adapter.refuse(item, outcome)


def _word(error: Exception) -> str:
    match error:
        case ItemChanged():
            return "changed"
        case TimeoutError():
            return "timeout"
        case OSError():
            return "disk-error"
        case _:
            return "failed"
