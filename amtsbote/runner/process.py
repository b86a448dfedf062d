"""The process job: open, inspect, address in one call on a computing thread, then one commit."""

from collections.abc import Sequence
from dataclasses import dataclass

from amtsbote.api.envelope import Trust
from amtsbote.api.persistence import Transaction, Unit
from amtsbote.errors import Damaged, Rejected, StorageFailed
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.directory import Directory
from amtsbote.model.event import Event, EventKind
from amtsbote.model.ids import DeadLetterId, DeliveryId, EventId, MessageId, PortalId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Assignment, CaseNote, Delivery, DeliveryState, Message, MessageKind, Part, State
from amtsbote.pipeline import Addressed, Held, Recorder, Submitted, Tools, process
from amtsbote.pipeline.open import Followed
from amtsbote.runner.costly import too_costly
from amtsbote.runner.dossier import Dossier, close_dossier
from amtsbote.runner.seats import NotNow
from amtsbote.runner.workshop import Workshop, concerns, log

Outcome = Addressed | Rejected | Held


@dataclass(frozen=True, slots=True)
class _Stored:
    """A message as the store has it."""

    message: Message
    parts: Sequence[Part]
    assignment: Assignment | None
    follows: Followed | None


async def process_job(job: Job, shop: Workshop) -> None:
    """Take one submitted message as far as its deliveries, a reject event, or a person."""
    concerns(submission=job.reference)
    stored = await shop.store.read(lambda tx: _load(tx, MessageId(job.reference)))
    message = stored.message
    concerns(case=message.case)
    if message.state is not State.SUBMITTED:
        await shop.store.write(lambda tx: tx.jobs.finish(job))
        log.warning("process.not_needed", state=message.state)
        return
    record = shop.recorder(job)
    if job.broken_off and job.attempt > shop.backoff.attempts:  # the last attempt took the whole process down
        await shop.store.write(_hold_failed(job, message, "Crashed", record, shop))
        return
    try:
        result = await _attempt(job, stored, record, shop)
    except NotNow:
        raise
    except Exception as error:  # noqa: BLE001  (whatever it is, it costs this message one attempt and no more)
        log.exception("process.failed", attempt=job.attempt)
        result = _after_failure(job, message, error, record, shop)
    await shop.store.write(result, patient=True)
    shop.wake()


async def _attempt(job: Job, stored: _Stored, record: Recorder, shop: Workshop) -> Unit[None]:
    message = stored.message
    async with shop.computing.room_for(sum(part.size for part in stored.parts), shop.aside, shop.patience):
        tools = shop.tools()
        submitted = _submitted(stored, tools.directory, shop)
        try:
            outcome = await shop.computing(settle, submitted, tools, record)
        except StorageFailed as failed:  # nothing was read, so nothing is said of the message
            log.warning("process.not_read", because=str(failed))
            raise NotNow from failed
    log.info("process.done", outcome=type(outcome).__name__.lower(), attempt=job.attempt)
    return _after(job, message, outcome, record, shop)


def settle(submitted: Submitted, tools: Tools, record: Recorder) -> Outcome:
    """The three steps, with the two ways to leave early as values."""
    try:
        return process(submitted, tools, record)
    except (Rejected, Held) as early:
        return early
    except Damaged as damaged:
        return Held(Reason.PART_DAMAGED, {"what": str(damaged)})


def _load(tx: Transaction, message: MessageId) -> _Stored:
    parts = tuple(tx.parts.of(message).values())
    found = tx.messages.get(message)
    return _Stored(found, parts, tx.messages.assignment(message), _followed(tx, found))


def _followed(tx: Transaction, message: Message) -> Followed | None:
    """The latest message of the case that has been addressed says where a reply goes."""
    if message.kind is not MessageKind.REPLY:
        return None
    earlier = next(((name, note) for name, note in tx.messages.notes(message.case) if name != message.id), None)
    if earlier is None:
        return None
    name, note = earlier
    deliveries = sorted(tx.deliveries.of(name), key=lambda one: not one.primary)
    return Followed(note.authority, note.region, tuple(one.target for one in deliveries))


def _submitted(stored: _Stored, directory: Directory, shop: Workshop) -> Submitted:
    message, readers = stored.message, {part.id: shop.parts.submitted(part) for part in stored.parts}
    portal = directory.portals[PortalId(directory.clients[message.sender].owner)]
    destination = directory.destinations[message.destination]
    trust = Trust(portal.signing_keys)
    return Submitted(message, destination, readers, trust, stored.assignment, stored.follows)


def _after(job: Job, message: Message, outcome: Outcome, record: Recorder, shop: Workshop) -> Unit[None]:
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


def _addressed(message: Message, addressed: Addressed, shop: Workshop) -> Unit[None]:
    deliveries = [
        Delivery(
            DeliveryId(shop.new_id()),
            message.id,
            one.authority.tenant,
            one.target,
            number == 0,
            DeliveryState.PENDING,
        )
        for number, one in enumerate(addressed.consignees)
    ]
    dossier = close_dossier(Dossier.of(addressed), message.id, shop.vault)
    note = CaseNote(addressed.authority.id, addressed.region, addressed.content.reply_channel)
    now = shop.clock()

    def result(tx: Transaction) -> None:
        tx.messages.move(message.id, State.SUBMITTED, State.DELIVERING, at=now)
        tx.messages.keep_dossier(message.id, dossier)
        tx.messages.note(message.id, note)
        tx.messages.keep_facts(message.id, addressed.inspection.facts)
        tx.deliveries.add(deliveries)
        for delivery in deliveries:
            tx.jobs.add(JobKind.DELIVER, delivery.id, now)

    return result


def _rejected(message: Message, rejected: Rejected, shop: Workshop) -> Unit[None]:
    now = shop.clock()
    event = Event.of(
        message,
        EventKind.REJECT,
        id=EventId(shop.new_id()),
        at=now,
        issuer=message.destination,
        problems=rejected.problems,
    )
    entry = shop.log.record(event)

    def result(tx: Transaction) -> None:
        tx.messages.move(message.id, State.SUBMITTED, State.REJECTED, at=now)
        shop.log.keep(tx, entry, message)

    return result


def _held(message: Message, held: Held, shop: Workshop) -> Unit[None]:
    now = shop.clock()
    letter = DeadLetter(DeadLetterId(shop.new_id()), message.id, None, message.tenant, held.reason, held.details, now)

    def result(tx: Transaction) -> None:
        tx.messages.move(message.id, State.SUBMITTED, State.HELD, at=now)
        tx.deadletters.open(letter)
        if held.facts is not None:
            tx.messages.keep_facts(message.id, held.facts)

    return result


def _after_failure(job: Job, message: Message, error: Exception, record: Recorder, shop: Workshop) -> Unit[None]:
    if shop.backoff.used_up(job.attempt) or too_costly(error, job.attempt):
        return _hold_failed(job, message, type(error).__name__, record, shop)
    due = shop.clock() + shop.backoff.wait(job.attempt)

    def unit(tx: Transaction) -> None:
        tx.jobs.again(job, due)
        tx.traces.add(message.id, record.records)

    return unit


def _hold_failed(job: Job, message: Message, error: str, record: Recorder, shop: Workshop) -> Unit[None]:
    return _after(job, message, Held(Reason.PROCESSING_FAILED, {"error": error}), record, shop)
