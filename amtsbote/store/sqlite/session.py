"""One connection seen through one scope: it runs named queries, whose text holds the scope's condition already."""

from typing import Final

import apsw

from amtsbote.api.persistence import Scope
from amtsbote.store.ports import Ports
from amtsbote.store.ports.queries import queries
from amtsbote.store.ports.session import Row, Value
from amtsbote.store.sqlite.failures import translated

QUERIES: Final = queries(__package__)
"""Kind of scope → name → SQL."""


class SqliteSession:
    """Implements `amtsbote.store.ports.session.Session`."""

    def __init__(self, connection: apsw.Connection, scope: Scope) -> None:
        self.scope = scope
        self._connection = connection
        self._queries = QUERIES[scope.kind]

    def rows(self, query: str, **values: Value) -> list[Row]:
        values["scope"] = self.scope.id
        try:
            return self._connection.execute(self._queries[query], values).fetchall()
        except apsw.Error as error:
            raise translated(error, self._connection) from error

    def first(self, query: str, **values: Value) -> Row | None:
        found = self.rows(query, **values)
        return found[0] if found else None

    def change(self, query: str, **values: Value) -> int:
        """Run a query that changes rows; returns how many."""
        values["scope"] = self.scope.id
        try:
            self._connection.execute(self._queries[query], values)
        except apsw.Error as error:
            raise translated(error, self._connection) from error
        return self._connection.changes()


def ports(connection: apsw.Connection, scope: Scope) -> Ports:
    return Ports(SqliteSession(connection, scope))
