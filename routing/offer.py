"""The one door for what comes from outside: an importer makes an offer, and `routing.importing` merges it.

Files of the Federal Statistical Office come through it, and extracts in the form of our tables; a client of another
registry will need nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from routing.regions.area import IMPORTED, Area, Place, Succession


@dataclass(frozen=True, slots=True)
class AgsEntry:
    """A municipality in a list that knows no ARS."""

    ags: str
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What one source says, ready to be merged."""

    source: str
    """What is asked for freshness, e.g. `destatis-rs` or `pvog`; of files of regions known to the catalogue as
    `regions.kind.…`."""
    stand: date
    """The day whose state it describes."""
    areas: tuple[Area, ...] = ()
    complete: frozenset[str] = frozenset()
    """Groups of areas of which it lists every one: what is missing there exists no longer."""
    successions: tuple[Succession, ...] = ()
    places: tuple[Place, ...] = ()
    ags_list: tuple[AgsEntry, ...] = ()
    skipped: int = 0
    """Rows of the file the tables have no place for, e.g. regional associations with four digits."""
    tables: Mapping[str, bytes] = field(default_factory=dict)
    """Rules and authorities (`layout.OFFERED`) → CSV without origin: all that the source says there. What it said
    before and is not among them, it does not say any more."""

    @property
    def origin(self) -> str:
        return origin_of(self.source)

    @property
    def rows(self) -> int:
        return len(self.areas) + len(self.successions) + len(self.places) + len(self.ags_list)


class Importer(Protocol):
    """A source of what the registry knows."""

    def offer(self) -> Offer:
        """Raises `Misconfigured` with every fault that was found, or `CommandRefused` for what is not there."""
        ...


def origin_of(source: str) -> str:
    """As a row has it."""
    return f"{IMPORTED}{source}"
