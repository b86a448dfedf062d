"""The last resort for a job that fails before or after its work, where its own way to a person does not reach."""

from typing import Final

from amtsbote.api.persistence import Transaction
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.ids import DeadLetterId, DeliveryId, MessageId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import DeliveryState, State
from amtsbote.runner.workshop import Workshop

_SPARE: Final = 3


def is_stuck(job: Job, shop: Workshop) -> bool:
    """More attempts than any job needs that can still write its own end."""
    return job.kind in _HOLD and job.attempt > shop.backoff.attempts + _SPARE


async def hold_stuck(job: Job, shop: Workshop) -> None:
    """End the job with a Klärungsfall, knowing its reference alone. Raises whatever stands in the way of that too."""
    await shop.store.write(lambda tx: _HOLD[job.kind](tx, job, shop))


def _hold_message(tx: Transaction, job: Job, shop: Workshop) -> None:
    message, now = tx.messages.get(MessageId(job.reference)), shop.clock()
    tx.jobs.finish(job)
    tx.messages.move(message.id, State.SUBMITTED, State.HELD, at=now)
    new, reason, details = DeadLetterId(shop.new_id()), Reason.PROCESSING_FAILED, {"error": "stuck"}
    tx.deadletters.open(DeadLetter(new, message.id, None, message.tenant, reason, details, now))


def _hold_delivery(tx: Transaction, job: Job, shop: Workshop) -> None:
    """It may have arrived: perhaps only writing that down has failed."""
    delivery, now = tx.deliveries.get(DeliveryId(job.reference)), shop.clock()
    tx.jobs.finish(job)
    tx.deliveries.move(delivery.id, DeliveryState.PENDING, DeliveryState.DEAD, failure="stuck")
    if delivery.primary:
        tx.messages.move(delivery.message, State.DELIVERING, State.HELD, at=now)
    new, details = DeadLetterId(shop.new_id()), {"target": delivery.target, "failure": "stuck"}
    reason, token = Reason.DELIVERY_UNKNOWN, job.token
    tx.deadletters.open(DeadLetter(new, delivery.message, delivery.id, delivery.tenant, reason, details, now, token))


_HOLD: Final = {JobKind.PROCESS: _hold_message, JobKind.DELIVER: _hold_delivery}
