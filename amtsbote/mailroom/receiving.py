"""What the subscriber of an end-to-end destination may do: see what waits, fetch it, accept or reject it."""

from collections.abc import Mapping

from amtsbote.api.persistence import Page, Scope, Transaction
from amtsbote.errors import NotFound, RequestRefused, StaleState
from amtsbote.errors.table import (
    ATTACHMENT_NOT_FOUND,
    CASE_NOT_FOUND,
    EVENT_NOT_POSSIBLE,
    INVALID_SET,
    SUBMISSION_NOT_FOUND,
)
from amtsbote.mailroom.desk import Desk
from amtsbote.model.directory import Client
from amtsbote.model.event import EventKind, EventRecord
from amtsbote.model.ids import CaseId, DestinationId, MessageId, PartId
from amtsbote.model.message import Message, Part, State

OUTCOMES: Mapping[EventKind, State] = {EventKind.ACCEPT: State.ACCEPTED, EventKind.REJECT: State.REJECTED}
"""Events a subscriber may write, and where they lead."""


class Receiving:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def waiting(
        self, client: Client, destination: DestinationId | None, page: Page
    ) -> tuple[int, tuple[Message, ...]]:
        """Submitted messages for this subscriber, oldest first: total count and one page."""
        return await self._desk.store.read(lambda tx: tx.messages.waiting(destination, page), scope=_own(client))

    async def fetch(self, client: Client, message: MessageId) -> tuple[Message, Mapping[PartId, Part]]:
        """A submitted message with its stored parts."""

        def query(tx: Transaction) -> tuple[Message, Mapping[PartId, Part]]:
            found = _submitted(tx, message)
            return found, tx.parts.of(message)

        return await self._desk.store.read(query, scope=_own(client))

    async def fetch_attachment(self, client: Client, message: MessageId, attachment: PartId) -> Part:
        found, parts = await self.fetch(client, message)
        if attachment not in found.announced:
            raise RequestRefused(ATTACHMENT_NOT_FOUND(id=attachment))
        return parts[attachment]

    async def cases_message(
        self, client: Client, case: CaseId, message: MessageId
    ) -> tuple[Message, Mapping[PartId, Part]]:
        """The message of a case that an event is about."""
        found, parts = await self.fetch(client, message)
        if found.case != case:
            raise RequestRefused(CASE_NOT_FOUND(id=case))
        return found, parts

    async def conclude(self, client: Client, record: EventRecord) -> None:
        """Write the subscriber's own signed event. First writer wins; the very same event again is fine."""

        def unit(tx: Transaction) -> None:
            message = _submitted(tx, record.message)
            if any(known.id == record.id and known.jws == record.jws for known in tx.events.of_message(message.id)):
                return
            if message.state is not State.SUBMITTED:
                raise RequestRefused(EVENT_NOT_POSSIBLE(event=record.kind, state=message.state))
            tx.messages.move(message.id, State.SUBMITTED, OUTCOMES[record.kind], at=record.at)
            tx.events.add(record)

        try:
            await self._desk.store.write(unit, scope=_own(client))
        except StaleState:  # states change on one thread only, so it is the event's id that is taken
            raise RequestRefused(INVALID_SET(reason="jti is the id of another event")) from None


def _own(client: Client) -> Scope:
    return Scope("subscriber", client.id)


def _submitted(tx: Transaction, message: MessageId) -> Message:
    try:
        found = tx.messages.get(message)
    except NotFound:
        raise RequestRefused(SUBMISSION_NOT_FOUND(id=message)) from None
    if found.state in (State.ANNOUNCED, State.EXPIRED):
        raise RequestRefused(SUBMISSION_NOT_FOUND(id=message))
    return found
