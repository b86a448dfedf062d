"""Restore a backup into an empty data folder, with no daemon in between. The database comes last: an interrupted
restore leaves a folder without one, which nothing takes for an installation."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from amtsbote.admin.manifest import DATABASE, LIST, Manifest, copy_file, digest_of, listed, read_manifest
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.operations import Disk
from amtsbote.daemon.settings import Settings
from amtsbote.errors import Damaged
from amtsbote.keys.keystore import KeyStore
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import KeyEntry
from amtsbote.store import BodyFiles, FolderLock, SqliteStore
from amtsbote.store.lock import FILE as LOCK
from amtsbote.store.sqlite.copying import must_be_sound

Told = Callable[[int, int], None]
"""How many part files are done with, and of how many."""
_EVERY: Final = 100


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    folder: Path


def restore(settings: Settings, backup: Path, told: Told) -> Restored:
    """Verify the whole backup, copy it, and see that the master key opens it.

    Raises `CommandRefused`; nothing was written when the backup is damaged or the data folder is not empty.
    """
    manifest, data = read_manifest(backup), settings.storage.folder
    vault = Vault.from_file(settings.keys.master_key_file)
    with FolderLock.take(data):
        if any(path.name != LOCK for path in data.iterdir()):
            raise CommandRefused("in-the-way", "restore.not-empty", path=data)
        try:
            _verify(backup, manifest, told)
            _copy(backup, data, told, manifest)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise CommandRefused("restore-failed", "restore.failed", path=data, reason=reason) from error
        asyncio.run(_opens(data, vault))
    return Restored(manifest, data)


def _verify(backup: Path, manifest: Manifest, told: Told) -> None:
    for file, digest in ((DATABASE, manifest.database_sha256), (LIST, manifest.list_sha256)):
        if digest_of(backup / file) != digest:
            raise _damaged(backup, file)
    parts = tuple(listed(backup))
    if len(parts) != manifest.parts:
        raise _damaged(backup, LIST)
    for number, (digest, name) in enumerate(parts, 1):
        try:
            intact = BodyFiles.ours(name) and digest_of(backup / "parts" / name) == digest
        except OSError:
            intact = False
        if not intact:
            raise _damaged(backup, name)
        if number % _EVERY == 0:
            told(number, 2 * manifest.parts)
    try:
        must_be_sound(backup / DATABASE)
    except Damaged:
        raise _damaged(backup, DATABASE) from None


def _copy(backup: Path, data: Path, told: Told, manifest: Manifest) -> None:
    disk = Disk()
    BodyFiles(data / "parts", disk)
    for number, (digest, name) in enumerate(listed(backup), 1):
        if copy_file(backup / "parts" / name, data / "parts" / name, disk)[0] != digest:
            raise _damaged(backup, name)
        if number % _EVERY == 0:
            told(manifest.parts + number, 2 * manifest.parts)
    for folder in (*(data / "parts").glob("??"), data / "parts"):
        disk.sync_folder(folder)
    unfinished = data / f"{DATABASE}.new"
    if copy_file(backup / DATABASE, unfinished, disk)[0] != manifest.database_sha256:
        raise _damaged(backup, DATABASE)
    disk.rename(unfinished, data / DATABASE)
    disk.sync_folder(data)


async def _opens(data: Path, vault: Vault) -> None:
    """The database is of a known version, and the master key is its own. Raises `StoreRefused`, `CommandRefused`."""
    store = SqliteStore.open(data, readers=1)
    try:
        directory = await store.read(lambda tx: tx.directory.load())
    finally:
        await store.close()
    must_open(vault, tuple(directory.keys.values()))


def must_open(vault: Vault, keys: tuple[KeyEntry, ...]) -> None:
    """Raises `CommandRefused` when the master key is that of another installation."""
    try:
        KeyStore(vault, keys)
    except Damaged:
        raise CommandRefused("master-key", "restore.master-key") from None


def _damaged(backup: Path, file: str) -> CommandRefused:
    return CommandRefused("backup-damaged", "restore.damaged", path=backup, file=file)
