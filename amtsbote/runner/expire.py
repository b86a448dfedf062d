"""The expire job: an announced message that nobody completed is deleted, with an event that says so."""

from amtsbote.api.persistence import Transaction
from amtsbote.model.event import Event, EventKind
from amtsbote.model.ids import CaseId, EventId, MessageId
from amtsbote.model.job import Job
from amtsbote.model.message import State
from amtsbote.runner.workshop import Workshop, concerns, log


async def expire_job(job: Job, shop: Workshop) -> None:
    """Drop the parts and write the delete event. A submit that was faster has removed this job."""
    concerns(submission=job.reference)
    now = shop.clock()
    event = EventId(shop.new_id())

    def unit(tx: Transaction) -> tuple[CaseId, tuple[str, ...]]:
        tx.jobs.finish(job)
        message = tx.messages.get(MessageId(job.reference))
        tx.messages.move(message.id, State.ANNOUNCED, State.EXPIRED, at=now)
        shop.log.write_own(tx, Event.of(message, EventKind.DELETE, id=event, at=now), message)
        return message.case, tx.parts.drop(message.id)

    case, files = await shop.store.write(unit)
    concerns(case=case)
    await shop.parts.forget(*files)
    log.info("expire.done")
    shop.wake()
