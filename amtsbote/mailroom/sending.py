"""What whoever writes may do: announce a submission or a reply, attach, submit. A success is answered only after the
commit."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from amtsbote.api.envelope import PartCheck, PartProof
from amtsbote.api.persistence import Transaction
from amtsbote.errors import CommitUnknown, Problem, RequestRefused
from amtsbote.errors.table import (
    ALREADY_SUBMITTED,
    ATTACHMENT_NOT_ANNOUNCED,
    ATTACHMENTS_MISSING,
    CASE_MISMATCH,
    CASE_NOT_FOUND,
    CASE_NOT_OPEN,
    DESTINATION_INACTIVE,
    DESTINATION_NOT_TEST,
    MESSAGE_DELETED,
    REGION_NOT_PERMITTED,
    REPLIES_NOT_OFFERED,
    SERVICE_NOT_OFFERED,
    SUBMISSION_EXPIRED,
    TOO_LARGE,
    TOO_MANY_ATTACHMENTS,
)
from amtsbote.mailroom.desk import Desk
from amtsbote.mailroom.destinations import present_destination
from amtsbote.mailroom.naming import NamedCallback, receiver_of, remember
from amtsbote.mailroom.sides import WRITES, is_open, scope_of, written
from amtsbote.model.callback import Receiver
from amtsbote.model.directory import Client, Destination, OfferedService
from amtsbote.model.event import Event, EventKind
from amtsbote.model.ids import CaseId, DestinationId, EventId, MessageId, PartId
from amtsbote.model.job import JobKind
from amtsbote.model.message import DATA, METADATA, Direction, Message, MessageKind, Part, State
from amtsbote.model.stage import Stage


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a sender says of a submission before its parts come."""

    destination: DestinationId
    service: str
    service_name: str
    region: str | None
    case: CaseId | None
    attachments: tuple[PartId, ...]
    callback: NamedCallback | None = None


