"""One connection seen through one scope: it runs named queries, whose text holds the scope's condition already."""

import re
from collections.abc import Mapping
from typing import Final

import psycopg

from amtsbote.api.persistence import Scope
from amtsbote.store.ports import Ports
from amtsbote.store.ports.queries import queries
from amtsbote.store.ports.session import Row, Value
from amtsbote.store.postgresql.connection import Link
from amtsbote.store.postgresql.failures import translated

_NAMED: Final = re.compile(r"(?<!:):(\w+)")
_MAYBE: Final = re.compile(r":(\w+) IS NULL")
_ASKED: Final = "_is_there"
"""A value that may be missing is sent twice: asked whether it is there, PostgreSQL could not tell its type."""


def placed(query: str) -> str:
    """The query with its values named as psycopg wants it."""
    asking = _MAYBE.sub(rf"CAST(:\1{_ASKED} AS TEXT) IS NULL", query.replace("%", "%%"))
    return _NAMED.sub(r"%(\1)s", asking)


QUERIES: Final[Mapping[str, Mapping[str, str]]] = {
    kind: {name: placed(query) for name, query in named.items()} for kind, named in queries(__package__).items()
}
"""Kind of scope → name → SQL."""


class PostgresSession:
    """Implements `amtsbote.store.ports.session.Session`."""

    def __init__(self, link: Link, scope: Scope) -> None:
        self.scope = scope
        self._link = link
        self._queries = QUERIES[scope.kind]

    def rows(self, query: str, **values: Value) -> list[Row]:
        with self._run(query, values) as cursor:
            return cursor.fetchall()

    def first(self, query: str, **values: Value) -> Row | None:
        found = self.rows(query, **values)
        return found[0] if found else None

    def change(self, query: str, **values: Value) -> int:
        with self._run(query, values) as cursor:
            return cursor.rowcount

    def _run(self, query: str, values: dict[str, Value]) -> psycopg.Cursor[Row]:
        text = self._queries[query]
        sent = {**values, "scope": self.scope.id}
        if _ASKED in text:
            sent |= {f"{name}{_ASKED}": value for name, value in values.items()}
        try:
            return self._link.current.execute(text, sent, binary=True)
        except psycopg.Error as error:
            raise translated(error) from error


def ports(link: Link, scope: Scope) -> Ports:
    return Ports(PostgresSession(link, scope))
