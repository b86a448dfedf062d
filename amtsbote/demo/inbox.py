"""Chemnitz's side: reads its folder the way a Fachverfahren does, and compares with what the portal kept of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amtsbote.demo.failure import StepFailed

_MARKER = "fertig"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivered folder and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]


def arrived(inbox: Path, submission: str) -> Arrived | None:
    """The folder of this submission, once its marker is there. Raises `StepFailed` when there are two."""
    found = [one for one in _complete(inbox) if one.manifest["ids"]["message"] == submission]
    if len(found) > 1:
        raise StepFailed("demo.failed.twice", first=found[0].folder, second=found[1].folder)
    return found[0] if found else None


def _complete(inbox: Path) -> Iterator[Arrived]:
    for folder in sorted(inbox.iterdir()):
        if not folder.name.startswith(".") and (folder / _MARKER).exists():
            yield Arrived(folder, json.loads((folder / "manifest.json").read_bytes()))


def compared(there: Arrived, sent: Path) -> list[tuple[Path, Path, int]]:
    """Every file sent and its copy in Chemnitz with its size, all equal byte by byte. Raises `StepFailed`."""
    manifest = there.manifest
    pairs = [(sent / "antrag.xml", there.folder / manifest["data"]["file"], manifest["data"]["sha512"])]
    pairs += [
        (sent / entry["originalName"], there.folder / entry["file"], entry["sha512"])
        for entry in manifest["attachments"]
    ]
    if {original for original, _, _ in pairs} != set(sent.iterdir()):
        raise StepFailed("demo.failed.missing", folder=there.folder)
    return [_same(*pair) for pair in pairs]


def _same(original: Path, copy: Path, sha512: str) -> tuple[Path, Path, int]:
    content = original.read_bytes()
    if copy.read_bytes() != content or hashlib.sha512(content).hexdigest() != sha512:
        raise StepFailed("demo.failed.differs", original=original, copy=copy)
    return original, copy, len(content)
