"""A folder of routing tables, `NAME.csv` each: what `apply` takes, read and written without an installation."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from amtsbote.admin.refusals import CommandRefused
from routing.layout import COLUMNS


def read_folder(folder: Path) -> dict[str, bytes]:
    """Name of the table → its bytes, of those that are there. Raises `CommandRefused` for a folder that is not, and for
    a file that cannot be read."""
    if not folder.is_dir():
        raise CommandRefused("not-found", "preflight.no-folder", path=folder)
    return {name: content_of(file) for name in COLUMNS if (file := folder / f"{name}.csv").exists()}


def content_of(file: Path) -> bytes:
    """Raises `CommandRefused`."""
    try:
        return file.read_bytes()
    except OSError as cause:
        raise CommandRefused("not-found", "preflight.no-file", path=file, reason=cause) from cause


def write_folder(folder: Path, tables: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write the tables that differ from what is there; names of the files. A file gets its name when it is whole."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in tables.items():
            file = folder / f"{name}.csv"
            if not file.exists() or file.read_bytes() != content:
                _replace(file, content)
                written.append(file.name)
    except OSError as cause:
        raise CommandRefused("refused", "regions.unwritable", path=folder, reason=cause) from cause
    return tuple(written)


def _replace(file: Path, content: bytes) -> None:
    descriptor, draft = tempfile.mkstemp(prefix=".", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
        Path(draft).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        Path(draft).replace(file)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
