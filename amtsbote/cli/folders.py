"""Folders that a person names. One that is not there is a slip: nothing is found in it, and nobody would notice."""

from pathlib import Path

from amtsbote.admin.refusals import CommandRefused


def existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise CommandRefused("not-found", "preflight.no-folder", path=folder)
    return folder
