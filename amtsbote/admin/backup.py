"""Back up while the daemon runs, in three kinds of steps: the database at once, the parts in batches, the manifest.

A backup is the same wherever database and parts lie: an SQLite file, a folder of parts, a manifest. Parts are never
written again, so those the copied rows own can be copied one after the other at leisure. What was dropped meanwhile
belonged to a message that was not submitted yet: its row leaves the copy too.
"""

import asyncio
import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
from pydantic import AfterValidator, Field

import amtsbote
from amtsbote.admin.asking import Answer, Arguments, read_arguments
from amtsbote.admin.manifest import DATABASE, FORMAT, LIST, MANIFEST, Manifest, digest_of, keep_copy, listed
from amtsbote.admin.office import Office, Upkeep
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.bodies import Bodies
from amtsbote.api.operations import Disk
from amtsbote.api.persistence import AuditRow
from amtsbote.errors import Damaged, StorageFailed
from amtsbote.store.refusal import StoreRefused
from amtsbote.store.sqlite.copying import forget_parts, must_be_sound, owned_files

_BATCH_FILES: Final = 500
_BATCH_BYTES: Final = 256 * 1024 * 1024


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("not absolute")
    return path


class _Folder(Arguments):
    folder: Annotated[Path, AfterValidator(_absolute)]


class _From(_Folder):
    done: int = Field(ge=0)


async def begin(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """The database into a new folder. → `parts`: how many files follow."""
    folder, upkeep = read_arguments(_Folder, arguments).folder, upkeep_of(office)
    return await asyncio.to_thread(_begin, folder, upkeep)


async def parts(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """The next part files, so many that an answer comes soon. → `done`: how many are done with."""
    asked, upkeep = read_arguments(_From, arguments), upkeep_of(office)
    return await asyncio.to_thread(_parts, asked.folder, asked.done, upkeep)


async def end(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """Check that all is there, and write the manifest: from then on the folder is a backup."""
    folder = read_arguments(_Folder, arguments).folder
    files = upkeep_of(office).files
    owned = await office.store.read(lambda tx: tx.parts.files())
    now = office.clock()
    manifest = await asyncio.to_thread(_end, folder, files, owned, now.isoformat())
    counts = {"parts": manifest.parts, "bytes": manifest.bytes, "missing": manifest.missing}
    await office.store.write(lambda tx: tx.audit.add(AuditRow(now, actor, "backup", str(folder), None, counts)))
    return {"folder": str(folder), **counts}


def upkeep_of(office: Office) -> Upkeep:
    """Raises `CommandRefused` where the office has no access to database and parts themselves."""
    if office.upkeep is None:
        raise CommandRefused("elsewhere", "backup.elsewhere")
    return office.upkeep


def _begin(folder: Path, upkeep: Upkeep) -> Answer:
    with _writing(folder):
        if folder.resolve().is_relative_to(upkeep.folder.resolve()):
            raise CommandRefused("in-the-way", "backup.inside", path=folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CommandRefused("in-the-way", "backup.not-empty", path=folder)
        folder.chmod(0o700)
        upkeep.copy_database(folder / DATABASE)
        (folder / LIST).touch(mode=0o600)
    return {"parts": len(owned_files(folder / DATABASE))}


def _parts(folder: Path, done: int, upkeep: Upkeep) -> Answer:
    disk, copied = Disk(), 0
    with _writing(folder), (folder / LIST).open("a", encoding="ascii") as digests:
        for name in owned_files(folder / DATABASE)[done : done + _BATCH_FILES]:
            done += 1
            try:
                digest, size = keep_copy(upkeep.files.read(name), folder / "parts" / name, disk)
            except Damaged:
                continue  # `end` looks whether its row is gone too
            digests.write(f"{digest}  parts/{name}\n")
            copied += size
            if copied >= _BATCH_BYTES:
                break
    return {"done": done}


def _end(folder: Path, files: Bodies, owned_now: frozenset[str], at: str) -> Manifest:
    with _writing(folder):
        there = [name for _, name in listed(folder)]
        absent = set(owned_files(folder / DATABASE)) - set(there)
        missing = absent & owned_now
        if set(files.missing(frozenset(missing))) != missing or len(there) != len(set(there)):
            raise CommandRefused("no-backup", "backup.interrupted", path=folder)
        forget_parts(folder / DATABASE, absent - owned_now)
        must_be_sound(folder / DATABASE)
        manifest = Manifest(
            format=FORMAT,
            program=amtsbote.__version__,
            made_at=at,
            database_sha256=digest_of(folder / DATABASE),
            parts=len(there),
            bytes=sum((folder / "parts" / name).stat().st_size for name in there),
            list_sha256=digest_of(folder / LIST),
            missing=sorted(missing),
        )
        _write_last(folder, manifest)
    return manifest


def _write_last(folder: Path, manifest: Manifest) -> None:
    """Everything durable, and only then the manifest."""
    disk = Disk()
    unfinished = folder / f"{MANIFEST}.new"
    unfinished.write_bytes(orjson.dumps(manifest.model_dump(), option=orjson.OPT_INDENT_2) + b"\n")
    for file in (folder / DATABASE, folder / LIST, unfinished):
        with file.open("rb") as content:
            disk.sync(content.fileno())
    for inner in (*(path for path in (folder / "parts").glob("??")), folder / "parts", folder, folder.parent):
        if inner.is_dir():
            disk.sync_folder(inner)
    disk.rename(unfinished, folder / MANIFEST)
    disk.sync_folder(folder)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or errno.errorcode.get(error.errno or 0, "?")
        raise CommandRefused("backup-failed", "backup.failed", path=folder, reason=reason) from error
    except (StorageFailed, Damaged, StoreRefused) as error:
        raise CommandRefused("backup-failed", "backup.failed", path=folder, reason=error) from error


COMMANDS: Final = {"backup.begin": begin, "backup.parts": parts, "backup.end": end}
