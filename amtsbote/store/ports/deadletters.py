"""Klärungsfälle: what needs a person, seen by the tenant that owns it."""

from amtsbote.errors import NotFound
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.ids import MessageId
from amtsbote.store.ports.columns import from_json, json, moment, time
from amtsbote.store.ports.session import Session


class DeadLetters:
    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, letter: DeadLetter) -> None:
        """Raises `StaleState` when the id is taken, `NotFound` when message or owner are outside the scope."""
        opened = self._session.change(
            "deadletter_open",
            id=letter.id,
            message=letter.message,
            delivery=letter.delivery,
            tenant=letter.tenant,
            reason=letter.reason.value,
            details=json(letter.details),
            opened_at=moment(letter.opened_at),
        )
        if not opened:
            raise NotFound(letter.message)

    def of(self, message: MessageId) -> tuple[DeadLetter, ...]:
        return tuple(
            DeadLetter(number, of, delivery, tenant, Reason(reason), from_json(details), time(opened_at))
            for number, of, delivery, tenant, reason, details, opened_at in self._session.rows(
                "deadletter_of", message=message
            )
        )

    def count(self) -> int:
        [(count,)] = self._session.rows("deadletter_count")
        return int(count)
