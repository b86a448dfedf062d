"""Versions of the routing tables, kept as the operator wrote them, and the signatures made once per version."""

import zlib
from collections.abc import Mapping
from datetime import date, datetime

from amtsbote.api.persistence import Page
from amtsbote.errors import NotFound
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.versions import Mirrored, RoutingVersion
from amtsbote.store.ports.columns import issued_by, issued_columns, moment, time
from amtsbote.store.ports.session import Row, Session


class Routing:
    def __init__(self, session: Session) -> None:
        self._session = session

    def current(self, on: date) -> RoutingDocument | None:
        version = self.version(on)
        return self._tables(version) if version else None

    def version(self, on: date) -> int:
        [(version,)] = self._session.rows("routing_version", on_day=on.isoformat())
        return int(version)

    def newest(self) -> int:
        [(version,)] = self._session.rows("routing_newest")
        return int(version)

    def document(self, version: int) -> RoutingDocument:
        if self._session.first("routing_exists", version=version) is None:
            raise NotFound(str(version))
        return self._tables(version)

    def about(self, version: int) -> RoutingVersion:
        row = self._session.first("routing_about", version=version)
        if row is None:
            raise NotFound(str(version))
        return _version(row)

    def mirrored(self, issuer: str) -> RoutingVersion | None:
        row = self._session.first("routing_mirrored", issuer=issuer)
        return None if row is None else _version(row)

    def pending(self, after: date) -> tuple[RoutingVersion, ...]:
        return tuple(map(_version, self._session.rows("routing_pending", after=after.isoformat())))

    def versions(self, page: Page) -> tuple[int, tuple[RoutingVersion, ...]]:
        [(total,)] = self._session.rows("routing_count")
        rows = self._session.rows("routing_page", limit=page.limit, offset=page.offset)
        return total, tuple(map(_version, rows))

    def add(
        self,
        tables: Mapping[str, bytes],
        *,
        at: datetime,
        author: str,
        reason: str = "",
        effective: date | None = None,
        releaser: str | None = None,
        draft: int | None = None,
        mirrored: Mirrored | None = None,
    ) -> int:
        """Raises `NotFound` for everybody but the operator of the installation."""
        today = german_day(at)
        row = self._session.first(
            "routing_add",
            at=moment(at),
            author=author,
            reason=reason,
            effective=(effective or today).isoformat(),
            releaser=releaser,
            draft=draft,
            **issued_columns(mirrored),
        )
        if row is None:
            raise NotFound("routing")
        version = int(row[0])
        for name, content in tables.items():
            self._session.change("routing_add_table", version=version, name=name, compressed=zlib.compress(content))
        self._session.change("routing_drop_signatures", version=self.version(today))
        return version

    def signature(self, version: int, subject: str) -> str | None:
        row = self._session.first("routing_signature", version=version, subject=subject)
        return None if row is None else str(row[0])

    def keep_signature(self, version: int, subject: str, jws: str) -> None:
        self._session.change("routing_keep_signature", version=version, subject=subject, jws=jws)

    def _tables(self, version: int) -> RoutingDocument:
        tables = self._session.rows("routing_tables", version=version)
        return RoutingDocument(version, {name: zlib.decompress(compressed) for name, compressed in tables})


def _version(row: Row) -> RoutingVersion:
    """Columns as in the fragment `routing_columns`."""
    number, at, author, reason, effective, releaser, draft, *issued = row
    day = date.fromisoformat(effective)
    return RoutingVersion(number, time(at), author, reason, day, releaser, draft, issued_by(*issued))
