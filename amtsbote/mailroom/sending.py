"""What a sender may do: announce a message, attach, submit. A success is answered only after the commit."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from amtsbote.api.envelope import PartCheck, PartProof
from amtsbote.api.persistence import Scope, Transaction
from amtsbote.errors import NotFound, Problem, RequestRefused
from amtsbote.errors.table import (
    ALREADY_SUBMITTED,
    ATTACHMENT_NOT_ANNOUNCED,
    ATTACHMENTS_MISSING,
    CASE_MISMATCH,
    CASE_NOT_FOUND,
    DESTINATION_INACTIVE,
    DESTINATION_NOT_FOUND,
    INVALID_FIELD,
    SERVICE_NOT_OFFERED,
    SUBMISSION_EXPIRED,
    SUBMISSION_NOT_FOUND,
    TOO_LARGE,
)
from amtsbote.mailroom.desk import Desk
from amtsbote.model.directory import Client, Destination, DestinationStatus, Holding
from amtsbote.model.event import Event, EventKind
from amtsbote.model.ids import CaseId, DestinationId, EventId, MessageId, PartId
from amtsbote.model.job import JobKind
from amtsbote.model.message import DATA, METADATA, Message, Part, State


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a sender says of a message before its parts come."""

    destination: DestinationId
    service: str
    service_name: str
    region: str | None
    case: CaseId | None
    attachments: tuple[PartId, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A part in memory whose envelope has been checked."""

    content: bytes
    proof: PartProof


class Sending:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def announce(self, client: Client, wish: Announcement) -> Message:
        """A new message, which expires unless it is submitted in time."""
        desk = self._desk
        destination = self.destination(wish.destination)
        self._check(destination, wish)
        message = self._message(client, destination, wish)
        created = desk.log.record(_event(desk, message, EventKind.CREATE, {}))

        def unit(tx: Transaction) -> Message:
            if wish.case is not None:
                _must_belong(tx, wish.case, destination)
            tx.messages.add(message, destination.subscriber)
            tx.events.add(created)
            tx.jobs.add(JobKind.EXPIRE, message.id, message.created_at + desk.limits.announced_for)
            return message

        return await desk.store.write(unit, scope=_own(client))

    async def expected(self, client: Client, message: MessageId) -> tuple[Message, Destination]:
        """The message a part is meant for and its destination, before the part is read."""
        found = await self._desk.store.read(lambda tx: _known(tx, message), scope=_own(client))
        return found, self.destination(found.destination)

    async def attach(
        self, client: Client, message: Message, attachment: PartId, body: AsyncIterator[bytes], check: PartCheck
    ) -> None:
        """Take in one announced attachment. The same bytes again are fine at any time, other bytes until the submit."""
        if attachment not in message.announced:
            raise RequestRefused(ATTACHMENT_NOT_ANNOUNCED(id=attachment))
        part = await self._desk.parts.receive(message.id, attachment, body, check)
        try:
            replaced = await self._desk.store.write(lambda tx: self._attached(tx, part), scope=_own(client))
        except Exception:  # not a cancellation: the commit may still come, and the row would have lost its file
            await self._desk.parts.forget(part.file)
            raise
        await self._desk.parts.forget(replaced)

    async def submit(self, client: Client, message: Message, metadata: Body, data: Body) -> Message:
        """Complete a message. From the return on it is never lost."""
        parts: list[Part] = []
        try:
            for part, body in ((METADATA, metadata), (DATA, data)):
                parts.append(await self._desk.parts.keep(message.id, part, body.content, body.proof))
            submitted, kept = await self._desk.store.write(lambda tx: self._submitted(tx, parts), scope=_own(client))
        except Exception:  # as in `attach`
            await self._desk.parts.forget(*(part.file for part in parts))
            raise
        if not kept:
            await self._desk.parts.forget(*(part.file for part in parts))
        self._desk.wake()
        return submitted

    def destination(self, destination: DestinationId) -> Destination:
        found = self._desk.directory().destinations.get(destination)
        if found is None:
            raise RequestRefused(DESTINATION_NOT_FOUND(id=destination))
        return found

    def _check(self, destination: Destination, wish: Announcement) -> None:
        if destination.status is not DestinationStatus.ACTIVE:
            raise RequestRefused(DESTINATION_INACTIVE(id=destination.id))
        if destination.offers(wish.service) is None:
            offered = ", ".join(service.service for service in destination.services)
            raise RequestRefused(SERVICE_NOT_OFFERED(id=destination.id, service=wish.service, offered=offered))
        if len(wish.attachments) > self._desk.limits.attachments:
            reason = f"> {self._desk.limits.attachments}"
            raise RequestRefused(INVALID_FIELD(field="announcedAttachments", reason=reason))

    def _message(self, client: Client, destination: Destination, wish: Announcement) -> Message:
        return Message(
            id=MessageId(self._desk.new_id()),
            case=wish.case or CaseId(self._desk.new_id()),
            destination=destination.id,
            tenant=destination.tenant,
            sender=client.id,
            service=wish.service,
            service_name=wish.service_name,
            region=wish.region,
            announced=wish.attachments,
            state=State.ANNOUNCED,
            held_from=None,
            created_at=self._desk.clock(),
            submitted_at=None,
        )

    def _attached(self, tx: Transaction, part: Part) -> str | None:
        """Returns the file that nobody owns any more."""
        message = _known(tx, part.message)
        present = tx.parts.of(message.id)
        before = present.get(part.id)
        if message.state is not State.ANNOUNCED:
            if before is None or before.sha512 != part.sha512:
                raise RequestRefused(_too_late(message))
            return part.file
        others = sum(other.size for other in present.values() if other.id != part.id)
        if others + part.size > self._desk.limits.attachments_total:
            raise RequestRefused(TOO_LARGE(what="attachments", limit=self._desk.limits.attachments_total))
        return tx.parts.put(part)

    def _submitted(self, tx: Transaction, parts: list[Part]) -> tuple[Message, bool]:
        """The submitted message, and whether these parts are the ones that were kept."""
        desk = self._desk
        message = _known(tx, parts[0].message)
        present = tx.parts.of(message.id)
        if message.state is not State.ANNOUNCED:
            if any(part.id not in present or present[part.id].sha512 != part.sha512 for part in parts):
                raise RequestRefused(_too_late(message))
            return message, False
        missing = [attachment for attachment in message.announced if attachment not in present]
        if missing:
            raise RequestRefused(ATTACHMENTS_MISSING(ids=", ".join(missing)))
        for part in parts:
            tx.parts.put(part)
        tags = {part.id: part.tag for part in [*parts, *(present[attachment] for attachment in message.announced)]}
        tx.messages.move(message.id, State.ANNOUNCED, State.SUBMITTED, at=desk.clock())
        tx.events.add(desk.log.record(_event(desk, message, EventKind.SUBMIT, tags)))
        tx.jobs.drop(JobKind.EXPIRE, message.id)
        if desk.directory().destinations[message.destination].holding is Holding.BROKER:
            tx.jobs.add(JobKind.PROCESS, message.id, desk.clock())
        return tx.messages.get(message.id), True


def _own(client: Client) -> Scope:
    return Scope("sender", client.id)


def _known(tx: Transaction, message: MessageId) -> Message:
    try:
        return tx.messages.get(message)
    except NotFound:
        raise RequestRefused(SUBMISSION_NOT_FOUND(id=message)) from None


def _must_belong(tx: Transaction, case: CaseId, destination: Destination) -> None:
    earlier = tx.messages.case(case)
    if not earlier:
        raise RequestRefused(CASE_NOT_FOUND(id=case))
    if any(message.destination != destination.id for message in earlier):
        raise RequestRefused(CASE_MISMATCH(id=case))


def _too_late(message: Message) -> Problem:
    problem = SUBMISSION_EXPIRED if message.state is State.EXPIRED else ALREADY_SUBMITTED
    return problem(id=message.id)


def _event(desk: Desk, message: Message, kind: EventKind, tags: Mapping[PartId, str]) -> Event:
    return Event(EventId(desk.new_id()), message.case, message.id, kind, None, desk.clock(), tags)
