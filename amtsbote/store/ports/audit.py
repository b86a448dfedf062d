"""The audit rows. A row belongs to the scope in which the change was made; the operator sees all."""

from amtsbote.api.persistence import AuditRow, Page
from amtsbote.store.ports.columns import from_json, json, moment, time
from amtsbote.store.ports.session import Session


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
        return tuple(
            AuditRow(
                time(at),
                actor,
                action,
                subject,
                None if before is None else from_json(before),
                None if after is None else from_json(after),
            )
            for at, actor, action, subject, before, after in self._session.rows(
                "audit_page", limit=page.limit, offset=page.offset
            )
        )
