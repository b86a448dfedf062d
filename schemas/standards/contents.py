"""What lies in the registry: standards, and folders that should hold one and cannot be read as such."""

from dataclasses import dataclass
from pathlib import Path

from amtsbote.errors import Misconfigured
from amtsbote.model.schema_uris import spelled_as_known
from schemas.standards.lock import Lock


@dataclass(frozen=True, slots=True)
class DamagedStandard:
    """Its lock is missing, cannot be read, or is that of another one."""

    folder: Path
    identity: str
    """`kennung_version` by its lock, or as far as the name of the folder still says it."""
    why: Misconfigured

    @property
    def name(self) -> str:
        """What a person calls it: by its folder, for its lock may be that of an intact one."""
        return name_of(self.folder)


def name_of(folder: Path) -> str:
    return folder.name.replace("~", ":")


@dataclass(frozen=True, slots=True)
class Contents:
    standards: tuple[Lock, ...] = ()
    """By kennung and version."""
    damaged: tuple[DamagedStandard, ...] = ()

    def lack(self, uri: str) -> Misconfigured | None:
        """Why the message `kennung_version#root` is not known, where its standard is damaged."""
        standard = uri.partition("#")[0]
        same = (each for each in self.damaged if spelled_as_known(standard, (each.identity,)) == each.identity)
        return next((each.why for each in same), None)

    def demand(self, uri: str) -> None:
        """Raises `Misconfigured` when the standard of this message is damaged: that its message is not known means
        nothing then."""
        if lack := self.lack(uri):
            raise lack

    def demand_all(self) -> None:
        """Raises `Misconfigured` when any standard is damaged: a message that is none of the others could be of it."""
        for each in self.damaged:
            raise each.why
