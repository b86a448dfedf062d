"""Reads a target folder the way a Fachverfahren does, knowing only the documented layout."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class DeliveredFolder:
    path: Path
    manifest: dict[str, Any]
    files: dict[str, bytes]

    @property
    def data(self) -> bytes:
        return self.files[self.manifest["data"]["file"]]

    @property
    def attachments(self) -> tuple[bytes, ...]:
        return tuple(self.files[each["file"]] for each in self.manifest["attachments"])


def delivered_folders(target: Path) -> list[DeliveredFolder]:
    """Every folder that can be seen in the target, by name. Fails when one is there without its marker or manifest."""
    return [_read(path) for path in sorted(target.iterdir()) if not path.name.startswith(".")]


def left_in_workshop(target: Path) -> set[str]:
    """What lies in the adapter's own folder, besides the intents."""
    return {path.name for path in (target / ".amtsbote").iterdir()} - {"intents"}


def intents_in(target: Path) -> list[str]:
    return sorted(path.name for path in (target / ".amtsbote" / "intents").iterdir())


def _read(folder: Path) -> DeliveredFolder:
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "fertig" in files, f"{folder.name} can be seen but has no marker"
    return DeliveredFolder(folder, json.loads(files["manifest.json"]), files)
