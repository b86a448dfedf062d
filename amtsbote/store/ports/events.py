"""Events: the exact payload bytes of every entry of a case's log, and the first signature over them."""

from amtsbote.api.persistence import Page
from amtsbote.errors import NotFound
from amtsbote.model.event import EventKind, EventRecord
from amtsbote.model.ids import CaseId, EventId, KeyId, MessageId
from amtsbote.store.ports.columns import moment, time
from amtsbote.store.ports.session import Row, Session


class Events:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, record: EventRecord) -> None:
        """Raises `StaleState` when the id is taken, `NotFound` when the case has no such message in this scope."""
        added = self._session.change(
            "event_add",
            id=record.id,
            message=record.message,
            case_id=record.case,
            kind=record.kind.value,
            at=moment(record.at),
            kid=record.key,
            payload=record.payload,
            jws=record.jws,
        )
        if not added:
            raise NotFound(record.message)

    def of_case(self, case: CaseId, page: Page) -> tuple[int, tuple[EventRecord, ...]]:
        [(total,)] = self._session.rows("event_count_of_case", case_id=case)
        rows = self._session.rows("event_of_case", case_id=case, limit=page.limit, offset=page.offset)
        return total, tuple(map(_record, rows))

    def of_message(self, message: MessageId) -> tuple[EventRecord, ...]:
        return tuple(map(_record, self._session.rows("event_of_message", message=message)))

    def unsigned(self, limit: int) -> tuple[EventRecord, ...]:
        return tuple(map(_record, self._session.rows("event_unsigned", limit=limit)))

    def unsigned_by(self, key: KeyId) -> int:
        [(count,)] = self._session.rows("event_unsigned_by", kid=key)
        return int(count)

    def keep_signature(self, event: EventId, jws: str) -> None:
        self._session.change("event_keep_signature", id=event, jws=jws)


def _record(row: Row) -> EventRecord:
    """Columns as in the fragment `event_columns`."""
    return EventRecord(
        id=row[0],
        case=row[1],
        message=row[2],
        kind=EventKind(row[3]),
        at=time(row[4]),
        payload=row[5],
        key=row[6],
        jws=row[7],
    )
