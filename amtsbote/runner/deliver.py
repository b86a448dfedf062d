"""The deliver job: one message to one target, then one commit together with confirm."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from amtsbote.api.adapter import Retry, VerifiedAttachment, VerifiedParts, WorkOrder
from amtsbote.api.envelope import Envelope
from amtsbote.api.persistence import Transaction, Unit
from amtsbote.errors import Damaged
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.event import Event, EventKind, EventRecord
from amtsbote.model.ids import DeadLetterId, DeliveryId, EventId, PartId, PortalId
from amtsbote.model.job import Job
from amtsbote.model.message import DATA, WITHDRAWN, Delivery, DeliveryState, Message, Part, State
from amtsbote.pipeline import Confirmation, Held, Recorder, Tools, confirm_delivery, deliver_message, map_message
from amtsbote.pipeline.deliver import Attempted
from amtsbote.pipeline.map import FAILURE
from amtsbote.pipeline.stages import must_fit
from amtsbote.runner.costly import too_costly
from amtsbote.runner.dossier import Dossier, open_dossier
from amtsbote.runner.seats import NotNow
from amtsbote.runner.workshop import Workshop, concerns, log
from schemas.helpers import HelperFailed

_MAY_HAVE_ARRIVED: Final = frozenset({"timeout", "adapter-failed"})
"""Failures after which the target may have the message, or may still get it."""


@dataclass(frozen=True, slots=True)
class _Consignment:
    """Everything one delivery needs, as the store has it."""

    delivery: Delivery
    message: Message
    parts: Mapping[PartId, Part]
    dossier: bytes


async def deliver_job(job: Job, shop: Workshop) -> None:
    """One attempt at one delivery."""
    consignment = await shop.store.read(lambda tx: _load(tx, DeliveryId(job.reference)))
    concerns(submission=consignment.message.id, case=consignment.message.case)
    if consignment.delivery.state is not DeliveryState.PENDING:
        await shop.store.write(lambda tx: tx.jobs.finish(job))
        log.warning("deliver.not_needed", delivery=job.reference, state=consignment.delivery.state)
        return
    record = shop.recorder(job)
    if consignment.message.state is State.REJECTED:
        await shop.store.write(_after(job, consignment, _not_begun(job), record, shop))
        return
    async with shop.targets.shares.taken(consignment.delivery.target, shop.aside, shop.patience):
        confirmation = await _attempt(job, consignment, record, shop)
    await shop.store.write(_after(job, consignment, confirmation, record, shop), patient=True)
    shop.heard(consignment.message.stage, consignment.delivery.target, _outcome(confirmation))
    log.info(
        "deliver.done",
        message=consignment.message.id,
        delivery=job.reference,
        attempt=job.attempt,
        delivered=confirmation.delivered,
        failure=confirmation.failure,
    )
    shop.wake()


def _not_begun(job: Job) -> Confirmation:
    """Of a copy whose submission was rejected. An earlier attempt may have brought it there."""
    if job.broken_off:
        return Confirmation(held=Reason.DELIVERY_UNKNOWN, failure="crashed")
    return Confirmation(failure=WITHDRAWN)


def _outcome(confirmation: Confirmation) -> str:
    if confirmation.delivered:
        return "delivered"
    return "again" if confirmation.held is None else "held"


async def _attempt(job: Job, consignment: _Consignment, record: Recorder, shop: Workshop) -> Confirmation:
    delivery = consignment.delivery
    if job.broken_off and job.attempt > shop.backoff.attempts:
        # The last attempt took the whole process down: it may have arrived. Where each one had an end, the present
        # limit has been lowered since, and this one is tried like any other.
        return Confirmation(held=Reason.DELIVERY_UNKNOWN, failure="crashed")
    try:
        dossier = open_dossier(consignment.dossier, consignment.message.id, shop.vault)
        attempted = await _hand_over(job, consignment, dossier, record, shop)
    except Damaged:
        return Confirmation(held=Reason.PART_DAMAGED, failure="part-damaged")
    except Held as held:
        return Confirmation(held=held.reason, failure=held.details.get(FAILURE, held.reason))
    except NotNow:
        raise
    except HelperFailed as failed:
        if too_costly(failed, job.attempt):
            return Confirmation(held=Reason.PROCESSING_FAILED, failure=f"mapping-{failed.reason}")
        attempted = Attempted(Retry(f"mapping-{failed.reason}"))
    except Exception:  # noqa: BLE001  (a fault of an adapter costs one attempt of one delivery)
        log.exception("deliver.failed", delivery=delivery.id, attempt=job.attempt)
        attempted = Attempted(Retry("adapter-failed"))
    last = shop.backoff.used_up(job.attempt)
    return record.step("confirm", confirm_delivery, delivery, attempted, last_attempt=last)


async def _hand_over(
    job: Job, consignment: _Consignment, dossier: Dossier, record: Recorder, shop: Workshop
) -> Attempted:
    """Preparing and delivering together end long before the lease does. Raises `Held` for a target of another stage:
    its stage and its options are those of the same directory."""
    tools = shop.tools()
    must_fit(consignment.message, consignment.delivery.target, tools.directory)
    order = _order(job, consignment, dossier, PortalId(tools.directory.clients[consignment.message.sender].owner))
    parts = _verified(consignment, dossier, tools.envelope, shop)
    order, parts = await _suited(order, parts, tools, record, shop)
    try:
        async with asyncio.timeout(shop.lease.total_seconds() / 2):
            ready = await shop.targets.ready(order.target, tools.directory)
            if isinstance(ready, Retry):
                return Attempted(ready)
            attempted = await record.step_async("deliver", deliver_message, order, parts, ready)
    except TimeoutError:
        shop.targets.shares.doubt(order.target)
        return Attempted(Retry("timeout"))
    shop.targets.shares.trust(order.target)
    return attempted


async def _suited(
    order: WorkOrder, parts: VerifiedParts, tools: Tools, record: Recorder, shop: Workshop
) -> tuple[WorkOrder, VerifiedParts]:
    """As the target wants it. Mapped anew at every attempt: nothing is kept of it but at the target."""
    target = tools.directory.targets.get(order.target)
    if target is None or not target.schemas:
        return order, parts
    async with shop.computing.room_for(parts.data_size, shop.aside, shop.patience):
        suited = await shop.computing(record.step, "map", map_message, order, parts, target.schemas, tools.schemas)
    return suited.order, suited.parts


def _load(tx: Transaction, delivery: DeliveryId) -> _Consignment:
    found = tx.deliveries.get(delivery)
    message = tx.messages.get(found.message)
    return _Consignment(found, message, tx.parts.of(message.id), tx.messages.dossier(message.id))


def _order(job: Job, consignment: _Consignment, dossier: Dossier, portal: PortalId) -> WorkOrder:
    message, delivery = consignment.message, consignment.delivery
    return WorkOrder(
        delivery=delivery.id,
        token=job.token,
        message=message.id,
        case=message.case,
        destination=message.destination,
        authority=dossier.further.get(delivery.target, dossier.authority),
        target=delivery.target,
        portal=portal,
        service=message.service,
        service_name=message.service_name,
        region=dossier.region,
        submitted_at=message.submitted_at or message.created_at,
        signature=dossier.signature,
        marked=dossier.marked,
        metadata_version=dossier.metadata_version,
        fully_validated=dossier.fully_validated,
        schema=dossier.schema,
        package=dossier.package,
        sender_reference=dossier.sender_reference,
        kind=message.kind,
        test=message.test,
    )


def _verified(consignment: _Consignment, dossier: Dossier, envelope: Envelope, shop: Workshop) -> VerifiedParts:
    """Readers for the second pass, with the content keys of the first."""

    def reader(part: PartId) -> partial[Iterator[bytes]]:
        stored = shop.parts.submitted(consignment.parts[part])
        return partial(envelope.reread, stored, bytes.fromhex(dossier.content_keys[part]))

    def chained(parts: tuple[PartId, ...]) -> partial[Iterator[bytes]]:
        return partial(_one_after_the_other, tuple(map(reader, parts)))

    attachments = tuple(VerifiedAttachment(about, chained(about.parts)) for about in dossier.attachments)
    return VerifiedParts(reader(DATA), dossier.data_size, dossier.data_sha512, attachments)


def _one_after_the_other(readers: Sequence[Callable[[], Iterator[bytes]]]) -> Iterator[bytes]:
    """The bytes of all of them; each is opened when its turn comes."""
    for reader in readers:
        yield from reader()


def _after(
    job: Job, consignment: _Consignment, confirmation: Confirmation, record: Recorder, shop: Workshop
) -> Unit[None]:
    """One transaction: the end or the return of the job, the delivery, the message, the event."""
    withdrawn = _withdrawn(job, consignment, confirmation, shop)
    if confirmation.delivered:
        accept = _accept_event(consignment, shop) if confirmation.accepted else None
        result = _delivered(job, consignment, accept, shop)
    elif confirmation.held is not None:
        result = _held(job, consignment, confirmation.held, confirmation.failure, shop)
    else:
        result = _again(job, consignment.delivery, confirmation.failure, shop)

    def unit(tx: Transaction) -> None:
        rejected = tx.messages.get(consignment.message.id).state is State.REJECTED
        (withdrawn if rejected and not confirmation.delivered else result)(tx)
        tx.traces.add(consignment.message.id, record.records)

    return unit


def _accept_event(consignment: _Consignment, shop: Workshop) -> EventRecord:
    message = consignment.message
    tags = {part.id: part.tag for part in consignment.parts.values()}
    identifier, now = EventId(shop.new_id()), shop.clock()
    return shop.log.record(
        Event.of(message, EventKind.ACCEPT, id=identifier, at=now, issuer=message.destination, tags=tags)
    )


def _delivered(job: Job, consignment: _Consignment, accept: EventRecord | None, shop: Workshop) -> Unit[None]:
    now = shop.clock()

    def result(tx: Transaction) -> None:
        tx.jobs.finish(job)
        tx.deliveries.move(consignment.delivery.id, DeliveryState.PENDING, DeliveryState.DELIVERED, failure=None)
        if accept is not None:
            tx.messages.move(consignment.message.id, State.DELIVERING, State.ACCEPTED, at=now)
            shop.log.keep(tx, accept, consignment.message)

    return result


def _held(job: Job, consignment: _Consignment, reason: Reason, failure: str, shop: Workshop) -> Unit[None]:
    delivery, now = consignment.delivery, shop.clock()
    details = {"target": delivery.target, "failure": failure, "attempts": str(job.attempt)}
    letter = DeadLetter(
        DeadLetterId(shop.new_id()), delivery.message, delivery.id, delivery.tenant, reason, details, now, job.token
    )

    def result(tx: Transaction) -> None:
        tx.jobs.finish(job)
        tx.deliveries.move(delivery.id, DeliveryState.PENDING, DeliveryState.DEAD, failure=failure)
        tx.deadletters.open(letter)
        if delivery.primary:
            tx.messages.move(delivery.message, State.DELIVERING, State.HELD, at=now)

    return result


def _again(job: Job, delivery: Delivery, failure: str, shop: Workshop) -> Unit[None]:
    due = shop.clock() + shop.backoff.wait(job.attempt)

    def result(tx: Transaction) -> None:
        tx.jobs.again(job, due)
        tx.deliveries.note_failure(delivery.id, failure)

    return result


def _withdrawn(job: Job, consignment: _Consignment, confirmation: Confirmation, shop: Workshop) -> Unit[None]:
    """The end of a copy that did not arrive, or perhaps did, before its submission was rejected."""
    if confirmation.held is Reason.DELIVERY_UNKNOWN or confirmation.failure in _MAY_HAVE_ARRIVED:
        return _held(job, consignment, Reason.DELIVERY_UNKNOWN, confirmation.failure, shop)

    def result(tx: Transaction) -> None:
        tx.jobs.finish(job)
        tx.deliveries.move(consignment.delivery.id, DeliveryState.PENDING, DeliveryState.DEAD, failure=WITHDRAWN)

    return result
