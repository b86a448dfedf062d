"""What a person decides about a Klärungsfall: units for `store.write`, each one commit with history and audit.

Whoever comes second meets a settled letter (`CommandRefused`) or, at the same moment, `StaleState`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import AuditRow, Transaction, Unit
from amtsbote.errors.table import REJECTED_BY_PERSON
from amtsbote.mailroom.eventlog import recorded
from amtsbote.mailroom.telling import write_event
from amtsbote.model.deadletter import DeadLetter, LetterAction, LetterEntry, Reason, Settlement
from amtsbote.model.directory import Directory
from amtsbote.model.event import Event, EventKind
from amtsbote.model.ids import AuthorityId, DeadLetterId, EventId, TargetId
from amtsbote.model.job import JobKind
from amtsbote.model.message import WITHDRAWN, Assignment, DeliveryState, Message, State
from amtsbote.model.shown import jsonable
from amtsbote.pipeline.address import reachable


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides what about which letter, and why."""

    letter: DeadLetterId
    actor: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person sends a message; at least one is named."""

    authority: AuthorityId | None = None
    target: TargetId | None = None
    region: str | None = None


def retrying(decision: Decision) -> Unit[None]:
    """Back to where it was: process again, or try the delivery again with the same key and newer tokens."""

    def unit(tx: Transaction) -> None:
        letter = _open_letter(tx, decision.letter)
        message = tx.messages.get(letter.message)
        if letter.delivery is None:
            _process_again(tx, message, decision.at)
        else:
            _deliver_again(tx, letter, message, decision.at)
        _settle(tx, letter, Settlement.RETRIED, decision)

    return unit


def rejecting(decision: Decision, event: EventId, say: Callable[[Event], bytes]) -> Unit[None]:
    """The end of the submission, with an event its portal can read. `say` makes the event's payload bytes."""

    def unit(tx: Transaction) -> None:
        message = tx.messages.get(_open_letter(tx, decision.letter).message)
        if message.state is not State.HELD:
            raise CommandRefused("wrong-state", "office.letter-not-held", id=decision.letter)
        tx.messages.move(message.id, State.HELD, State.REJECTED, at=decision.at)
        _withdraw(tx, message)
        problems = (REJECTED_BY_PERSON(instance="submission", reason=decision.text),)
        entry = Event.of(
            message, EventKind.REJECT, id=event, at=decision.at, issuer=message.destination, problems=problems
        )
        directory = tx.directory.load()
        write_event(tx, recorded(entry, say, directory), message, directory)
        for letter in tx.deadletters.of(message.id):
            if letter.settlement is None:
                _settle(tx, letter, Settlement.REJECTED, decision)

    return unit


def assigning(decision: Decision, place: Place) -> Unit[None]:
    """Address it anew, as a person says. A region named before stays until another one is named."""

    def unit(tx: Transaction) -> None:
        letter = _open_letter(tx, decision.letter)
        message = tx.messages.get(letter.message)
        if letter.delivery is not None:
            raise CommandRefused("wrong-state", "office.letter-addressed", id=letter.id)
        authority = _checked(place, message, tx.directory.load())
        before = tx.messages.assignment(message.id)
        region = place.region or (before.region if before is not None else None)
        assignment = Assignment(authority, place.target, region, decision.actor, decision.text, decision.at)
        tx.messages.assign(message.id, assignment)
        _process_again(tx, message, decision.at)
        _settle(tx, letter, Settlement.ASSIGNED, decision, assignment)

    return unit


def dropping(decision: Decision) -> Unit[None]:
    """Give up a dead copy, or an answer that cannot reach the portal. The primary delivery is never given up: the
    submission would have no end."""

    def unit(tx: Transaction) -> None:
        letter = _open_letter(tx, decision.letter)
        if letter.reason is not Reason.REPLY_IMPOSSIBLE and _keeps_from_ending(tx, letter):
            raise CommandRefused("wrong-state", "office.letter-no-copy", id=letter.id)
        _settle(tx, letter, Settlement.DROPPED, decision)

    return unit


def _keeps_from_ending(tx: Transaction, letter: DeadLetter) -> bool:
    return letter.delivery is None or tx.deliveries.get(letter.delivery).primary


def handing_over(decision: Decision, owner: str) -> Unit[None]:
    """Somebody takes care of it from now on."""

    def unit(tx: Transaction) -> None:
        letter = _open_letter(tx, decision.letter)
        tx.deadletters.hand_over(letter.id, owner)
        _write_down(tx, letter, LetterAction.HANDED_OVER, decision, {"owner": owner})

    return unit


def noting(decision: Decision) -> Unit[None]:
    """A line of its history; it may be settled already."""

    def unit(tx: Transaction) -> None:
        _write_down(tx, tx.deadletters.get(decision.letter), LetterAction.NOTED, decision, {})

    return unit


def _open_letter(tx: Transaction, identifier: DeadLetterId) -> DeadLetter:
    letter = tx.deadletters.get(identifier)
    if letter.settlement is not None:
        raise CommandRefused("settled", "office.letter-settled", id=identifier, at=jsonable(letter.settled_at))
    return letter


