"""One connection seen through one scope: it runs named queries, whose text holds the scope's condition already."""

from typing import Any

import apsw

from amtsbote.api.persistence import Scope
from amtsbote.store.sqlite.failures import translated
from amtsbote.store.sqlite.queries import QUERIES

Value = str | int | bytes | None
Row = tuple[Any, ...]


class Session:
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
