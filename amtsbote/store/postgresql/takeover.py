"""Takes over the rows of a stopped installation from SQLite: all of them, compared, or none."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import apsw
import psycopg
from psycopg import sql

from amtsbote.errors import Damaged
from amtsbote.store.migrations import bundled
from amtsbote.store.postgresql.connection import Connection, connect, described, must_suit
from amtsbote.store.postgresql.failures import said
from amtsbote.store.postgresql.migrate import migrate
from amtsbote.store.refusal import StoreRefused
from amtsbote.store.sqlite.connection import reading
from amtsbote.store.sqlite.migrate import schema_version

_OURS: Final = "schema_version"
"""The one table both databases fill themselves."""
_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid"
_SEQUENCES: Final = (
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND is_identity = 'YES'"
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What one table holds: how many rows, and a digest that does not depend on their order."""

    count: int
    digest: str


def take_over(file: Path, url: str) -> Mapping[str, Rows]:
    """Copy every table of the SQLite database `file`, which nobody writes, into the empty schema of `url`.

    Everything happens in one transaction; both sides are counted and hashed before it is committed. Returns what each
    table holds. Raises `StoreRefused` when either database does not suit, `Damaged` when the copy differs.
    """
    source = reading(file)
    try:
        source.execute("BEGIN")
        with connect(url) as target:
            must_suit(target)
            migrate(target, bundled(__package__))
            with target.transaction():
                return _copied(source, target)
    except (psycopg.Error, apsw.Error) as error:
        told = said(error) if isinstance(error, psycopg.Error) else f"{type(error).__name__}: {error}"
        raise StoreRefused(
            f"Die Datenbank {file.name} lässt sich nicht übernehmen: {told}.",
            f"The database {file.name} cannot be taken over: {told}.",
        ) from error
    finally:
        source.close()


def _copied(source: apsw.Connection, target: Connection) -> Mapping[str, Rows]:
    _must_match(source)
    tables = {str(name): _columns(source, str(name)) for (name,) in source.execute(_TABLES) if name != _OURS}
    _must_be_unused(target)
    target.execute("DELETE FROM revision")
    held = {table: _copy(source, target, table, columns) for table, columns in tables.items()}
    for table, columns in tables.items():
        if measured(_rows_of(target, table, columns)) != held[table]:
            raise Damaged(f"the copy of the table {table} differs from what was read")
    _raise_sequences(target)
    return held


def measured(rows: Iterable[tuple[Any, ...]]) -> Rows:
    """Count and digest. Two equal rows count twice."""
    count = total = 0
    for row in rows:
        count += 1
        total += int.from_bytes(sha256(repr(row).encode()).digest())
    return Rows(count, f"{total % 2**256:064x}")


def _copy(source: apsw.Connection, target: Connection, table: str, columns: tuple[str, ...]) -> Rows:
    named = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _listed(columns))
    read = source.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608  (names of our own schema)
    with target.cursor() as cursor, cursor.copy(named) as copy:

        def passed_on() -> Iterator[tuple[Any, ...]]:
            for row in read:
                copy.write_row(row)
                yield row

        return measured(passed_on())


def _rows_of(target: Connection, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    query = sql.SQL("SELECT {} FROM {}").format(_listed(columns), sql.Identifier(table))
    with target.cursor(name="taken_over", binary=True) as cursor:
        yield from cursor.execute(query)


def _listed(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _columns(source: apsw.Connection, table: str) -> tuple[str, ...]:
    return tuple(str(name) for (name,) in source.execute("SELECT name FROM pragma_table_info(?)", (table,)))


def _must_match(source: apsw.Connection) -> None:
    version, known = schema_version(source), len(bundled("amtsbote.store.sqlite"))
    if version != known:
        raise StoreRefused(
            f"Die Datenbank hat Schema {version}, dieses Programm {known}. Bitte erst mit diesem Programm öffnen.",
            f"The database has schema {version}, this program {known}. Open it with this program first.",
        )


def _must_be_unused(target: Connection) -> None:
    used = "SELECT EXISTS (SELECT 1 FROM message) OR EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM audit)"
    if target.execute(used).fetchall() != [(False,)]:
        raise StoreRefused(
            f"Die Datenbank {described(target)} ist nicht leer. Bitte ein leeres Schema angeben.",
            f"The database {described(target)} is not empty. Name an empty schema.",
        )


def _raise_sequences(target: Connection) -> None:
    """New rows are numbered after those that were taken over."""
    for table, column in target.execute(_SEQUENCES).fetchall():
        target.execute(
            sql.SQL(
                "SELECT setval(pg_get_serial_sequence(%s, %s), greatest((SELECT max({}) FROM {}), 1),"
                " EXISTS (SELECT 1 FROM {}))"
            ).format(sql.Identifier(column), sql.Identifier(table), sql.Identifier(table)),
            (table, column),
        )