@dataclass(frozen=True, slots=True)
class ReplyAnnouncement:
    """What either side says of a reply before its parts come. Everything else it has from its case."""

    case: CaseId
    attachments: tuple[PartId, ...]
    callback: NamedCallback | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A part in memory whose envelope has been checked."""

    content: bytes
    proof: PartProof


class Sending:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def announce(self, client: Client, wish: Announcement) -> Message:
        """A new submission, which expires unless it is submitted in time."""
        destination = self.destination(wish.destination)
        self._check(client, destination, wish)
        message = self._message(client, destination, wish)
        receiver = await self._receiver(client, wish.callback)

        def unit(tx: Transaction) -> Message:
            if wish.case is not None:
                _must_belong(tx, wish.case, message)
            return self._begin(tx, replace(message, callback=remember(tx, receiver)), destination)

        return await self._desk.store.write(unit, scope=scope_of(client))

    async def announce_reply(self, client: Client, wish: ReplyAnnouncement) -> Message:
        """A new reply in a case this client has part in; it expires like a submission."""
        self._check_attachments(wish.attachments)
        identifier, now = MessageId(self._desk.new_id()), self._desk.clock()
        receiver = await self._receiver(client, wish.callback)

        def unit(tx: Transaction) -> Message:
            first = _first_of_open(tx, wish.case)
            destination = self.destination(first.destination)
            if not destination.takes_replies:
                raise RequestRefused(REPLIES_NOT_OFFERED(id=wish.case))
            _must_be_permitted(client, first.region, _place_of(first, destination))
            message = replace(
                first,
                id=identifier,
                announced=wish.attachments,
                state=State.ANNOUNCED,
                held_from=None,
                created_at=now,
                submitted_at=None,
                kind=MessageKind.REPLY,
                direction=WRITES[client.role],
                notified=frozenset(),
                callback=remember(tx, receiver),
            )
            return self._begin(tx, message, destination)

        return await self._desk.store.write(unit, scope=scope_of(client))

    async def expected(self, client: Client, kind: MessageKind, message: MessageId) -> tuple[Message, Destination]:
        """The message a part is meant for and its destination, before the part is read."""
        found = await self._desk.store.read(lambda tx: written(tx, client, kind, message), scope=scope_of(client))
        return found, self.destination(found.destination)

    async def attach(
        self, client: Client, message: Message, attachment: PartId, body: AsyncIterator[bytes], check: PartCheck
    ) -> None:
        """Take in one announced attachment. The same bytes again are fine at any time, other bytes until the submit."""
        if attachment not in message.announced:
            raise RequestRefused(ATTACHMENT_NOT_ANNOUNCED(id=attachment))
        part = await self._desk.parts.receive(message.id, attachment, body, check)
        try:
            replaced = await self._desk.store.write(lambda tx: self._attached(tx, part), scope=scope_of(client))
        except CommitUnknown:  # a row may own the file; if not, it is an orphan
            raise
        except Exception:  # not a cancellation: the commit may still come, and the row would have lost its file
            await self._desk.parts.forget(part.file)
            raise
        await self._desk.parts.forget(replaced)

    async def submit(self, client: Client, message: Message, metadata: Body, data: Body | None) -> Message:
        """Complete a message, without data if need be. From the return on it is never lost. The same bytes again are
        fine at any time, and anything else is refused."""
        bodies = {METADATA: metadata} | ({} if data is None else {DATA: data})
        parts: list[Part] = []
        try:
            for part, body in bodies.items():
                parts.append(await self._desk.parts.keep(message.id, part, body.content, body.proof))
            unit = partial(self._submitted, parts)
            submitted, kept = await self._desk.store.write(unit, scope=scope_of(client))
        except CommitUnknown:  # as in `attach`
            raise
        except Exception:
            await self._desk.parts.forget(*(part.file for part in parts))
            raise
        if not kept:
            await self._desk.parts.forget(*(part.file for part in parts))
        self._desk.wake()
        return submitted

    def destination(self, destination: DestinationId) -> Destination:
        return present_destination(self._desk.directory(), destination, self._desk.clock())

    def _check(self, client: Client, destination: Destination, wish: Announcement) -> None:
        if not destination.takes_new:
            raise RequestRefused(DESTINATION_INACTIVE(id=destination.id))
        if client.test and destination.stage is not Stage.TEST:
            raise RequestRefused(DESTINATION_NOT_TEST(id=destination.id, client=client.id))
        offered = destination.offers(wish.service)
        if offered is None:
            known = ", ".join(service.service for service in destination.services)
            raise RequestRefused(SERVICE_NOT_OFFERED(id=destination.id, service=wish.service, offered=known))
        _must_be_permitted(client, wish.region, offered)
        self._check_attachments(wish.attachments)

    async def _receiver(self, client: Client, named: NamedCallback | None) -> Receiver | None:
        return None if named is None else await receiver_of(self._desk, client, named)

    def _check_attachments(self, attachments: tuple[PartId, ...]) -> None:
        if len(attachments) > self._desk.limits.attachments:
            raise RequestRefused(TOO_MANY_ATTACHMENTS(count=len(attachments), limit=self._desk.limits.attachments))

    def _begin(self, tx: Transaction, message: Message, destination: Destination) -> Message:
        tx.messages.add(message, destination.subscriber)
        self._desk.log.write(tx, _event(self._desk, message, EventKind.CREATE, {}), message)
        tx.jobs.add(JobKind.EXPIRE, message.id, message.created_at + destination.deadlines.announced_kept)
        return message

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
            test=destination.stage is Stage.TEST,
        )

    def _attached(self, tx: Transaction, part: Part) -> str | None:
        """Returns the file that nobody owns any more."""
        message = tx.messages.get(part.message)
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

    def _submitted(self, parts: list[Part], tx: Transaction) -> tuple[Message, bool]:
        """The submitted message, and whether these parts are the ones that were kept."""
        desk = self._desk
        message = tx.messages.get(parts[0].message)
        present = tx.parts.of(message.id)
        if message.state is not State.ANNOUNCED:
            submitted = {part: present[part].sha512 for part in (METADATA, DATA) if part in present}
            if {part.id: part.sha512 for part in parts} != submitted:
                raise RequestRefused(_too_late(message))
            return message, False
        missing = [attachment for attachment in message.announced if attachment not in present]
        if missing:
            raise RequestRefused(ATTACHMENTS_MISSING(ids=", ".join(missing)))
        for part in parts:
            tx.parts.put(part)
        tags = {part.id: part.tag for part in [*parts, *(present[attachment] for attachment in message.announced)]}
        tx.messages.move(message.id, State.ANNOUNCED, State.SUBMITTED, at=desk.clock())
        desk.log.write(tx, _event(desk, message, EventKind.SUBMIT, tags), message)
        tx.jobs.drop(JobKind.EXPIRE, message.id)
        if message.direction is Direction.TO_DESTINATION and self.destination(message.destination).opened_here:
            tx.jobs.add(JobKind.PROCESS, message.id, desk.clock())
        return tx.messages.get(message.id), True


def _must_be_permitted(client: Client, region: str | None, offered: OfferedService) -> None:
    if not client.may_announce(region, offered):
        wanted = offered.regions if region is None else (region,)
        raise RequestRefused(REGION_NOT_PERMITTED(allowed=_regions(client.regions), wanted=_regions(wanted)))


def _place_of(first: Message, destination: Destination) -> OfferedService:
    """Where a case is: in the region that was named and taken, whatever is offered now; else where it is offered."""
    offered = destination.offers(first.service) if first.region is None else None
    return offered or OfferedService(first.service, first.service_name, (), ())


def _regions(named: tuple[str, ...]) -> str:
    return ", ".join(f"DE{region}" for region in named or ("",))


def _must_belong(tx: Transaction, case: CaseId, message: Message) -> None:
    """A case stays at one destination, and it is a test from beginning to end or not at all."""
    earlier = tx.messages.case(case)
    if not earlier:
        raise RequestRefused(CASE_NOT_FOUND(id=case))
    if any((one.destination, one.test) != (message.destination, message.test) for one in earlier):
        raise RequestRefused(CASE_MISMATCH(id=case))


def _first_of_open(tx: Transaction, case: CaseId) -> Message:
    """What the case began with, of which a reply takes over everything that is not its own."""
    messages = tx.messages.case(case)
    if not messages:
        raise RequestRefused(CASE_NOT_FOUND(id=case))
    if not any(one.kind is MessageKind.SUBMISSION and is_open(tx, one) for one in messages):
        raise RequestRefused(CASE_NOT_OPEN(id=case))
    return messages[0]


def _too_late(message: Message) -> Problem:
    gone = {State.EXPIRED: SUBMISSION_EXPIRED, State.DELETED: MESSAGE_DELETED}
    return gone.get(message.state, ALREADY_SUBMITTED)(id=message.id)


def _event(desk: Desk, message: Message, kind: EventKind, tags: Mapping[PartId, str]) -> Event:
    return Event.of(message, kind, id=EventId(desk.new_id()), at=desk.clock(), tags=tags)
