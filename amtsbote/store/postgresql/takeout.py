"""Takes the rows of a PostgreSQL installation, which goes on working, out into an SQLite file: one moment, compared."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import apsw
import psycopg

from amtsbote.api.operations import Around, unobserved
from amtsbote.errors import Damaged, StorageFailed
from amtsbote.store.migrations import bundled
from amtsbote.store.postgresql.connection import Connection, connect
from amtsbote.store.postgresql.failures import said
from amtsbote.store.postgresql.migrate import schema_version
from amtsbote.store.postgresql.rows import (
    Counted,
    Row,
    Rows,
    Told,
    from_postgresql,
    from_sqlite,
    measured,
    must_be_known,
    tables_of,
    total_in_postgresql,
    untold,
)
from amtsbote.store.sqlite.migrate import migrate


def take_out(url: str, to: Path, *, told: Told = untold, around: Around = unobserved) -> Mapping[str, Rows]:
    """One consistent snapshot of the schema of `url` as a new, durable SQLite database `to` (0600).

    Rows are streamed in one repeatable read; the file is counted and hashed afterwards. Returns what each table holds.
    Raises `StorageFailed` when server or disk fail, `Damaged` when the copy differs, `StoreRefused` when the database
    has another version than this program.
    """
    try:
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with closing(apsw.Connection(str(to), flags=apsw.SQLITE_OPEN_READWRITE)) as copy:
            copy.execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")  # a torn one is thrown away
            migrate(copy, bundled("amtsbote.store.sqlite"))
            with connect(url) as source:
                must_be_known(schema_version(source))
                counted = Counted(told, 2 * total_in_postgresql(source, tables_of(copy)))
                held = around("copy", _filled)(source, copy, counted)
            around("compare", _must_equal)(copy, held, counted)
        with to.open("rb") as written:
            around("fsync", os.fsync)(written.fileno())
    except psycopg.Error as error:
        raise StorageFailed(f"taking out the rows failed: {said(error)}") from error
    except (OSError, apsw.Error) as error:
        raise StorageFailed(f"taking out the rows failed: {type(error).__name__}") from error
    return held


def _filled(source: Connection, copy: apsw.Connection, counted: Counted) -> Mapping[str, Rows]:
    source.isolation_level, source.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
    held = {}
    with copy, source.transaction():
        source.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        copy.execute("DELETE FROM revision")
        for table, columns in tables_of(copy).items():
            held[table] = _copied(counted(from_postgresql(source, table, columns)), copy, table, columns)
    return held


def _copied(rows: Iterator[Row], copy: apsw.Connection, table: str, columns: tuple[str, ...]) -> Rows:
    insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  (ours)

    def passed_on() -> Iterator[Row]:
        for row in rows:
            copy.execute(insert, row)
            yield row

    return measured(passed_on())


def _must_equal(copy: apsw.Connection, held: Mapping[str, Rows], counted: Counted) -> None:
    for table, columns in tables_of(copy).items():
        if measured(counted(from_sqlite(copy, table, columns))) != held[table]:
            raise Damaged(f"a copied table differs from what was read: {table}")
    if copy.execute("PRAGMA foreign_key_check").fetchall():
        raise Damaged("rows of the copy refer to nothing")
