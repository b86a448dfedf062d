"""Restore a backup where nothing lies yet, with no daemon in between.

First everything is verified, then the database is made ready beside its place and opened there with the master key,
then the parts are put in, and the database comes last: an interrupted restore leaves none, and can simply be repeated.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from amtsbote.admin.manifest import (
    DATABASE,
    LIST,
    Manifest,
    copy_file,
    digest_of,
    listed,
    pieces_of,
    read_manifest,
)
from amtsbote.admin.places import Place, Told, place_of
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.bodies import Bodies, is_body_name
from amtsbote.api.operations import Around, Disk, unobserved
from amtsbote.daemon.masterkey import take_master_key
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.storage import open_parts
from amtsbote.errors import Damaged, StorageFailed
from amtsbote.keys.keystore import KeyStore
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import KeyEntry
from amtsbote.store import FolderLock, SqliteStore
from amtsbote.store.sqlite.copying import must_be_sound

STAGING: Final = "restoring"
"""Folder in the data folder where the database is made ready."""
_EVERY: Final = 100


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    place: str
    """Where the rows lie now."""


@dataclass(frozen=True, slots=True)
class _Restore:
    backup: Path
    manifest: Manifest
    staging: Path
    told: Told
    around: Around


def restore(settings: Settings, backup: Path, told: Told, *, around: Around = unobserved) -> Restored:
    """Verify the whole backup, see that the master key opens it, and put it where the installation file says.

    Raises `CommandRefused` and `StoreRefused`; no database was made when the backup is damaged, newer than this program
    or locked by another master key, or when there is an installation already.
    """
    manifest, data = read_manifest(backup), settings.storage.folder
    vault = Vault.from_file(settings.keys.master_key_file)
    with FolderLock.take(data):
        place = place_of(settings)
        place.must_be_free()
        work = _Restore(backup, manifest, data / STAGING, told, around)
        try:
            _restored(work, settings, place, vault)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise CommandRefused("restore-failed", "restore.failed", path=place.name, reason=reason) from error
        except (StorageFailed, Damaged) as error:
            raise CommandRefused("restore-failed", "restore.failed", path=place.name, reason=error) from error
    return Restored(manifest, place.name)


def _restored(work: _Restore, settings: Settings, place: Place, vault: Vault) -> None:
    parts = _verified(work)
    asyncio.run(_opens(_staged(work), vault))
    bodies = open_parts(settings, Disk.watched(work.around))
    _keep_parts(work, bodies, parts)
    place.fill(work.staging / DATABASE, work.told, work.around)
    shutil.rmtree(work.staging)


def _verified(work: _Restore) -> Sequence[tuple[str, str]]:
    """Digest and name of every part file, all of them as the manifest says. Read once: what is copied was checked."""
    backup, manifest = work.backup, work.manifest
    for file, digest in ((DATABASE, manifest.database_sha256), (LIST, manifest.list_sha256)):
        if digest_of(backup / file) != digest:
            raise _damaged(backup, file)
    parts = tuple(listed(backup))
    if len(parts) != manifest.parts:
        raise _damaged(backup, LIST)
    for number, (digest, name) in enumerate(parts, 1):
        try:
            intact = is_body_name(name) and digest_of(backup / "parts" / name) == digest
        except OSError:
            intact = False
        if not intact:
            raise _damaged(backup, name)
        if number % _EVERY == 0:
            work.told(number, 2 * manifest.parts)
    try:
        must_be_sound(backup / DATABASE)
    except Damaged:
        raise _damaged(backup, DATABASE) from None
    return parts


def _staged(work: _Restore) -> Path:
    """The database alone in a folder of its own, begun anew."""
    disk = Disk.watched(work.around)
    if work.staging.exists():
        shutil.rmtree(work.staging)
    work.staging.mkdir(mode=0o700)
    if copy_file(work.backup / DATABASE, work.staging / DATABASE, disk)[0] != work.manifest.database_sha256:
        raise _damaged(work.backup, DATABASE)
    disk.sync_folder(work.staging)
    return work.staging


async def _opens(staging: Path, vault: Vault) -> None:
    """The database is of a known version and now of the newest, and the master key is its own. Raises `StoreRefused`,
    `CommandRefused`."""
    store = SqliteStore.open(staging, readers=1)
    try:
        await take_master_key(store, vault)
        directory = await store.read(lambda tx: tx.directory.load())
    finally:
        await store.close()
    must_open(vault, tuple(directory.keys.values()))


def _keep_parts(work: _Restore, bodies: Bodies, parts: Sequence[tuple[str, str]]) -> None:
    """What an interrupted restore left there already is kept when it is as it should be."""
    there = frozenset(bodies.orphans(frozenset()))
    if there - {name for _, name in parts}:
        raise CommandRefused("in-the-way", "restore.parts-not-empty")
    for number, (digest, name) in enumerate(parts, 1):
        if name not in there or not _as_it_should_be(bodies, name, digest):
            bodies.remove(name)
            _keep_part(work, bodies, name, digest)
        if number % _EVERY == 0:
            work.told(work.manifest.parts + number, 2 * work.manifest.parts)


def _keep_part(work: _Restore, bodies: Bodies, name: str, digest: str) -> None:
    found, writer = hashlib.sha256(), bodies.begin(name)
    try:
        with pieces_of(work.backup / "parts" / name) as pieces:
            for piece in pieces:
                found.update(piece)
                writer.write(piece)
        if found.hexdigest() != digest:
            raise _damaged(work.backup, name)
        writer.keep()
    except BaseException:
        writer.discard()
        raise


def _as_it_should_be(bodies: Bodies, name: str, digest: str) -> bool:
    found = hashlib.sha256()
    for piece in bodies.read(name):
        found.update(piece)
    return found.hexdigest() == digest


def must_open(vault: Vault, keys: tuple[KeyEntry, ...]) -> None:
    """Raises `CommandRefused` when the master key is that of another installation."""
    try:
        KeyStore(vault, keys)
    except Damaged:
        raise CommandRefused("master-key", "restore.master-key") from None


def _damaged(backup: Path, file: str) -> CommandRefused:
    return CommandRefused("backup-damaged", "restore.damaged", path=backup, file=file)
