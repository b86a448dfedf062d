"""Messages: the only room where a message's state changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from amtsbote.api.persistence import Page
from amtsbote.errors import NotFound, StaleState
from amtsbote.model.content import ReplyChannel
from amtsbote.model.ids import CaseId, DestinationId, KeyId, MessageId, PartId
from amtsbote.model.message import (
    TRANSITIONS,
    Assignment,
    CaseNote,
    Direction,
    Message,
    MessageKind,
    Notified,
    State,
)
from amtsbote.model.replay import PastSubmission
from amtsbote.model.stage import Stage
from amtsbote.store.ports.columns import from_json, json, moment, staged, time
from amtsbote.store.ports.session import Row, Session

_WAITING: Final = {
    Direction.TO_DESTINATION: ("message_waiting_at_destination_count", "message_waiting_at_destination"),
    Direction.TO_PORTAL: ("message_waiting_at_portal_count", "message_waiting_at_portal"),
}
_NOTE: Final = {Notified.POLLING: "message_note_polled", Notified.CALLBACK: "message_note_called"}


class Messages:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, message: Message, subscriber: str | None) -> None:
        """Raises `StaleState` when the id is taken, `NotFound` when the message would lie outside the scope."""
        added = self._session.change(
            "message_add",
            id=message.id,
            case_id=message.case,
            destination=message.destination,
            tenant=message.tenant,
            sender=message.sender,
            subscriber=subscriber,
            service=message.service,
            service_name=message.service_name,
            region=message.region,
            announced=json(message.announced),
            state=message.state.value,
            held_from=message.held_from.value if message.held_from else None,
            created_at=moment(message.created_at),
            submitted_at=moment(message.submitted_at) if message.submitted_at else None,
            test=int(message.test),
            kind=message.kind.value,
            direction=message.direction.value,
            callback=message.callback,
        )
        if not added:
            raise NotFound(message.id)

    def get(self, message: MessageId) -> Message:
        row = self._session.first("message_get", message=message)
        if row is None:
            raise NotFound(message)
        return _message(row)

    def move(self, message: MessageId, source: State, to: State, *, at: datetime) -> None:
        if to not in TRANSITIONS[source]:
            raise ValueError(f"a message does not go from {source} to {to}")
        moved = self._session.change("message_move", message=message, source=source.value, to=to.value, at=moment(at))
        if not moved:
            self._must_exist(message)
            raise StaleState(message)

    def keep_dossier(self, message: MessageId, sealed: bytes) -> None:
        if not self._session.change("message_keep_dossier", message=message, sealed=sealed):
            raise NotFound(message)

    def dossier(self, message: MessageId) -> bytes:
        row = self._session.first("message_dossier", message=message)
        if row is None:
            raise NotFound(message)
        return bytes(row[0])

    def dossiers(self, after: int, limit: int) -> tuple[tuple[int, MessageId, bytes], ...]:
        rows = self._session.rows("message_dossiers", after=after, limit=limit)
        return tuple((number, message, bytes(sealed)) for number, message, sealed in rows)

    def assign(self, message: MessageId, assignment: Assignment) -> None:
        kept = self._session.change(
            "message_assign",
            message=message,
            authority=assignment.authority,
            target=assignment.target,
            region=assignment.region,
            actor=assignment.actor,
            reason=assignment.reason,
            at=moment(assignment.at),
        )
        if not kept:
            raise NotFound(message)

    def assignment(self, message: MessageId) -> Assignment | None:
        row = self._session.first("message_assignment", message=message)
        if row is None:
            return None
        authority, target, region, actor, reason, at = row
        return Assignment(authority, target, region, actor, reason, time(at))

    def note(self, message: MessageId, note: CaseNote) -> None:
        channel = None if note.reply_channel is None else json(note.reply_channel)
        kept = self._session.change(
            "message_note",
            message=message,
            authority=note.authority,
            region=note.region,
            reply_channel=channel,
        )
        if not kept:
            raise NotFound(message)

    def keep_facts(self, message: MessageId, facts: Mapping[str, str]) -> None:
        if not self._session.change("message_keep_facts", message=message, facts=json(dict(facts))):
            raise NotFound(message)

    def notes(self, case: CaseId) -> tuple[tuple[MessageId, CaseNote], ...]:
        rows = self._session.rows("message_notes", case_id=case)
        return tuple(
            (message, CaseNote(authority, region, _channel(said))) for message, authority, region, said in rows
        )

    def past(self, since: datetime, after: int, limit: int) -> tuple[PastSubmission, ...]:
        rows = self._session.rows("message_past", since=moment(since), after=after, limit=limit)
        return tuple(map(_past, rows))

    def case(self, case: CaseId) -> tuple[Message, ...]:
        return tuple(map(_message, self._session.rows("message_case", case_id=case)))

    def waiting(
        self, kind: MessageKind, direction: Direction, destination: DestinationId | None, page: Page
    ) -> tuple[int, tuple[Message, ...]]:
        count, found = _WAITING[direction]
        wanted = {"kind": kind.value, "destination": destination}
        [(total,)] = self._session.rows(count, **wanted)
        rows = self._session.rows(found, limit=page.limit, offset=page.offset, **wanted)
        return total, tuple(map(_message, rows))

    def note_notified(self, message: MessageId, how: Notified) -> bool:
        return bool(self._session.change(_NOTE[how], message=message))

    def unfetched(self, destination: DestinationId, *, before: datetime, told: int, limit: int) -> tuple[Message, ...]:
        rows = self._session.rows(
            "message_unfetched", destination=destination, before=moment(before), told=told, limit=limit
        )
        return tuple(map(_message, rows))

    def note_told(self, message: MessageId, times: int) -> bool:
        return bool(self._session.change("message_note_told", message=message, told=times))

    def kept_long_enough(
        self, destination: DestinationId, *, accepted_before: datetime, rejected_before: datetime, limit: int
    ) -> tuple[Message, ...]:
        rows = self._session.rows(
            "message_kept_long_enough",
            destination=destination,
            accepted_before=moment(accepted_before),
            rejected_before=moment(rejected_before),
            limit=limit,
        )
        return tuple(map(_message, rows))

    def drop_dossier(self, message: MessageId) -> None:
        self._session.change("message_drop_dossier", message=message)

    def cases(self, page: Page) -> tuple[int, tuple[Message, ...]]:
        [(total,)] = self._session.rows("message_cases_count")
        rows = self._session.rows("message_cases", limit=page.limit, offset=page.offset)
        return total, tuple(map(_message, rows))

    def unfinished(self, destination: DestinationId, key: KeyId, until: datetime) -> int:
        query = "message_unfinished"
        [(count,)] = self._session.rows(query, destination=destination, key=key, until=moment(until))
        return int(count)

    def unfinished_at(self, destination: DestinationId) -> int:
        [(count,)] = self._session.rows("message_unfinished_at", destination=destination)
        return int(count)

    def page(self, state: State | None, page: Page, stage: Stage | None = None) -> tuple[int, tuple[Message, ...]]:
        count, found = ("message_count", "message_page")
        wanted: dict[str, str | int | None] = {"test": staged(stage)}
        if state is not None:
            count, found = ("message_count_in_state", "message_page_in_state")
            wanted["state"] = state.value
        [(total,)] = self._session.rows(count, **wanted)
        rows = self._session.rows(found, limit=page.limit, offset=page.offset, **wanted)
        return total, tuple(map(_message, rows))

    def _must_exist(self, message: MessageId) -> None:
        if self._session.first("message_exists", message=message) is None:
            raise NotFound(message)


def _channel(said: str | None) -> ReplyChannel | None:
    if said is None:
        return None
    fields = from_json(said)
    return ReplyChannel(fields["key"], fields["modulus"], tuple(fields["standards"]))


def _message(row: Row) -> Message:
    """Columns as in the fragment `message_columns`."""
    return Message(
        id=row[0],
        case=row[1],
        destination=row[2],
        tenant=row[3],
        sender=row[4],
        service=row[5],
        service_name=row[6],
        region=row[7],
        announced=tuple(map(PartId, from_json(row[8]))),
        state=State(row[9]),
        held_from=State(row[10]) if row[10] else None,
        created_at=time(row[11]),
        submitted_at=None if row[12] is None else time(row[12]),
        test=bool(row[13]),
        kind=MessageKind(row[14]),
        direction=Direction(row[15]),
        notified=_notified(polled=row[16], called=row[17]),
        callback=row[18],
    )


def _past(row: Row) -> PastSubmission:
    number, message, tenant, destination, service, region, submitted_at, test, details, facts = row
    told = {} if details is None else from_json(details)
    return PastSubmission(
        number=number,
        id=message,
        tenant=tenant,
        destination=destination,
        service=service,
        region=told.get("region", region),
        submitted_at=time(submitted_at),
        stage=Stage.TEST if test else Stage.LIVE,
        facts={} if facts is None else from_json(facts),
    )


def _notified(*, polled: object, called: object) -> frozenset[Notified]:
    return frozenset(how for how, was in ((Notified.POLLING, polled), (Notified.CALLBACK, called)) if was)
