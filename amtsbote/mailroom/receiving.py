"""What whoever a message is for may do: see what waits, fetch it, accept or reject it.

That is the subscriber of an end-to-end destination for submissions and replies to it, and a portal for replies to it.
"""

from collections.abc import Mapping
from functools import partial

from amtsbote.api.persistence import Page, Transaction
from amtsbote.errors import RequestRefused, StaleState
from amtsbote.errors.table import (
    ATTACHMENT_NOT_FOUND,
    CASE_NOT_FOUND,
    EVENT_NOT_POSSIBLE,
    INVALID_SET,
)
from amtsbote.mailroom.desk import Desk
from amtsbote.mailroom.sides import READS, meets, received, scope_of
from amtsbote.model.directory import Client
from amtsbote.model.event import Event, EventKind, EventRecord, SaidProblem
from amtsbote.model.ids import CaseId, DestinationId, EventId, MessageId, PartId
from amtsbote.model.message import Message, MessageKind, Notified, Part, State

OUTCOMES: Mapping[EventKind, State] = {EventKind.ACCEPT: State.ACCEPTED, EventKind.REJECT: State.REJECTED}
"""Events of a receiver that end a message, and where they lead. Forwarding leaves it where it is."""


class Receiving:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def waiting(
        self, client: Client, kind: MessageKind, destination: DestinationId | None, page: Page
    ) -> tuple[int, tuple[Message, ...]]:
        """Complete messages for this client, oldest first: total count and one page. A page is shorter where a
        destination has changed between test and live since. Who has been shown a message has been notified of it."""
        directory = self._desk.directory()
        total, found = await self._desk.store.read(
            lambda tx: tx.messages.waiting(kind, READS[client.role], destination, page), scope=scope_of(client)
        )
        shown = tuple(message for message in found if meets(message, directory))
        if fresh := [message for message in shown if Notified.POLLING not in message.notified]:
            await self._desk.store.write(partial(self._polled, fresh), scope=scope_of(client), patient=True)
        return total, shown

    async def fetch(
        self, client: Client, kind: MessageKind, message: MessageId
    ) -> tuple[Message, Mapping[PartId, Part]]:
        """A complete message with its stored parts."""

        def query(tx: Transaction) -> tuple[Message, Mapping[PartId, Part]]:
            found = received(tx, client, kind, message, self._desk.directory())
            return found, tx.parts.of(message)

        return await self._desk.store.read(query, scope=scope_of(client))

    async def fetch_attachment(self, client: Client, kind: MessageKind, message: MessageId, attachment: PartId) -> Part:
        found, parts = await self.fetch(client, kind, message)
        if attachment not in found.announced:
            raise RequestRefused(ATTACHMENT_NOT_FOUND(id=attachment))
        return parts[attachment]

    async def cases_message(
        self, client: Client, case: CaseId, kind: MessageKind, message: MessageId
    ) -> tuple[Message, Mapping[PartId, Part]]:
        """The message of a case that an event is about."""
        found, parts = await self.fetch(client, kind, message)
        if found.case != case:
            raise RequestRefused(CASE_NOT_FOUND(id=case))
        return found, parts

    async def conclude(self, client: Client, kind: MessageKind, record: EventRecord) -> None:
        """Write the receiver's own signed event. First writer wins; the very same event again is fine."""

        def unit(tx: Transaction) -> None:
            message = received(tx, client, kind, record.message, self._desk.directory())
            known = tx.events.of_message(message.id)
            if any(one.id == record.id and one.jws == record.jws for one in known):
                return
            forwarded = record.kind is EventKind.FORWARD and any(one.kind is EventKind.FORWARD for one in known)
            if message.state is not State.SUBMITTED or forwarded:
                raise _not_possible(record.kind, message)
            if record.kind in OUTCOMES:
                tx.messages.move(message.id, State.SUBMITTED, OUTCOMES[record.kind], at=record.at)
            self._desk.log.keep(tx, record, message)

        try:
            await self._desk.store.write(unit, scope=scope_of(client))
        except StaleState:  # states change on one thread only, so it is the event's id that is taken
            raise RequestRefused(INVALID_SET(reason="jti is the id of another event")) from None

    async def decide(
        self,
        client: Client,
        kind: MessageKind,
        message: MessageId,
        verdict: EventKind,
        problems: tuple[SaidProblem, ...] = (),
    ) -> None:
        """The decision of a receiver that has no key of its own: this service writes and signs the event. The same
        decision again is fine."""
        desk = self._desk
        identifier, now = EventId(desk.new_id()), desk.clock()

        def unit(tx: Transaction) -> None:
            found = received(tx, client, kind, message, desk.directory())
            if found.state is OUTCOMES[verdict]:
                return
            if found.state is not State.SUBMITTED:
                raise _not_possible(verdict, found)
            tags = {part.id: part.tag for part in tx.parts.of(message).values()} if verdict is EventKind.ACCEPT else {}
            event = Event.of(found, verdict, id=identifier, at=now, tags=tags, problems=problems)
            tx.messages.move(message, State.SUBMITTED, OUTCOMES[verdict], at=now)
            desk.log.write(tx, event, found)

        await desk.store.write(unit, scope=scope_of(client))

    def _polled(self, messages: list[Message], tx: Transaction) -> None:
        for message in messages:
            note_notified(tx, self._desk, message.id, Notified.POLLING)


def note_notified(tx: Transaction, desk: Desk, name: MessageId, how: Notified) -> None:
    """The receiver has been told: an event says so, the first time, and never after the end of a message."""
    message = tx.messages.get(name)
    if message.state is State.SUBMITTED and tx.messages.note_notified(name, how):
        event = Event.of(message, EventKind.NOTIFY, id=EventId(desk.new_id()), at=desk.clock(), notified=how)
        desk.log.write(tx, event, message)


def _not_possible(kind: EventKind, message: Message) -> RequestRefused:
    return RequestRefused(EVENT_NOT_POSSIBLE(event=f"{kind}-{message.kind}", state=message.state))
