"""Change sets of the routing tables: proposed by one person, settled by another."""

import zlib
from collections.abc import Mapping
from datetime import date, datetime

from amtsbote.api.persistence import Page
from amtsbote.errors import NotFound, StaleState
from amtsbote.model.versions import DraftState, NewDraft, RoutingDraft
from amtsbote.store.ports.columns import issued_by, issued_columns, moment, time
from amtsbote.store.ports.session import Row, Session


class Drafts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, draft: NewDraft, tables: Mapping[str, bytes]) -> int:
        """Raises `NotFound` for everybody but the operator of the installation."""
        row = self._session.first(
            "draft_add",
            at=moment(draft.at),
            author=draft.author,
            reason=draft.reason,
            base=draft.base,
            effective=None if draft.effective is None else draft.effective.isoformat(),
            digest=draft.digest,
            **issued_columns(draft.mirrored),
        )
        if row is None:
            raise NotFound("drafts")
        number = int(row[0])
        for name, content in tables.items():
            self._session.change("draft_add_table", draft=number, name=name, compressed=zlib.compress(content))
        return number

    def get(self, number: int) -> RoutingDraft:
        row = self._session.first("draft_get", draft=number)
        if row is None:
            raise NotFound(str(number))
        return _draft(row)

    def tables(self, number: int) -> Mapping[str, bytes]:
        rows = self._session.rows("draft_tables", draft=number)
        return {name: zlib.decompress(compressed) for name, compressed in rows}

    def open_with(self, digest: str) -> int | None:
        [(number,)] = self._session.rows("draft_open_with", digest=digest)
        return None if number is None else int(number)

    def page(self, state: DraftState | None, page: Page) -> tuple[int, tuple[RoutingDraft, ...]]:
        wanted = {"state": None if state is None else state.value}
        [(total,)] = self._session.rows("draft_count", **wanted)
        rows = self._session.rows("draft_page", limit=page.limit, offset=page.offset, **wanted)
        return total, tuple(map(_draft, rows))

    def settle(self, number: int, state: DraftState, *, at: datetime, by: str, version: int | None = None) -> None:
        if state is DraftState.OPEN:
            raise ValueError("what is settled is not open")
        settled = self._session.change(
            "draft_settle", draft=number, state=state.value, at=moment(at), settled_by=by, version=version
        )
        if not settled:
            self.get(number)
            raise StaleState(str(number))


def _draft(row: Row) -> RoutingDraft:
    """Columns as in the fragment `draft_columns`."""
    number, at, author, reason, base, effective, digest, state, settled_at, settled_by, version, *issued = row
    day = None if effective is None else date.fromisoformat(effective)
    proposed = NewDraft(time(at), author, reason, base, day, digest, issued_by(*issued))
    settled = None if settled_at is None else time(settled_at)
    return RoutingDraft(number, proposed, DraftState(state), settled, settled_by, version)
