"""The process job: open, inspect, address in one call on a computing thread, then one commit."""

from collections.abc import Callable

from amtsbote.api.envelope import Trust
from amtsbote.api.persistence import Transaction
from amtsbote.errors import Damaged, Rejected
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.directory import Directory
from amtsbote.model.event import Event, EventKind
from amtsbote.model.ids import DeadLetterId, DeliveryId, EventId, MessageId, PortalId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Delivery, DeliveryState, Message, State
from amtsbote.pipeline import Addressed, Held, Recorder, Submitted, Tools, process
from amtsbote.runner.dossier import Dossier, close_dossier
from amtsbote.runner.workshop import Workshop, log

Outcome = Addressed | Rejected | Held


async def process_job(job: Job, shop: Workshop) -> None:
    """Take one submitted message as far as its deliveries, a reject event, or a person."""
    tools = shop.tools()
    submitted = await shop.store.read(lambda tx: _load(tx, MessageId(job.reference), shop, tools.directory))
    record = shop.recorder(job)
    if job.attempt > shop.backoff.attempts:  # every attempt so far took the whole process down
        await shop.store.write(_after_failure(job, submitted.message, "Crashed", record, shop))
        return
    size = sum(part.size for part in submitted.parts.values())
    try:
        outcome: Outcome = await shop.computing.sized(size, settle, submitted, tools, record)
    except Exception as error:  # noqa: BLE001  (whatever it is, it costs this message one attempt and no more)
        log.exception("process.failed", message=job.reference, attempt=job.attempt)
        await shop.store.write(_after_failure(job, submitted.message, type(error).__name__, record, shop))
        return
    await shop.store.write(_after(job, submitted.message, outcome, record, shop), patient=True)
    log.info("process.done", message=job.reference, outcome=type(outcome).__name__.lower(), attempt=job.attempt)
    shop.wake()


def settle(submitted: Submitted, tools: Tools, record: Recorder) -> Outcome:
    """The three steps, with the two ways to leave early as values."""
    try:
        return process(submitted, tools, record)
    except (Rejected, Held) as early:
        return early
    except Damaged as damaged:
        return Held(Reason.PART_DAMAGED, {"what": str(damaged)})


def _load(tx: Transaction, message: MessageId, shop: Workshop, directory: Directory) -> Submitted:
    found = tx.messages.get(message)
    parts = {part.id: shop.parts.submitted(part) for part in tx.parts.of(message).values()}
    portal = directory.portals.get(PortalId(directory.clients[found.sender].owner))
    trust = Trust(portal.signing_keys if portal else {})
    return Submitted(found, directory.destinations[found.destination], parts, trust)


def _after(
    job: Job, message: Message, outcome: Outcome, record: Recorder, shop: Workshop
) -> Callable[[Transaction], None]:
    """One transaction: the end of the job, state, events, deliveries."""
    match outcome:
        case Addressed():
            result = _addressed(message, outcome, shop)
        case Rejected():
            result = _rejected(message, outcome, shop)
        case Held():
            result = _held(message, outcome, shop)

    def unit(tx: Transaction) -> None:
        tx.jobs.finish(job)
        tx.traces.add(message.id, record.records)
        result(tx)

    return unit


def _addressed(message: Message, addressed: Addressed, shop: Workshop) -> Callable[[Transaction], None]:
    deliveries = [
        Delivery(
            DeliveryId(shop.new_id()),
            message.id,
            addressed.authority.tenant,
            target,
            number == 0,
            DeliveryState.PENDING,
        )
        for number, target in enumerate(addressed.targets)
    ]
    dossier = close_dossier(Dossier.of(addressed), message.id, shop.vault)
    now = shop.clock()

    def result(tx: Transaction) -> None:
        tx.messages.move(message.id, State.SUBMITTED, State.DELIVERING, at=now)
        tx.messages.keep_dossier(message.id, dossier)
        tx.deliveries.add(deliveries)
        for delivery in deliveries:
            tx.jobs.add(JobKind.DELIVER, delivery.id, now)

    return result


def _rejected(message: Message, rejected: Rejected, shop: Workshop) -> Callable[[Transaction], None]:
    now = shop.clock()
    event = Event(
        EventId(shop.new_id()),
        message.case,
        message.id,
        EventKind.REJECT,
        message.destination,
        now,
        {},
        rejected.problems,
    )
    entry = shop.log.record(event)

    def result(tx: Transaction) -> None:
        tx.messages.move(message.id, State.SUBMITTED, State.REJECTED, at=now)
        tx.events.add(entry)

    return result


def _held(message: Message, held: Held, shop: Workshop) -> Callable[[Transaction], None]:
    now = shop.clock()
    letter = DeadLetter(DeadLetterId(shop.new_id()), message.id, None, message.tenant, held.reason, held.details, now)

    def result(tx: Transaction) -> None:
        tx.messages.move(message.id, State.SUBMITTED, State.HELD, at=now)
        tx.deadletters.open(letter)

    return result


def _after_failure(
    job: Job, message: Message, error: str, record: Recorder, shop: Workshop
) -> Callable[[Transaction], None]:
    if shop.backoff.used_up(job.attempt):
        return _after(job, message, Held(Reason.PROCESSING_FAILED, {"error": error}), record, shop)
    due = shop.clock() + shop.backoff.wait(job.attempt)

    def unit(tx: Transaction) -> None:
        tx.jobs.again(job, due)
        tx.traces.add(message.id, record.records)

    return unit
