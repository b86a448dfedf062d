"""Reads a target folder the way a Fachverfahren does, knowing only the documented layout."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWERS = "antworten"
"""Where it gives something back."""


@dataclass(frozen=True, slots=True)
class DeliveredFolder:
    path: Path
    manifest: dict[str, Any]
    files: dict[str, bytes]

    @property
    def data(self) -> bytes:
        return self.files[self.manifest["data"]["file"]]

    @property
    def original(self) -> bytes | None:
        """What was sent, where the data is mapped."""
        named = self.manifest.get("original")
        return None if named is None else self.files[named["file"]]

    @property
    def attachments(self) -> tuple[bytes, ...]:
        return tuple(self.files[each["file"]] for each in self.manifest["attachments"])


def delivered_folders(target: Path) -> list[DeliveredFolder]:
    """Every folder that can be seen in the target, by name. Fails when one is there without its marker or manifest."""
    named = [path for path in sorted(target.iterdir()) if not path.name.startswith(".") and path.name != ANSWERS]
    return [delivered_folder(path) for path in named]


def left_in_workshop(target: Path) -> set[str]:
    """What lies in the adapter's own folder, besides the intents."""
    return {path.name for path in (target / ".amtsbote").iterdir()} - {"intents"}


def intents_in(target: Path) -> list[str]:
    return sorted(path.name for path in (target / ".amtsbote" / "intents").iterdir())


def delivered_folder(folder: Path) -> DeliveredFolder:
    """One folder that can be seen. Fails when it is there without its marker or manifest."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "fertig" in files, f"{folder.name} can be seen but has no marker"
    return DeliveredFolder(folder, json.loads(files["manifest.json"]), files)
