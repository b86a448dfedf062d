"""Places by name, postcode or key: every one that fits, the best first, never silently one of them.

Meant for both the command line and the public search for areas: made once per version of the tables, then asked.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final, Self

from routing.regions.area import Area, Art, Succession
from routing.regions.lines import Lines
from routing.regions.spelling import ANY, core_of, phrases_of, pieces_of, plain_words_of, words_of
from routing.regions.tables import RegionTables

_ORDER: Final = (Art.GEMEINDE, Art.KREIS, Art.LAND, Art.VERBAND, Art.BEZIRK, Art.ORTSTEIL, Art.GEMEINDEFREI)
"""Of areas that fit equally well, in this order."""
_CALLED: Final = frozenset({"kreis", "landkreis"})
"""What people put before the name of a district."""
_LAENDER: Final[Mapping[str, str]] = {
    "SH": "01",
    "HH": "02",
    "NI": "03",
    "HB": "04",
    "NW": "05",
    "HE": "06",
    "RP": "07",
    "BW": "08",
    "BY": "09",
    "SL": "10",
    "BE": "11",
    "BB": "12",
    "MV": "13",
    "SN": "14",
    "ST": "15",
    "TH": "16",
}
"""ISO 3166-2:DE → key of the Land."""
_FEWEST_LETTERS: Final = 2


class LandUnknown(LookupError):
    """What was said is no Land of the tables."""

    def __init__(self, known: Mapping[str, str]) -> None:
        super().__init__(", ".join(known))
        self.known = known
        """Key → name, which may be empty."""


class Fit(IntEnum):
    """How well a place fits what was asked, the best first. Words of the catalogue: `regions.fit.…`."""

    KEY = 0
    """Its key, or its AGS."""
    POSTCODE = 1
    NAME = 2
    """The whole name, without title and addition."""
    FULL_NAME = 3
    """All words of the name, in whatever order."""
    BEGINNING = 4
    """The name begins like that."""
    WITHIN = 5
    """Words of the name begin like that."""


@dataclass(frozen=True, slots=True)
class Follower:
    """What has taken the place of an ended key."""

    ars: str
    """Empty: nothing has."""
    name: str
    since: date | None
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Found:
    area: Area
    fit: Fit
    district: str
    """Name of the district; empty for what is none and lies in none."""
    land: str
    valid: bool
    """On the day asked."""
    followers: tuple[Follower, ...]
    """Of a key that is not valid any more. None at all: successor unknown."""


@dataclass(frozen=True, slots=True)
class Wish:
    text: str = ""
    postcode: str = ""
    land: str = ""
    """Two digits, as ISO 3166-2 (`SN`), or the name."""
    district: str = ""
    """Key of five digits, or words of its name."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Gazetteer:
    """One version of the tables, ready to be searched. Immutable."""

    _areas: tuple[Area, ...]
    _spelled: Lines
    """Every spelling of every name."""
    _within: Lines
    """Postcodes and places of the table of postcodes, for the municipality they are in."""
    _keys: Mapping[str, tuple[int, ...]]
    """ARS or AGS → areas."""
    _postcodes: Mapping[str, frozenset[str]]
    """Postcode → AGS."""
    _parts: Mapping[str, frozenset[str]]
    """Folded name of a place in the table of postcodes → AGS of its municipality."""
    _names: Mapping[str, str]
    """Key of a district or Land → its name."""
    _successions: Mapping[str, tuple[Succession, ...]]

    @classmethod
    def of(cls, tables: RegionTables) -> Self:
        keys: dict[str, list[int]] = defaultdict(list)
        names: dict[str, str] = {}
        for number, area in enumerate(tables.areas):
            for key in {area.ars, area.ags} - {""}:
                keys[key].append(number)
            if len(area.ars) in {2, 5} and (area.ars not in names or area.end == date.max):
                names[area.ars] = area.name
        postcodes, parts = defaultdict(set), defaultdict(set)
        for place in tables.places:
            postcodes[place.postcode].add(place.ags)
            for spelling in {" ".join(words_of(place.name)), " ".join(plain_words_of(place.name))}:
                parts[spelling].add(place.ags)
        successions: dict[str, list[Succession]] = defaultdict(list)
        for one in tables.successions:
            successions[one.old].append(one)
        return cls(
            tables.areas,
            Lines.of((phrase, number) for number, area in enumerate(tables.areas) for phrase in phrases_of(area.name)),
            Lines.of(
                (phrase, number)
                for place in tables.places
                for number in keys.get(place.ags, ())
                for phrase in {place.postcode, *phrases_of(place.name)}
            ),
            {key: tuple(numbers) for key, numbers in keys.items()},
            {postcode: frozenset(ags) for postcode, ags in postcodes.items()},
            {name: frozenset(ags) for name, ags in parts.items()},
            names,
            {old: tuple(found) for old, found in successions.items()},
        )

    def search(self, wish: Wish, on: date) -> tuple[Found, ...]:
        """Every place that fits all that was said, the best first: by how it fits, valid before ended, then by what it
        is and by key. Empty when nothing was asked or nothing fits. Raises `LandUnknown`."""
        fits = self._fitting(wish.text.strip())
        postcode = wish.postcode.strip()
        if postcode:
            there = dict.fromkeys(self._at_postcode(postcode), Fit.POSTCODE)
            fits = {number: fits.get(number, fit) for number, fit in there.items() if not wish.text or number in fits}
        district = wish.district.strip()
        if district:
            within = self._in_districts(district)
            asked = wish.text or postcode
            fits = {number: fits.get(number, Fit.KEY) for number in within if not asked or number in fits}
        land = self._land(wish.land.strip())
        if land is not None:
            fits = {number: fit for number, fit in fits.items() if self._areas[number].ars.startswith(land)}
        found = [self._found(self._areas[number], fit, on) for number, fit in self._latest(fits, on).items()]
        return tuple(sorted(found, key=_rank))

    def matching(self, patterns: Sequence[str], on: date) -> tuple[Area, ...]:
        """Areas valid on the day that every pattern fits: first those whose name begins with the first one, then by
        name and key. Of one name a municipality comes before its district: rules for both answer its key.

        A pattern fits words of a name that follow each other, or a postcode; `*` stands for any characters, so that
        `Mag*` fits whatever has a word that begins like that. A question costs a pass over all names for each pattern.
        """
        fitting = [self._holding(pattern) for pattern in dict.fromkeys(patterns)]
        found = (self._areas[number] for number in set.intersection(*fitting))
        first = patterns[0].rstrip(ANY).casefold()

        def order(area: Area) -> tuple[bool, str, int, str]:
            name = area.name.casefold()
            return not name.startswith(first), name, -len(area.ars), area.ars

        return tuple(sorted((area for area in found if area.valid(on)), key=order))

    def _holding(self, pattern: str) -> set[int]:
        asked = {pieces_of(pattern)}
        if ANY not in pattern and (words := words_of(pattern)):
            asked.add((f" {' '.join(words)} ",))
        return {owner for pieces in asked for lines in (self._spelled, self._within) for owner in lines.holding(pieces)}

    def _fitting(self, text: str) -> dict[int, Fit]:
        if text.isascii() and text.isdigit():
            by_key = dict.fromkeys(self._keys.get(text) or self._beneath(text), Fit.KEY)
            return {**dict.fromkeys(self._at_postcode(text), Fit.POSTCODE), **by_key}
        asked = [words for words in {words_of(text), plain_words_of(text)} if sum(map(len, words)) >= _FEWEST_LETTERS]
        fits: dict[int, Fit] = {}
        for words in asked:
            for number in self._with_words(words):
                fit = _fit(words, self._areas[number].name)
                fits[number] = min(fit, fits.get(number, fit))
            for ags in self._parts.get(" ".join(words), ()):
                for number in self._keys.get(ags, ()):
                    fits.setdefault(number, Fit.WITHIN)
        return fits

    def _beneath(self, key: str) -> Iterator[int]:
        """Municipalities of a district or association that has no row of its own, like the coastal waters' 03901."""
        if len(key) in {5, 9}:
            yield from (number for number, area in enumerate(self._areas) if area.ars.startswith(key))

    def _with_words(self, words: Sequence[str]) -> set[int]:
        """Areas of whose name every word asked for begins some word."""
        found = [self._beginning(word) for word in words]
        return set.intersection(*found) if found else set()

    def _beginning(self, word: str) -> set[int]:
        return set(self._spelled.holding((f" {word}",)))

    def _at_postcode(self, postcode: str) -> Iterator[int]:
        for ags in self._postcodes.get(postcode, ()):
            yield from self._keys.get(ags, ())

    def _in_districts(self, text: str) -> set[int]:
        """Every area in the districts of which the name has all these words, or with this key; the districts, too."""
        words = set(words_of(text)) - _CALLED or set(words_of(text))
        named = {key for key, name in self._names.items() if len(key) == 5 and words <= set(words_of(name))}
        keys = named | ({text} if len(text) == 5 else set())
        return {number for number, area in enumerate(self._areas) if area.ars[:5] in keys}

    def _land(self, text: str) -> str | None:
        """Key of a Land; None when none was asked for, or nothing is known of any."""
        known = {key: self._names.get(key, "") for key in sorted({area.ars[:2] for area in self._areas})}
        if not text or not known:
            return None
        folded = words_of(text)
        named = next((key for key, name in known.items() if name and words_of(name) == folded), None)
        land = named or _LAENDER.get(text.upper(), text)
        if land not in known:
            raise LandUnknown(known)
        return land

    def _latest(self, fits: Mapping[int, Fit], on: date) -> dict[int, Fit]:
        """A key whose rows follow each other is one place: the row valid on the day, else the last one."""
        best: dict[str, int] = {}
        for number in fits:
            area = self._areas[number]
            other = best.get(area.ars)
            if other is None or _order_of_rows(area, on) > _order_of_rows(self._areas[other], on):
                best[area.ars] = number
        return {number: fits[number] for number in best.values()}

    def _found(self, area: Area, fit: Fit, on: date) -> Found:
        district = self._names.get(area.district, "") if len(area.ars) > 5 else ""
        followers = () if area.valid(on) else tuple(self._followers(area.ars))
        return Found(area, fit, district, self._names.get(area.ars[:2], ""), area.valid(on), followers)

    def _followers(self, ars: str) -> Iterator[Follower]:
        for one in self._successions.get(ars, ()):
            numbers = self._keys.get(one.new, ()) if one.new else ()
            name = self._areas[numbers[-1]].name if numbers else ""
            yield Follower(one.new, name, one.since if one.since != date.min else None, one.confirmed)


def _fit(asked: Sequence[str], name: str) -> Fit:
    for spelling in (words_of, plain_words_of):
        if tuple(asked) == spelling(core_of(name)):
            return Fit.NAME
        if sorted(asked) == sorted(spelling(name)):
            return Fit.FULL_NAME
    text = " ".join(asked)
    if any(" ".join(spelling(name)).startswith(text) for spelling in (words_of, plain_words_of)):
        return Fit.BEGINNING
    return Fit.WITHIN


def _order_of_rows(area: Area, on: date) -> tuple[bool, date]:
    return area.valid(on), area.begin


def _rank(found: Found) -> tuple[int, bool, int, str]:
    art = found.area.art
    return found.fit, not found.valid, _ORDER.index(art) if art is not None else 0, found.area.ars
