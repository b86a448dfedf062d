"""Writes events down, and with each of them who is to be told of it: each side of a case hears of what it did not do.

What is told is a row of the outbox in the same transaction; a job gathers it (dossier 2.8).
"""

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Final

from amtsbote.api.persistence import Transaction
from amtsbote.model.callback import Notice, NoticeKind
from amtsbote.model.directory import Directory
from amtsbote.model.event import EventKind, EventRecord
from amtsbote.model.ids import ReceiverId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Direction, Message, MessageKind


class _Side(Enum):
    WRITER = auto()
    READER = auto()


TOLD: Final[Mapping[EventKind, frozenset[_Side]]] = {
    EventKind.CREATE: frozenset(),
    EventKind.SUBMIT: frozenset({_Side.READER}),
    EventKind.NOTIFY: frozenset({_Side.WRITER}),
    EventKind.FORWARD: frozenset({_Side.WRITER}),
    EventKind.ACCEPT: frozenset({_Side.WRITER}),
    EventKind.REJECT: frozenset({_Side.WRITER}),
    EventKind.DELETE: frozenset(_Side),
}
"""Who hears of an event that one of the sides brought about."""
_ENDS: Final = frozenset({EventKind.ACCEPT, EventKind.REJECT})
_NEW: Final = {MessageKind.SUBMISSION: NoticeKind.NEW_SUBMISSIONS, MessageKind.REPLY: NoticeKind.NEW_REPLIES}


def write_event(tx: Transaction, record: EventRecord, message: Message, directory: Directory) -> None:
    """An event that a side of the case brought about, and the notices of it."""
    _write(tx, record, message, directory, TOLD[record.kind])


def write_own_event(tx: Transaction, record: EventRecord, message: Message, directory: Directory) -> None:
    """An event that this service brought about of itself, when a time had passed: both sides are told."""
    _write(tx, record, message, directory, frozenset(_Side))


def _write(
    tx: Transaction, record: EventRecord, message: Message, directory: Directory, sides: frozenset[_Side]
) -> None:
    tx.events.add(record)
    kind = _NEW[message.kind] if record.kind is EventKind.SUBMIT else NoticeKind.NEW_EVENTS
    for receiver in _receivers(tx, record, message, directory, sides):
        tx.notices.add(Notice(receiver, kind, message.id, record.at))
    if record.kind in _ENDS and _given_here(message, directory):
        tx.jobs.add(JobKind.TELL, message.id, record.at)


def _receivers(
    tx: Transaction, record: EventRecord, message: Message, directory: Directory, sides: frozenset[_Side]
) -> Iterator[ReceiverId]:
    if _Side.WRITER in sides:
        receiver = message.callback or _of_side(tx, message, directory, at_portal=_written_by_portal(message))
        if receiver is not None:
            yield receiver
    complete = message.submitted_at is not None or record.kind is EventKind.SUBMIT
    if _Side.READER in sides and complete:  # until then there is nothing its reader could know
        receiver = _of_side(tx, message, directory, at_portal=not _written_by_portal(message))
        if receiver is not None:
            yield receiver


def _given_here(message: Message, directory: Directory) -> bool:
    """A reply of an authority whose software we serve: it has no callback but its folder."""
    return message.direction is Direction.TO_PORTAL and directory.destinations[message.destination].opened_here


def _written_by_portal(message: Message) -> bool:
    return message.direction is Direction.TO_DESTINATION


def _of_side(tx: Transaction, message: Message, directory: Directory, *, at_portal: bool) -> ReceiverId | None:
    """Where a side is told of what its message does not name a callback for. A portal named one, if at all, with an
    earlier message of the case; a destination has one of its own."""
    if at_portal:
        return _named_in_case(tx, message) if message.kind is MessageKind.REPLY else None
    destination = directory.destinations[message.destination]
    if destination.callback is None or destination.opened_here:
        return None
    return ReceiverId(destination.id)


def _named_in_case(tx: Transaction, message: Message) -> ReceiverId | None:
    """The latest."""
    named = [one.callback for one in tx.messages.case(message.case) if _written_by_portal(one) and one.callback]
    return named[-1] if named else None
