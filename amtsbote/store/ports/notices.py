"""The outbox: what receivers of callbacks are to be told."""

from datetime import datetime

from amtsbote.api.notices import Untold
from amtsbote.errors import NotFound
from amtsbote.model.callback import Mention, Notice, NoticeKind
from amtsbote.model.ids import CaseId, DestinationId, MessageId, ReceiverId
from amtsbote.model.message import MessageKind, State
from amtsbote.store.ports.columns import moment, time
from amtsbote.store.ports.session import Session


class Notices:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, notice: Notice) -> None:
        added = self._session.change(
            "notice_add",
            receiver=notice.receiver,
            kind=notice.kind.value,
            message=notice.message,
            at=moment(notice.at),
        )
        if not added:
            raise NotFound(notice.message)

    def untold(self, limit: int) -> tuple[Untold, ...]:
        """Jumps from receiver to receiver: a backlog of one costs no more than a single notice."""
        rows = self._session.rows("notice_untold", limit=limit)
        return tuple(Untold(ReceiverId(name), None if rest is None else time(rest)) for name, rest in rows)

    def take(self, receiver: ReceiverId, batch: str, limit: int) -> tuple[Mention, ...]:
        self._session.change("notice_unmark", receiver=receiver)
        self._session.change("notice_mark", receiver=receiver, batch=batch, limit=limit)
        rows = self._session.rows("notice_marked", receiver=receiver, batch=batch)
        return tuple(
            Mention(
                NoticeKind(kind), MessageId(message), MessageKind(about), CaseId(case), DestinationId(to), State(state)
            )
            for kind, message, about, case, to, state in rows
        )

    def told(self, receiver: ReceiverId, batch: str) -> None:
        self._session.change("notice_told", receiver=receiver, batch=batch)

    def forget(self, receiver: ReceiverId) -> None:
        self._session.change("notice_forget", receiver=receiver)

    def prune(self, before: datetime) -> int:
        return self._session.change("notice_prune", before=moment(before))

    def count(self, receiver: ReceiverId) -> int:
        [(count,)] = self._session.rows("notice_count", receiver=receiver)
        return int(count)
