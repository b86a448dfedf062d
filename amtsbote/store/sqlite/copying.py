"""A database beside the one in use: copied while it is written, looked into, and mended before it is sealed."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw

from amtsbote.errors import Damaged, StorageFailed
from amtsbote.store.sqlite import connection as connections


def copy_database(file: Path, to: Path) -> None:
    """One consistent snapshot of `file` as a new, durable file `to` (0600); writers go on meanwhile.

    All pages are taken in one read transaction (SQLite online backup API). Raises `StorageFailed`.
    """
    with _storage(), closing(connections.reading(file)) as source:
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with closing(apsw.Connection(str(to), flags=apsw.SQLITE_OPEN_READWRITE)) as copy:
            with copy.backup("main", source, "main") as pages:
                pages.step()
            copy.pragma("journal_mode", "delete")  # one file, and no log beside it


def owned_files(file: Path) -> tuple[str, ...]:
    """Names of the body files that rows of this database own, in order. Raises `StorageFailed`."""
    with _storage(), closing(connections.reading(file)) as copy:
        return tuple(name for (name,) in copy.execute("SELECT file FROM part WHERE file IS NOT NULL ORDER BY file"))


def forget_parts(file: Path, names: Iterable[str]) -> None:
    """Remove the rows of these body files from a copy. Raises `StorageFailed`."""
    with _storage(), closing(apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)) as copy:
        copy.executemany("DELETE FROM part WHERE file = ?", ((name,) for name in names))


def mark_moved(file: Path) -> None:
    """From now on nobody opens this database to work with it; it can still be read. Durable. Raises `StorageFailed`."""
    with _storage(), closing(apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)) as moved:
        moved.execute(f"PRAGMA synchronous = FULL; PRAGMA application_id = {connections.MOVED_ID}")
        moved.pragma("journal_mode", "delete")  # all of it in one file


def must_be_sound(file: Path) -> None:
    """Every page and index of the database in its place. Raises `Damaged`."""
    try:
        with closing(connections.reading(file)) as copy:
            found = copy.execute("PRAGMA integrity_check(1)").fetchall()
    except apsw.Error as error:
        raise Damaged("the database cannot be read") from error
    if found != [("ok",)]:
        raise Damaged("the database is not sound")


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except (OSError, apsw.Error) as error:
        raise StorageFailed(f"copying the database failed: {type(error).__name__}") from error
