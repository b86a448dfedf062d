"""What the ports need of a database: named queries, run on one connection within one scope."""

from typing import Any, Protocol

from amtsbote.api.persistence import Scope

Value = str | int | bytes | None
Row = tuple[Any, ...]


class Session(Protocol):
    """Every text of a query holds the scope's condition already. Failures come in words of the house."""

    @property
    def scope(self) -> Scope: ...

    def rows(self, query: str, **values: Value) -> list[Row]: ...

    def first(self, query: str, **values: Value) -> Row | None:
        """The first row, if there is one."""
        ...

    def change(self, query: str, **values: Value) -> int:
        """Run a query that changes rows; returns how many."""
        ...
