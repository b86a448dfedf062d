"""The folder of registered standards that a person names."""

from pathlib import Path

from amtsbote.admin.refusals import CommandRefused
from schemas.standards.library import Library


def named_library(folder: Path | None) -> Library | None:
    """None without a folder. One that is not there is a slip: nothing would be registered, and nobody would notice."""
    if folder is None:
        return None
    if not folder.is_dir():
        raise CommandRefused("not-found", "schemas.no-registry", path=folder)
    return Library(folder)
