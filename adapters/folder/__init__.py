"""The folder adapter: one folder per message, complete or not there, exactly once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from adapters.folder.adapter import FolderAdapter
from adapters.folder.place import Place
from adapters.folder.returning import ReturningFolder
from adapters.options import read_options
from amtsbote.api import AdapterServices

__all__ = ["FolderAdapter", "FolderKind", "FolderOptions", "ReturningFolder"]


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("must be an absolute path")
    return path


class FolderOptions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Annotated[Path, AfterValidator(_absolute)]
    """The folder the Fachverfahren watches. It has to exist; a missing one may be a share that is not mounted."""
    mounted: bool = False
    """The path must lie on a file system mounted below `/`. Without this, the empty mount point of a share that is
    missing at the start is taken for the folder."""
    replies: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")] | None = None
    """Name of a folder in `path`: through it the Fachverfahren gives answers back. Without it nothing is picked up."""


class FolderKind:
    name = "folder"
    options = FolderOptions

    def build(self, options: Mapping[str, str | int | bool], services: AdapterServices) -> FolderAdapter:
        """Raises `Misconfigured`."""
        declared = read_options(self.name, FolderOptions, options)
        place = Place(declared.path, services.disk, declared.mounted)
        if declared.replies is None:
            return FolderAdapter(place, services)
        return ReturningFolder(place, declared.replies, services)
