"""The audit rows. A row belongs to the scope in which the change was made; the operator sees all."""

from amtsbote.api.persistence import AuditRow, AuditWish, Page
from amtsbote.errors import NotFound
from amtsbote.store.ports.columns import from_json, json, moment, time
from amtsbote.store.ports.session import Row, Session


class Audit:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: AuditRow) -> None:
        self._session.change(
            "audit_add",
            scope_kind=self._session.scope.kind,
            scope_id=self._session.scope.id,
            at=moment(row.at),
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            before=None if row.before is None else json(row.before),
            after=None if row.after is None else json(row.after),
        )

    def page(self, page: Page) -> tuple[AuditRow, ...]:
        """Newest first."""
        return tuple(row for _, row in self.search(AuditWish(), page)[1])

    def search(self, wish: AuditWish, page: Page) -> tuple[int, tuple[tuple[int, AuditRow], ...]]:
        wanted = {
            "subject": wish.subject,
            "actor": wish.actor,
            "since": None if wish.since is None else moment(wish.since),
        }
        [(total,)] = self._session.rows("audit_count", **wanted)
        rows = self._session.rows("audit_page", limit=page.limit, offset=page.offset, **wanted)
        return total, tuple((row[0], _row(row)) for row in rows)

    def get(self, number: int) -> AuditRow:
        row = self._session.first("audit_get", number=number)
        if row is None:
            raise NotFound(str(number))
        return _row(row)


def _row(row: Row) -> AuditRow:
    """Columns as in the fragment `audit_columns`."""
    _, at, actor, action, subject, before, after = row
    return AuditRow(
        time(at),
        actor,
        action,
        subject,
        None if before is None else from_json(before),
        None if after is None else from_json(after),
    )
