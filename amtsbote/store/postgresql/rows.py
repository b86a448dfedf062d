"""Rows on their way between SQLite and PostgreSQL: which tables, in which order, and whether both sides are equal."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import apsw
from psycopg import sql

from amtsbote.store.migrations import bundled
from amtsbote.store.postgresql.connection import Connection
from amtsbote.store.refusal import StoreRefused

Told = Callable[[int, int], None]
"""How many rows are done with, and of how many."""
Row = tuple[Any, ...]
Tables = Mapping[str, tuple[str, ...]]
"""Table → its columns; whom others refer to comes first."""

_OURS: Final = "schema_version"
"""The one table both databases fill themselves."""
_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid"
_AT_ONCE: Final = 100
"""Rows fetched in one go: bodies of 64 kB lie in theirs."""
_EVERY: Final = 1_000


@dataclass(frozen=True, slots=True)
class Rows:
    """What one table holds: how many rows, and a digest that does not depend on their order."""

    count: int
    digest: str


def untold(_: int, __: int) -> None:
    """Nobody watches."""


class Counted:
    """Lets rows through and tells how many it were so far."""

    def __init__(self, told: Told, total: int) -> None:
        self._told = told
        self._total = total
        self._done = 0

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self._done += 1
            if self._done % _EVERY == 0:
                self._told(self._done, self._total)
            yield row


def measured(rows: Iterable[Row]) -> Rows:
    """Count and digest. Two equal rows count twice."""
    count = total = 0
    for row in rows:
        count += 1
        total += int.from_bytes(sha256(repr(row).encode()).digest())
    return Rows(count, f"{total % 2**256:064x}")


def tables_of(database: apsw.Connection) -> Tables:
    found = [str(name) for (name,) in database.execute(_TABLES) if name != _OURS]
    return {table: _columns(database, table) for table in found}


def from_sqlite(database: apsw.Connection, table: str, columns: tuple[str, ...]) -> Iterator[Row]:
    yield from database.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608  (names of our own schema)


def from_postgresql(database: Connection, table: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """In constant memory; needs an open transaction."""
    query = sql.SQL("SELECT {} FROM {}").format(listed(columns), sql.Identifier(table))
    with database.cursor(name="rows", binary=True) as cursor:
        cursor.itersize = _AT_ONCE
        yield from cursor.execute(query)


def total_in_sqlite(database: apsw.Connection, tables: Tables) -> int:
    return sum(int(database.execute(f"SELECT count(*) FROM {table}").get) for table in tables)  # noqa: S608  (our own)


def total_in_postgresql(database: Connection, tables: Tables) -> int:
    counted = (sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)) for table in tables)
    return sum(int(database.execute(query).fetchall()[0][0]) for query in counted)


def listed(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def must_be_known(version: int) -> None:
    """Rows go from one database to the other only when both have the schema of this program."""
    known = len(bundled("amtsbote.store.sqlite"))
    if version != known:
        raise StoreRefused(
            f"Die Datenbank hat Schema {version}, dieses Programm {known}. Bitte erst mit diesem Programm öffnen.",
            f"The database has schema {version}, this program {known}. Open it with this program first.",
        )


def _columns(database: apsw.Connection, table: str) -> tuple[str, ...]:
    return tuple(str(name) for (name,) in database.execute("SELECT name FROM pragma_table_info(?)", (table,)))
