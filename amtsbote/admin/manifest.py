"""A backup on disk: the database, the part files its rows own, their digests, and a manifest written last.

`parts.sha256` is in the form of sha256sum(1), so a backup can be verified without this program. The master key is
never part of a backup.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import chain
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
PIECE: Final = 1024 * 1024
"""Bytes read from a file in one go."""


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
    """Parts that rows own and that were not there any more."""


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
    with pieces_of(source) as pieces:
        return keep_copy(pieces, to, disk)


def keep_copy(pieces: Iterator[bytes], to: Path, disk: Disk) -> tuple[str, int]:
    """A new, durable file (0600) of these pieces; its SHA-256 and size. Nothing is made when there is not even a first
    piece. Raises `OSError`, and what `pieces` raise."""
    first, digest, size = next(pieces, b""), hashlib.sha256(), 0
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    writing = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(writing, "wb") as copy:
        for piece in chain((first,), pieces):
            digest.update(piece)
            size += len(piece)
            copy.write(piece)
        copy.flush()
        disk.sync(copy.fileno())
    return digest.hexdigest(), size


@contextmanager
def pieces_of(file: Path) -> Iterator[Iterator[bytes]]:
    """The content of a file that is no link. Raises `OSError`."""
    reading = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(reading, "rb", buffering=0) as content:
        yield iter(partial(content.read, PIECE), b"")


def digest_of(file: Path) -> str:
    """SHA-256 of a file. Raises `OSError`."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
