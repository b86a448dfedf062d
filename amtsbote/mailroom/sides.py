"""The two sides of a case: who may write which messages, and who may read them.

A client of a portal writes to the destination and reads what comes back; the subscriber of an end-to-end destination
the other way round. Everything else is the same for both, and for submissions and replies.
"""

from collections.abc import Mapping
from typing import Final

from amtsbote.api.persistence import Scope, Transaction
from amtsbote.errors import NotFound, RequestRefused
from amtsbote.errors.table import MESSAGE_DELETED, REPLY_NOT_FOUND, SUBMISSION_NOT_FOUND
from amtsbote.model.directory import Client, ClientRole, Directory
from amtsbote.model.event import EventKind
from amtsbote.model.ids import MessageId
from amtsbote.model.message import Direction, Message, MessageKind, State
from amtsbote.model.stage import Stage

WRITES: Final[Mapping[ClientRole, Direction]] = {
    ClientRole.SENDER: Direction.TO_DESTINATION,
    ClientRole.SUBSCRIBER: Direction.TO_PORTAL,
}
READS: Final[Mapping[ClientRole, Direction]] = {
    ClientRole.SENDER: Direction.TO_PORTAL,
    ClientRole.SUBSCRIBER: Direction.TO_DESTINATION,
}
_NOT_THERE: Final = frozenset({State.ANNOUNCED, State.EXPIRED})


def scope_of(client: Client) -> Scope:
    """The cases this client has part in."""
    return Scope("sender" if client.role is ClientRole.SENDER else "subscriber", client.id)


def written(tx: Transaction, client: Client, kind: MessageKind, message: MessageId) -> Message:
    """A message this client writes. Raises `RequestRefused`, for a foreign one as for one that does not exist."""
    return _found(tx, kind, message, WRITES[client.role])


def received(tx: Transaction, client: Client, kind: MessageKind, message: MessageId, directory: Directory) -> Message:
    """A complete message for this client. Raises `RequestRefused`, also when its content is gone."""
    found = _found(tx, kind, message, READS[client.role])
    if found.state in _NOT_THERE or not meets(found, directory):
        raise unknown(kind, message)
    if found.state is State.DELETED:
        raise RequestRefused(MESSAGE_DELETED(id=message))
    return found


def meets(message: Message, directory: Directory) -> bool:
    """Whoever fetches is the target: from a live destination never a test message, from a test destination nothing
    live. What waits at one that is off may be fetched, and what a portal asked for it may always read."""
    if message.direction is Direction.TO_PORTAL:
        return True
    stage = directory.destinations[message.destination].stage
    return stage is Stage.OFF or stage is message.stage


def is_open(tx: Transaction, message: Message) -> bool:
    """Whether it may be answered: it is complete and was not rejected. Its content may be gone by now."""
    if message.state is State.DELETED:
        return all(event.kind is not EventKind.REJECT for event in tx.events.of_message(message.id))
    return message.state not in _NOT_THERE and message.state is not State.REJECTED


def unknown(kind: MessageKind, message: MessageId) -> RequestRefused:
    return RequestRefused(
        REPLY_NOT_FOUND(id=message) if kind is MessageKind.REPLY else SUBMISSION_NOT_FOUND(id=message)
    )


def _found(tx: Transaction, kind: MessageKind, message: MessageId, direction: Direction) -> Message:
    try:
        found = tx.messages.get(message)
    except NotFound:
        raise unknown(kind, message) from None
    if found.kind is not kind or found.direction is not direction:
        raise unknown(kind, message)
    return found
