"""The commands about Klärungsfälle: list, show, retry, reject, assign, drop, hand-over, note, and recheck of many."""

from collections.abc import Mapping
from functools import partial
from itertools import count
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, StringConstraints

from amtsbote.admin.asking import Answer, Arguments, Command, Listed, MessageStage, Name, One, read_arguments
from amtsbote.admin.letters import Decision, Place, assigning, dropping, handing_over, noting, rejecting, retrying
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Page, Transaction, Unit
from amtsbote.errors import NotFound, StaleState
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.ids import AuthorityId, DeadLetterId, EventId, TargetId
from amtsbote.model.shown import jsonable

LONGEST_TEXT: Final = 500
_AT_ONCE: Final = 500


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters are not possible here")
    return text


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT), AfterValidator(_printable)
]
Owner = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_printable)
]
Region = Annotated[str, StringConstraints(pattern=r"^([0-9]{2,3}|[0-9]{5}|[0-9]{9}|[0-9]{12})\z")]


class _List(Listed):
    shown: Literal["open", "all"] = "open"
    stage: MessageStage | None = None


class _Retry(One):
    text: Text | None = None


class _Recheck(Arguments):
    dry: bool = False


class _Said(One):
    text: Text


class _Assign(_Said):
    authority: Name | None = None
    target: Name | None = None
    region: Region | None = None


class _HandOver(One):
    owner: Owner
    text: Text | None = None


def shown_letter(tx: Transaction, letter: DeadLetter) -> dict[str, Any]:
    """One letter with its history, JSON-ready."""
    history = [jsonable(entry) for entry in tx.deadletters.history(letter.id)]
    return {**_plain(tx, letter), "history": history}


def _plain(tx: Transaction, letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "submission": letter.message,
        "delivery": letter.delivery,
        "tenant": letter.tenant,
        "stage": tx.messages.get(letter.message).stage.value,
        "reason": letter.reason.value,
        "details": jsonable(letter.details),
        "opened_at": jsonable(letter.opened_at),
        "owner": letter.owner,
        "settled_at": jsonable(letter.settled_at),
        "settlement": letter.settlement.value if letter.settlement is not None else None,
    }


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_List, arguments)

    def query(tx: Transaction) -> Answer:
        total, letters = tx.deadletters.page(asked.shown, asked.page, asked.stage)
        return {"total": total, "offset": asked.offset, "deadletters": [_plain(tx, letter) for letter in letters]}

    return await office.store.read(query)


async def _show(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    return await _shown(office, DeadLetterId(read_arguments(One, arguments).id))


async def _retry(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Retry, arguments)
    decision = _decision(office, actor, asked.id, asked.text)
    return await _carried_out(office, decision, retrying(decision))


async def _recheck(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """Process again every message that is held because it could not be processed, as after an upgrade of what judges
    it. One that somebody decides about meanwhile is left to them."""
    asked = read_arguments(_Recheck, arguments)
    letters = await _unprocessed(office)
    if asked.dry:
        return {"held": letters, "retried": []}
    retried = []
    for letter in letters:
        try:
            await office.store.write(retrying(_decision(office, actor, letter, "schemas recheck")))
            retried.append(letter)
        except (CommandRefused, StaleState):
            continue
    office.wake()
    return {"held": letters, "retried": retried}


async def _unprocessed(office: Office) -> list[str]:
    """Letters of what could not be judged, or not be mapped for a target; who waits longest first."""
    found: list[str] = []
    for offset in count(step=_AT_ONCE):
        page = Page(offset, _AT_ONCE)
        _, letters = await office.store.read(partial(_open_page, page))
        found += [one.id for one in letters if one.reason is Reason.PROCESSING_FAILED]
        if len(letters) < _AT_ONCE:
            break
    return found


def _open_page(page: Page, tx: Transaction) -> tuple[int, tuple[DeadLetter, ...]]:
    return tx.deadletters.page("open", page)


async def _reject(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Said, arguments)
    decision = _decision(office, actor, asked.id, asked.text)
    return await _carried_out(office, decision, rejecting(decision, EventId(office.new_id()), office.event_bytes))


async def _assign(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Assign, arguments)
    if asked.authority is None and asked.target is None and asked.region is None:
        raise CommandRefused("arguments", "office.assign-nothing")
    place = Place(
        AuthorityId(asked.authority) if asked.authority is not None else None,
        TargetId(asked.target) if asked.target is not None else None,
        asked.region,
    )
    decision = _decision(office, actor, asked.id, asked.text)
    return await _carried_out(office, decision, assigning(decision, place))


async def _drop(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Said, arguments)
    decision = _decision(office, actor, asked.id, asked.text)
    return await _carried_out(office, decision, dropping(decision))


async def _hand_over(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_HandOver, arguments)
    decision = _decision(office, actor, asked.id, asked.text or asked.owner)
    return await _carried_out(office, decision, handing_over(decision, asked.owner))


async def _note(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Said, arguments)
    decision = _decision(office, actor, asked.id, asked.text)
    return await _carried_out(office, decision, noting(decision))


def _decision(office: Office, actor: str, letter: str, text: str | None) -> Decision:
    return Decision(DeadLetterId(letter), actor, office.clock(), text or "")


async def _carried_out(office: Office, decision: Decision, unit: Unit[None]) -> Answer:
    """Commit it, tell those who go on with it, and show the letter as it is now."""
    try:
        await office.store.write(unit)
    except NotFound:
        raise CommandRefused("not-found", "office.letter-unknown", id=decision.letter) from None
    except StaleState:
        raise CommandRefused("changed-meanwhile", "office.changed-meanwhile") from None
    office.wake()
    return await _shown(office, decision.letter)


async def _shown(office: Office, identifier: DeadLetterId) -> Answer:
    def query(tx: Transaction) -> Answer:
        letter = tx.deadletters.get(identifier)
        return {"deadletter": shown_letter(tx, letter), "state": tx.messages.get(letter.message).state.value}

    try:
        return await office.store.read(query)
    except NotFound:
        raise CommandRefused("not-found", "office.letter-unknown", id=identifier) from None


COMMANDS: Final[Mapping[str, Command]] = {
    "deadletters.list": _list,
    "deadletters.show": _show,
    "deadletters.retry": _retry,
    "deadletters.reject": _reject,
    "deadletters.assign": _assign,
    "deadletters.drop": _drop,
    "deadletters.hand-over": _hand_over,
    "deadletters.note": _note,
    "schemas.recheck": _recheck,
}
