"""A backup on disk: the database, the part files its rows own, their digests, and a manifest written last.

`parts.sha256` is in the form of sha256sum(1), so a backup can be verified without this program. The master key is
never part of a backup.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.operations import Disk

FORMAT: Final = 1
DATABASE: Final = "amtsbote.db"
LIST: Final = "parts.sha256"
MANIFEST: Final = "manifest.json"
_PIECE: Final = 1024 * 1024


class Manifest(BaseModel):
    """`manifest.json`. A folder without one is no backup: its making was interrupted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: int = Field(ge=1)
    program: str
    made_at: str
    database_sha256: str
    parts: int
    bytes: int
    """Of all part files."""
    list_sha256: str
    missing: list[str]
    """Part files that rows own and that were not on the disk any more."""


def read_manifest(folder: Path) -> Manifest:
    """Raises `CommandRefused` when this is no backup, or one of a newer program."""
    try:
        found: Mapping[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
        manifest = Manifest.model_validate(found)
    except (OSError, ValueError, ValidationError):
        raise CommandRefused("no-backup", "backup.none", path=folder) from None
    if manifest.format > FORMAT:
        raise CommandRefused("backup-newer", "backup.newer", path=folder)
    return manifest


def listed(folder: Path) -> Iterator[tuple[str, str]]:
    """(digest, name below `parts/`) of every part file of a backup."""
    with (folder / LIST).open(encoding="ascii") as lines:
        for line in lines:
            digest, _, name = line.rstrip("\n").partition("  parts/")
            yield digest, name


def copy_file(source: Path, to: Path, disk: Disk) -> tuple[str, int]:
    """A new, durable copy (0600) of a file; its SHA-256 and size. Raises `OSError`."""
    digest, size = hashlib.sha256(), 0
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(reading, "rb", buffering=0) as content:
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        writing = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(writing, "wb") as copy:
            while piece := content.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                copy.write(piece)
            copy.flush()
            disk.sync(copy.fileno())
    return digest.hexdigest(), size


def digest_of(file: Path) -> str:
    """SHA-256 of a file. Raises `OSError`."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
