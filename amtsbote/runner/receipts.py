"""What has become of a reply, for the authority that gave it; and the tell job, which says it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from amtsbote.api.adapter import Retry
from amtsbote.api.envelope import Envelope
from amtsbote.api.persistence import Transaction
from amtsbote.api.returning import Receipt, ReceiptState, Returning
from amtsbote.errors import NotFound
from amtsbote.keys.vault import Vault
from amtsbote.model.event import EventKind
from amtsbote.model.ids import MessageId
from amtsbote.model.job import Job
from amtsbote.runner.origin import Origin, open_origin
from amtsbote.runner.workshop import Workshop, concerns, log

_STATES: Final = {
    EventKind.SUBMIT: ReceiptState.PASSED_ON,
    EventKind.ACCEPT: ReceiptState.ACCEPTED,
    EventKind.REJECT: ReceiptState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reply stands, as its event log has it."""

    state: ReceiptState
    at: datetime
    problems: tuple[str, ...]


def standing_of(tx: Transaction, reply: MessageId, envelope: Envelope) -> Standing | None:
    """None when there is no such reply."""
    told = [event for event in tx.events.of_message(reply) if event.kind in _STATES]
    if not told:
        return None
    last = told[-1]
    problems = envelope.reasons(last.payload) if last.kind is EventKind.REJECT else ()
    return Standing(_STATES[last.kind], last.at, problems)


async def tell_job(job: Job, shop: Workshop) -> None:
    """Tell the authority's software once what the portal has said. Given up when it cannot be told for long: the event
    log has it."""
    reply = MessageId(job.reference)
    concerns(reply=reply)
    tools = shop.tools()
    try:
        receipt, origin = await shop.store.read(partial(receipt_of, reply, shop.vault, tools.envelope))
        stage = (await shop.store.read(lambda tx: tx.messages.get(reply))).stage
    except NotFound:
        await shop.store.write(lambda tx: tx.jobs.finish(job))
        return
    async with asyncio.timeout(shop.lease.total_seconds() / 2):
        adapter = await shop.targets.ready(origin.target, tools.directory)
        failed = await adapter.tell(receipt) if isinstance(adapter, Returning) else adapter
    if isinstance(failed, Retry) and not shop.backoff.used_up(job.attempt):
        due = shop.clock() + shop.backoff.wait(job.attempt)
        log.warning("tell.again", target=origin.target, reason=failed.reason, attempt=job.attempt)
        await shop.store.write(lambda tx: tx.jobs.again(job, due))
        return
    await shop.store.write(lambda tx: tx.jobs.finish(job))
    shop.answered(stage, origin.target, receipt.state)
    if failed is None:
        log.info("tell.done", target=origin.target, state=receipt.state)
    else:
        log.error("tell.given_up", target=origin.target, state=receipt.state)


def receipt_of(reply: MessageId, vault: Vault, envelope: Envelope, tx: Transaction) -> tuple[Receipt, Origin]:
    """Raises `NotFound` when its content is gone: by then it was told long ago."""
    origin, standing = open_origin(tx.messages.dossier(reply), reply, vault), standing_of(tx, reply, envelope)
    if standing is None:
        raise NotFound(reply)
    return Receipt(reply, origin.answers, origin.label, standing.state, standing.at, standing.problems), origin
