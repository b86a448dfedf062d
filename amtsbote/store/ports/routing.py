"""Versions of the routing tables, kept as the operator wrote them, and the signatures made once per version."""

import zlib
from collections.abc import Mapping
from datetime import datetime

from amtsbote.errors import NotFound
from amtsbote.model.routing import RoutingDocument
from amtsbote.store.ports.columns import moment
from amtsbote.store.ports.session import Session


class Routing:
    def __init__(self, session: Session) -> None:
        self._session = session

    def current(self) -> RoutingDocument | None:
        version = self.version()
        if not version:
            return None
        tables = self._session.rows("routing_tables", version=version)
        return RoutingDocument(version, {name: zlib.decompress(compressed) for name, compressed in tables})

    def version(self) -> int:
        [(version,)] = self._session.rows("routing_version")
        return int(version)

    def add(self, tables: Mapping[str, bytes], *, at: datetime, actor: str) -> int:
        """Raises `NotFound` for everybody but the operator of the installation."""
        row = self._session.first("routing_add", at=moment(at), actor=actor)
        if row is None:
            raise NotFound("routing")
        version = int(row[0])
        self._session.change("routing_drop_signatures", version=version)
        for name, content in tables.items():
            self._session.change("routing_add_table", version=version, name=name, compressed=zlib.compress(content))
        return version

    def signature(self, version: int, subject: str) -> str | None:
        row = self._session.first("routing_signature", version=version, subject=subject)
        return None if row is None else str(row[0])

    def keep_signature(self, version: int, subject: str, jws: str) -> None:
        self._session.change("routing_keep_signature", version=version, subject=subject, jws=jws)
