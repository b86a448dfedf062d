"""How connections are opened. Every setting here is one that durability or secrecy hangs on."""

import os
from pathlib import Path
from typing import Final

import apsw

from amtsbote.api.operations import Disk
from amtsbote.store.refusal import StoreRefused

FILE: Final = "amtsbote.db"
APPLICATION_ID: Final = 0x416D7462
"""`Amtb`: marks the file as ours (SQLite file format, offset 68)."""
MOVED_ID: Final = 0x416D746D
"""`Amtm`: the rows moved to another database. Two living copies would each deliver."""
_BUSY_MS: Final = 5_000
_LOG_LIMIT: Final = 64 * 1024 * 1024
"""Bytes to which an overgrown write-ahead log is cut back."""

_EVERY: Final = (
    f"PRAGMA busy_timeout = {_BUSY_MS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA mmap_size = 0",  # a disk error must be an error, not a signal
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)
_WRITING: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA wal_autocheckpoint = 0",  # the writer does it between two groups, when nobody waits
    f"PRAGMA journal_size_limit = {_LOG_LIMIT}",
)


def prepare_file(folder: Path, disk: Disk) -> Path:
    """Folder (0700) and an empty file (0600, which SQLite gives its companions too) before SQLite sees them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    file = folder / FILE
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)
    disk.sync_folder(folder)
    return file


def writing(file: Path) -> apsw.Connection:
    """Raises `StoreRefused` for a database of somebody else and where the file system cannot do write-ahead logging."""
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=512)
    _must_be_ours(connection)
    for pragma in (*_EVERY, *_WRITING):
        connection.execute(pragma)
    if connection.pragma("journal_mode", "wal") != "wal":
        raise StoreRefused(
            f"Unter {file} ist kein sicheres Schreiben möglich (kein WAL). Bitte ein lokales Dateisystem verwenden.",
            f"{file} cannot be written safely (no WAL). Use a local file system.",
        )
    return connection


def reading(file: Path) -> apsw.Connection:
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY, statementcachesize=512)
    for pragma in _EVERY:
        connection.execute(pragma)
    return connection


def _must_be_ours(connection: apsw.Connection) -> None:
    """Asked before any setting that would change the file."""
    empty = not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    if connection.pragma("application_id") == MOVED_ID:
        raise StoreRefused(
            f"{connection.filename} ist umgezogen: seine Daten liegen jetzt in PostgreSQL. Bitte in der"
            " Installationsdatei unter [storage] die Zeile database eintragen.",
            f"{connection.filename} has moved: its data are in PostgreSQL now. Put the line database under [storage]"
            " in the installation file.",
        )
    if not empty and connection.pragma("application_id") != APPLICATION_ID:
        raise StoreRefused(
            f"{connection.filename} ist keine Datenbank von Amtsbote. Bitte einen anderen Datenordner angeben.",
            f"{connection.filename} is not a database of Amtsbote. Name another data folder.",
        )
