"""Klärungsfälle: what needs a person, seen by the tenant that owns it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from amtsbote.api.persistence import Page
from amtsbote.errors import NotFound, StaleState
from amtsbote.model.deadletter import Backlog, DeadLetter, LetterAction, LetterEntry, Reason, Settlement
from amtsbote.model.ids import DeadLetterId, MessageId
from amtsbote.model.stage import Stage
from amtsbote.store.ports.columns import from_json, json, moment, staged, time
from amtsbote.store.ports.session import Row, Session

_SHOWN: Final = {
    "open": ("deadletter_count_open", "deadletter_page_open"),
    "all": ("deadletter_count_all", "deadletter_page_all"),
}
"""Which are shown → the queries that count and list them."""


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
            token=letter.token,
        )
        if not opened:
            raise NotFound(letter.message)

    def get(self, letter: DeadLetterId) -> DeadLetter:
        row = self._session.first("deadletter_get", letter=letter)
        if row is None:
            raise NotFound(letter)
        return _letter(row)

    def of(self, message: MessageId) -> tuple[DeadLetter, ...]:
        return tuple(map(_letter, self._session.rows("deadletter_of", message=message)))

    def page(
        self, shown: Literal["open", "all"], page: Page, stage: Stage | None = None
    ) -> tuple[int, tuple[DeadLetter, ...]]:
        test = staged(stage)
        count, found = _SHOWN[shown]
        [(total,)] = self._session.rows(count, test=test)
        rows = self._session.rows(found, test=test, limit=page.limit, offset=page.offset)
        return total, tuple(map(_letter, rows))

    def count(self) -> int:
        [(count,)] = self._session.rows("deadletter_count")
        return int(count)

    def backlog(self, stage: Stage) -> Mapping[Reason, Backlog]:
        rows = self._session.rows("deadletter_backlog", test=staged(stage))
        return {Reason(reason): Backlog(count, time(oldest)) for reason, count, oldest in rows}

    def hand_over(self, letter: DeadLetterId, owner: str | None) -> None:
        if not self._session.change("deadletter_hand_over", letter=letter, owner=owner):
            self._settled_or_missing(letter)

    def settle(self, letter: DeadLetterId, settlement: Settlement, *, at: datetime) -> None:
        if not self._session.change("deadletter_settle", letter=letter, settlement=settlement.value, at=moment(at)):
            self._settled_or_missing(letter)

    def note(self, letter: DeadLetterId, entry: LetterEntry) -> None:
        noted = self._session.change(
            "deadletter_note",
            letter=letter,
            at=moment(entry.at),
            actor=entry.actor,
            action=entry.action.value,
            said=entry.text,
        )
        if not noted:
            raise NotFound(letter)

    def history(self, letter: DeadLetterId) -> tuple[LetterEntry, ...]:
        rows = self._session.rows("deadletter_history", letter=letter)
        return tuple(LetterEntry(time(at), actor, LetterAction(action), said) for at, actor, action, said in rows)

    def _settled_or_missing(self, letter: DeadLetterId) -> None:
        self.get(letter)
        raise StaleState(letter)


def _letter(row: Row) -> DeadLetter:
    """Columns as in the fragment `deadletter_columns`."""
    return DeadLetter(
        id=row[0],
        message=row[1],
        delivery=row[2],
        tenant=row[3],
        reason=Reason(row[4]),
        details=from_json(row[5]),
        opened_at=time(row[6]),
        token=row[7],
        owner=row[8],
        settled_at=None if row[9] is None else time(row[9]),
        settlement=None if row[10] is None else Settlement(row[10]),
    )
