"""Move a stopped installation from SQLite to PostgreSQL. Its parts stay where they are, and nothing is deleted.

The rows are there once one transaction of the server was committed, both sides compared; after that the old database is
marked, and nobody opens it to work with it any more: two living copies would both deliver. Whatever interrupts this,
the same command completes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvloop

from amtsbote.admin.manifest import DATABASE
from amtsbote.admin.places import Told, server_place
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.restoring import must_open
from amtsbote.api.operations import Around, Disk, unobserved
from amtsbote.daemon.masterkey import take_master_key
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.storage import open_parts
from amtsbote.errors import Damaged, StorageFailed
from amtsbote.keys.vault import Vault
from amtsbote.store import FolderLock, SqliteStore
from amtsbote.store.sqlite.copying import mark_moved

SCHEMES: Final = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Table:
    rows: int
    digest: str
    """The same on both sides, whatever the order of the rows."""


@dataclass(frozen=True, slots=True)
class Moved:
    tables: Mapping[str, Table]
    parts: int
    """How many files rows own."""
    missing: int
    """How many of them are not there."""


def move(settings: Settings, url: str, told: Told, *, around: Around = unobserved) -> Moved:
    """Move the rows to the empty schema that `url` leads to. Raises `CommandRefused` and `StoreRefused`."""
    folder = settings.storage.folder
    if not url.startswith(SCHEMES):
        raise CommandRefused("target", "move.target")
    if settings.storage.on_postgresql:
        raise CommandRefused("moved", "move.there")
    if not (folder / DATABASE).is_file():
        raise CommandRefused("not-initialised", "office.not-initialised", path=folder)
    server_place(url)
    with FolderLock.take(folder):
        try:
            owned = uvloop.run(_examined(folder, Vault.from_file(settings.keys.master_key_file)))
            missing = open_parts(settings, Disk.watched(around)).missing(owned)
            tables = _taken_over(folder / DATABASE, url, told, around)
            around("mark", mark_moved)(folder / DATABASE)
        except (StorageFailed, Damaged) as error:
            raise CommandRefused("move-failed", "move.failed", reason=error) from error
    return Moved(tables, len(owned), len(missing))


async def _examined(folder: Path, vault: Vault) -> frozenset[str]:
    """The files that rows own, of a database of the present version that the master key opens; closed afterwards, so
    that all of it is in one file."""
    store = SqliteStore.open(folder, readers=1, migrating=False)
    try:
        await take_master_key(store, vault)
        directory, owned = await store.read(lambda tx: (tx.directory.load(), tx.parts.files()))
    finally:
        await store.close()
    must_open(vault, tuple(directory.keys.values()))
    return owned


def _taken_over(file: Path, url: str, told: Told, around: Around) -> Mapping[str, Table]:
    from amtsbote.store.postgresql.takeover import take_over  # noqa: PLC0415  (its driver is an extra)

    held = take_over(file, url, told=told, around=around)
    return {table: Table(rows.count, rows.digest) for table, rows in held.items()}
