"""What the tables say of places: an area with its keys and dates, what follows a key, and a postcode."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

ONE_DAY: Final = timedelta(days=1)
IMPORTED: Final = "import:"
"""How the origin of a row begins that came out of a file."""


class Art(StrEnum):
    """What an area is. German words: they stand in the table."""

    LAND = "land"
    BEZIRK = "regierungsbezirk"
    KREIS = "kreis"
    VERBAND = "verband"
    GEMEINDE = "gemeinde"
    GEMEINDEFREI = "gemeindefrei"
    """An unincorporated area: has a key, and neither council nor authority of its own."""
    ORTSTEIL = "ortsteil"
    """A part of Berlin, Hamburg or Bremen; marked by the official lists, of 3, 5 or 12 digits."""


ART_BY_LENGTH: Final = {2: Art.LAND, 3: Art.BEZIRK, 5: Art.KREIS, 9: Art.VERBAND, 12: Art.GEMEINDE}
"""Digits of a key → what it is when nothing else is said."""
_CALLED: Final = {
    Art.LAND: "Land",
    Art.BEZIRK: "Regierungsbezirk",
    Art.KREIS: "Kreis",
    Art.VERBAND: "Gemeindeverband",
    Art.GEMEINDE: "Gemeinde",
    Art.GEMEINDEFREI: "Gemeindefreies Gebiet",
    Art.ORTSTEIL: "Ortsteil",
}
MEMBER: Final = "5"
UNINCORPORATED: Final = "9"
"""Sixth digit of an ARS: municipality of an association, unincorporated area; `0` is a municipality without one."""


class Course(StrEnum):
    """What became of a key: `art` of the table of successors."""

    NEW_KEY = "neuer-schluessel"
    ABSORBED = "eingegliedert"
    SPLIT = "geteilt"
    DISSOLVED = "aufgeloest"


@dataclass(frozen=True, slots=True)
class Area:
    """One row of `gebiete`. An open border is `date.min` or `date.max`; both days count."""

    ars: str
    name: str
    art: Art | None
    """None where an older table does not say."""
    ags: str = ""
    typ: str = ""
    """What the publisher calls it: Markt, Verbandsgemeinde, Landkreis."""
    begin: date = date.min
    end: date = date.max
    origin: str = ""
    """Empty: written by hand. Else where it was imported from."""
    stand: date | None = None
    """Day whose state the row's source describes."""

    @property
    def local(self) -> bool:
        return not self.origin

    @property
    def imported(self) -> bool:
        return self.origin.startswith(IMPORTED)

    @property
    def district(self) -> str:
        return self.ars[:5]

    @property
    def group(self) -> str:
        """Areas that one list holds completely or not at all: municipalities with unincorporated areas, parts of cities
        by length."""
        art = self.art or ART_BY_LENGTH[len(self.ars)]
        if art is Art.GEMEINDEFREI:
            return Art.GEMEINDE.value
        return f"{art.value}-{len(self.ars)}" if art is Art.ORTSTEIL else art.value

    @property
    def called(self) -> str:
        """What it is, in German: as its publisher says, else by its kind."""
        return self.typ or _CALLED[self.art or kind_of(self.ars)]

    def valid(self, on: date) -> bool:
        return self.begin <= on <= self.end


@dataclass(frozen=True, slots=True)
class Succession:
    """One row of `nachfolger`: from `since` on, `new` is in the place of `old`; empty `new`: nothing is."""

    old: str
    new: str
    since: date
    """`date.min` when nobody knows."""
    course: Course | None = None
    confirmed: bool = True
    origin: str = ""
    stand: date | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One row of `orte`."""

    postcode: str
    ags: str
    name: str
    origin: str = ""
    stand: date | None = None


def kind_of(ars: str) -> Art:
    """What a key is by its length and, for a municipality, by its sixth digit."""
    if len(ars) == 12 and ars[5] == UNINCORPORATED:
        return Art.GEMEINDEFREI
    return ART_BY_LENGTH[len(ars)]
