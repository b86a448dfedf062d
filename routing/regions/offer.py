"""The one door for what comes from outside: rows, where they are from, and of which day."""

from dataclasses import dataclass
from datetime import date

from routing.regions.area import IMPORTED, Area, Place, Succession


@dataclass(frozen=True, slots=True)
class AgsEntry:
    """A municipality in a list that knows no ARS."""

    ags: str
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What one file (later: one registry) says, ready to be merged into the tables."""

    kind: str
    """What it is, e.g. `destatis-rs`; known to the catalogue as `regions.kind.…`."""
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

    @property
    def origin(self) -> str:
        return f"{IMPORTED}{self.kind}"

    @property
    def rows(self) -> int:
        return len(self.areas) + len(self.successions) + len(self.places) + len(self.ags_list)
