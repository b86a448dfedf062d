"""Takes over the rows of an SQLite database that nobody writes: all of them, compared, or none."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import apsw
import psycopg
from psycopg import sql

from amtsbote.api.operations import Around, unobserved
from amtsbote.errors import Damaged
from amtsbote.store.migrations import bundled
from amtsbote.store.postgresql.connection import Connection, connect, described, must_suit
from amtsbote.store.postgresql.failures import said
from amtsbote.store.postgresql.migrate import migrate, must_be_current, must_be_empty
from amtsbote.store.postgresql.migrate import schema_version as schema_of_target
from amtsbote.store.postgresql.rows import (
    Counted,
    Row,
    Rows,
    Tables,
    Told,
    from_postgresql,
    from_sqlite,
    listed,
    measured,
    must_be_known,
    tables_of,
    total_in_sqlite,
    untold,
)
from amtsbote.store.refusal import StoreRefused
from amtsbote.store.sqlite.connection import reading
from amtsbote.store.sqlite.migrate import schema_version

_SEQUENCES: Final = (
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND is_identity = 'YES'"
)


def take_over(file: Path, url: str, *, told: Told = untold, around: Around = unobserved) -> Mapping[str, Rows]:
    """Copy every table of the SQLite database `file`, which nobody writes, into the empty schema of `url`.

    Everything happens in one transaction; both sides are counted and hashed before it is committed. A schema that holds
    exactly these rows already is left as it is, so that whoever was interrupted can simply repeat. Returns what each
    table holds. Raises `StoreRefused` when either database does not suit, `Damaged` when the copy differs.
    """
    source = None
    try:
        source = reading(file)
        source.execute("BEGIN")
        with connect(url) as target:
            must_suit(target)
            around("migrate", migrate)(target, bundled(__package__))
            with target.transaction():
                held = _Taking(source, target, told).all(around)
                around("commit", target.execute)("SELECT 1")
            return held
    except (psycopg.Error, apsw.Error) as error:
        raise _impossible(file, error) from error
    finally:
        if source is not None:
            source.close()


def is_empty(url: str) -> bool:
    """Whether nothing lies in the schema of `url` yet; only looks. Raises `StoreRefused` when it cannot be used."""
    try:
        with connect(url) as target:
            must_suit(target)
            if not schema_of_target(target):
                must_be_empty(target)
                return True
            must_be_current(target, bundled(__package__))
            return not _in_use(target)
    except psycopg.Error as error:
        raise StoreRefused(
            f"Die PostgreSQL-Datenbank lässt sich nicht öffnen: {said(error)}.",
            f"The PostgreSQL database cannot be opened: {said(error)}.",
        ) from error


class _Taking:
    """One transaction that takes over."""

    def __init__(self, source: apsw.Connection, target: Connection, told: Told) -> None:
        must_be_known(schema_version(source))
        self._source = source
        self._target = target
        self._tables: Tables = tables_of(source)
        self._counted = Counted(told, 2 * total_in_sqlite(source, self._tables))

    def all(self, around: Around) -> Mapping[str, Rows]:
        self._target.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # while the other side is read
        self._target.execute("LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE")  # nobody opens it meanwhile
        if _in_use(self._target):
            return self._held_already()
        self._target.execute("DELETE FROM revision")
        held = {table: around("copy", self._copy)(table) for table in self._tables}
        for table in self._tables:
            if around("compare", self._there)(table) != held[table]:
                raise Damaged(f"a copied table differs from what was read: {table}")
        _raise_sequences(self._target)
        return held

    def _held_already(self) -> Mapping[str, Rows]:
        held = {}
        for table, columns in self._tables.items():
            held[table] = measured(self._counted(from_sqlite(self._source, table, columns)))
            if self._there(table) != held[table]:
                raise _not_empty(self._target)
        return held

    def _there(self, table: str) -> Rows:
        return measured(self._counted(from_postgresql(self._target, table, self._tables[table])))

    def _copy(self, table: str) -> Rows:
        columns = self._tables[table]
        named = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), listed(columns))
        with self._target.cursor() as cursor, cursor.copy(named) as copy:

            def passed_on() -> Iterator[Row]:
                for row in self._counted(from_sqlite(self._source, table, columns)):
                    copy.write_row(row)
                    yield row

            return measured(passed_on())


def _in_use(target: Connection) -> bool:
    used = "SELECT EXISTS (SELECT 1 FROM message) OR EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM audit)"
    return target.execute(used).fetchall() != [(False,)]


def _not_empty(target: Connection) -> StoreRefused:
    return StoreRefused(
        f"Die Datenbank {described(target)} ist nicht leer. Bitte ein leeres Schema angeben.",
        f"The database {described(target)} is not empty. Name an empty schema.",
    )


def _impossible(file: Path, error: psycopg.Error | apsw.Error) -> StoreRefused:
    told = said(error) if isinstance(error, psycopg.Error) else f"{type(error).__name__}: {error}"
    return StoreRefused(
        f"Die Datenbank {file.name} lässt sich nicht übernehmen: {told}.",
        f"The database {file.name} cannot be taken over: {told}.",
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
