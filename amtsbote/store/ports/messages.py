"""Messages: the only room where a message's state changes."""

from datetime import datetime

from amtsbote.api.persistence import Page
from amtsbote.errors import NotFound, StaleState
from amtsbote.model.ids import CaseId, DestinationId, MessageId, PartId
from amtsbote.model.message import TRANSITIONS, Assignment, Message, State
from amtsbote.store.ports.columns import from_json, json, moment, time
from amtsbote.store.ports.session import Row, Session


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

    def case(self, case: CaseId) -> tuple[Message, ...]:
        return tuple(map(_message, self._session.rows("message_case", case_id=case)))

    def waiting(self, destination: DestinationId | None, page: Page) -> tuple[int, tuple[Message, ...]]:
        [(total,)] = self._session.rows("message_waiting_count", destination=destination)
        rows = self._session.rows("message_waiting", destination=destination, limit=page.limit, offset=page.offset)
        return total, tuple(map(_message, rows))

    def unfinished(self, destination: DestinationId, until: datetime) -> int:
        [(count,)] = self._session.rows("message_unfinished", destination=destination, until=moment(until))
        return int(count)

    def page(self, state: State | None, page: Page) -> tuple[int, tuple[Message, ...]]:
        if state is None:
            [(total,)] = self._session.rows("message_count")
            rows = self._session.rows("message_page", limit=page.limit, offset=page.offset)
        else:
            [(total,)] = self._session.rows("message_count_in_state", state=state.value)
            rows = self._session.rows("message_page_in_state", state=state.value, limit=page.limit, offset=page.offset)
        return total, tuple(map(_message, rows))

    def _must_exist(self, message: MessageId) -> None:
        if self._session.first("message_exists", message=message) is None:
            raise NotFound(message)


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
    )