def _process_again(tx: Transaction, message: Message, at: datetime) -> None:
    _must_be_held_from(message, State.SUBMITTED)
    tx.messages.move(message.id, State.HELD, State.SUBMITTED, at=at)
    tx.jobs.add(JobKind.PROCESS, message.id, at)


def _deliver_again(tx: Transaction, letter: DeadLetter, message: Message, at: datetime) -> None:
    """A copy goes alone: the message is where the primary delivery has taken it."""
    if letter.delivery is None:
        raise ValueError(f"{letter.id} is not about a delivery")
    delivery = tx.deliveries.get(letter.delivery)
    if message.state is State.REJECTED:
        raise CommandRefused("wrong-state", "office.letter-state", id=message.id, state=message.state)
    if delivery.primary:
        _must_be_held_from(message, State.DELIVERING)
        tx.messages.move(message.id, State.HELD, State.DELIVERING, at=at)
    tx.deliveries.move(delivery.id, DeliveryState.DEAD, DeliveryState.PENDING, failure=delivery.failure)
    tx.jobs.add(JobKind.DELIVER, delivery.id, at, after=letter.token)


def _must_be_held_from(message: Message, source: State) -> None:
    if (message.state, message.held_from) != (State.HELD, source):
        raise CommandRefused("wrong-state", "office.letter-state", id=message.id, state=message.state)


def _withdraw(tx: Transaction, message: Message) -> None:
    """No copy goes out after the portal was told no. One that is just being delivered may arrive: its job writes what
    became of it."""
    for delivery in tx.deliveries.of(message.id):
        if delivery.state is DeliveryState.PENDING and tx.jobs.withdraw(JobKind.DELIVER, delivery.id):
            tx.deliveries.move(delivery.id, DeliveryState.PENDING, DeliveryState.DEAD, failure=WITHDRAWN)


def _checked(place: Place, message: Message, directory: Directory) -> AuthorityId | None:
    """The authority, named or the only one of the target. Raises `CommandRefused` for what cannot be reached."""
    destination = directory.destinations[message.destination]
    offered = destination.offers(message.service)
    if place.region is not None and offered is not None and not offered.covers(place.region):
        raise CommandRefused("not-offered", "office.assign-region", region=place.region, id=destination.id)
    identifier = place.authority or (_only_authority(place.target, directory) if place.target is not None else None)
    if identifier is None:
        return None
    authority = directory.authorities.get(identifier)
    if authority is None:
        raise CommandRefused("not-found", "office.authority-unknown", id=identifier)
    if not reachable(destination, authority):
        raise CommandRefused("foreign", "office.assign-tenant", id=authority.id, tenant=authority.tenant)
    if place.target is None:
        if not authority.targets:
            raise CommandRefused("no-target", "office.assign-no-target", id=authority.id)
        _demand_stage(message, authority.targets, directory)
        return authority.id
    target = directory.targets.get(place.target)
    if target is None:
        raise CommandRefused("not-found", "office.target-unknown", id=place.target)
    if target.tenant != authority.tenant:
        raise CommandRefused("foreign", "office.assign-target", id=target.id, tenant=target.tenant)
    _demand_stage(message, (target.id,), directory)
    return authority.id


def _demand_stage(message: Message, targets: Sequence[TargetId], directory: Directory) -> None:
    """Nobody sends a test message to a live target, nor the other way."""
    if not any(directory.targets[target].stage is message.stage for target in targets):
        raise CommandRefused("wrong-stage", "office.assign-stage", ids=", ".join(targets), stage=message.stage)


def _only_authority(target: TargetId, directory: Directory) -> AuthorityId:
    if target not in directory.targets:
        raise CommandRefused("not-found", "office.target-unknown", id=target)
    users = [authority.id for authority in directory.authorities.values() if target in authority.targets]
    if len(users) != 1:
        raise CommandRefused("ambiguous", "office.assign-authority", id=target)
    return users[0]


def _settle(
    tx: Transaction,
    letter: DeadLetter,
    settlement: Settlement,
    decision: Decision,
    assignment: Assignment | None = None,
) -> None:
    tx.deadletters.settle(letter.id, settlement, at=decision.at)
    after: dict[str, object] = {"settlement": settlement.value}
    told = decision
    if assignment is not None:
        after["assignment"] = jsonable(assignment)
        named = ", ".join(filter(None, (assignment.authority, assignment.target, assignment.region)))
        told = replace(decision, text=f"{named}: {decision.text}")
    _write_down(tx, letter, LetterAction(settlement.value), told, after)


def _write_down(
    tx: Transaction, letter: DeadLetter, action: LetterAction, decision: Decision, after: dict[str, object]
) -> None:
    """In the letter's history and in the audit."""
    tx.deadletters.note(letter.id, LetterEntry(decision.at, decision.actor, action, decision.text))
    before = {"owner": letter.owner, "submission": letter.message}
    change = {**before, **after, "text": decision.text}
    tx.audit.add(AuditRow(decision.at, decision.actor, f"deadletter.{action}", letter.id, before, change))
