"""An offer becomes part of the tables. What was written by hand stays; what is doubtful is reported, never decided.

The day a list describes is the day its changes count from: what is new begins on it, what is missing ended the day
before. Where a confirmed successor names the legal day, that day counts. What the first list of its group says has no
beginning: nobody knows since when.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from routing.regions.area import ONE_DAY, Area, Place, Succession
from routing.regions.offer import Offer
from routing.regions.tables import RegionTables

_MANY: Final = 20
_MUCH: Final = 0.2
"""More rows than this, and more than this part of them, do not vanish between two lists: one of them is cut off."""


class Outcome(StrEnum):
    """What an import does to a row, or why it does nothing. Words of the catalogue: `regions.outcome.…`."""

    ADDED = "added"
    ENDED = "ended"
    RENAMED = "renamed"
    NEW_AGS = "new-ags"
    FILLED = "filled"
    """A cell that was empty is not any more."""
    LOCAL_KEPT = "local-kept"
    """Collision: a row written by hand says something else, and stays."""
    NOT_OFFICIAL = "not-official"
    """A row written by hand that the official list does not have."""
    DISAGREES = "disagrees"
    """Two sources of the same day contradict each other; the row that was there first stays."""
    OLDER = "older"
    """The offer is older than what the tables know, and says something else."""
    AGS_OPEN = "ags-open"
    """The list of AGS has no single municipality of that name in the district."""
    AGS_UNKNOWN = "ags-unknown"
    """A postcode of a municipality the tables do not have."""
    SUCCESSOR_UNKNOWN = "successor-unknown"
    """A change list names a key as successor that the tables do not have."""
    INCOMPLETE = "incomplete"
    """So much is missing that the list is probably cut off: nothing ends by it."""
    LAND_MISSING = "land-missing"
    """The list has no row of a Land: it says nothing about it."""


CHANGES = frozenset({Outcome.ADDED, Outcome.ENDED, Outcome.RENAMED, Outcome.NEW_AGS, Outcome.FILLED})
"""Outcomes that change the tables."""


@dataclass(frozen=True, slots=True)
class Note:
    outcome: Outcome
    key: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    tables: RegionTables
    notes: tuple[Note, ...]

    def of(self, outcome: Outcome) -> tuple[Note, ...]:
        return tuple(note for note in self.notes if note.outcome is outcome)


def merge(tables: RegionTables, offer: Offer, *, complete: bool = False) -> Merged:
    """The tables with the offer in them, and what became of each row that was touched.

    `complete`: somebody vouches that the list is, however much is missing in it.
    """
    notes: list[Note] = []
    successions = _merged_successions(tables, offer, notes)
    areas = _Areas(tables, offer, successions)
    areas.take(complete=complete)
    filled = _with_ags(areas.rows, offer, notes) if offer.ags_list else areas.rows
    places = _merged_places(tables, offer, {area.ags for area in filled if area.ags}, notes)
    return Merged(RegionTables(tuple(filled), successions, places), (*areas.notes, *notes))


class _Areas:
    """One pass over the areas of an offer. `rows` are those of the tables, replaced as the pass goes."""

    def __init__(self, tables: RegionTables, offer: Offer, successions: Sequence[Succession]) -> None:
        self.rows = list(tables.areas)
        self.notes: list[Note] = []
        self._offer = offer
        self._before = {group: tables.stand_of(group) for group in {area.group for area in offer.areas}}
        self._at: dict[str, list[int]] = defaultdict(list)
        for number, area in enumerate(self.rows):
            self._at[area.ars].append(number)
        known = [one for one in successions if one.confirmed and one.since != date.min]
        self._begins = {one.new: one.since for one in sorted(known, key=lambda one: one.since, reverse=True)}
        self._ends = {one.old: one.since for one in known}
        self._offered = {area.ars for area in offer.areas}
        self._twins = self._not_offered()

    def take(self, *, complete: bool) -> None:
        for area in self._offer.areas:
            self._take(area)
        for group in sorted(self._offer.complete):
            self._close(group, complete=complete)

    def _close(self, group: str, *, complete: bool) -> None:
        """What a complete list does not have is no more: of the Länder it has at all, and unless it seems cut off."""
        stand = self._offer.stand
        valid = [(number, row) for number, row in enumerate(self.rows) if row.group == group and row.valid(stand)]
        listed = {area.ars[:2] for area in self._offer.areas if area.group == group}
        if complete:
            listed |= {row.ars[:2] for _, row in valid}
        absent = Counter(row.ars[:2] for _, row in valid if row.ars[:2] not in listed and row.imported)
        missing = [(n, row) for n, row in valid if row.ars not in self._offered and row.ars[:2] in listed]
        ending = sum(self._outdated(row) for _, row in missing)
        cut_off = not complete and ending > max(_MANY, len(valid) * _MUCH)
        for land, count in sorted(absent.items()):
            self._note(Outcome.LAND_MISSING, land, group, str(count))
        if cut_off:
            self._note(Outcome.INCOMPLETE, group, str(len(valid)), str(ending))
        for number, row in missing:
            if not (cut_off and self._outdated(row)):
                self._missing(number, row)

    def _outdated(self, row: Area) -> bool:
        return row.imported and (row.stand is None or row.stand < self._offer.stand)

    def _take(self, offered: Area) -> None:
        known = self._at.get(offered.ars, [])
        local = [self.rows[number] for number in known if self.rows[number].local]
        if local:
            self._beside_local(offered, local)
            return
        current = next((number for number in known if self.rows[number].valid(self._offer.stand)), None)
        if offered.end != date.max:
            if not known:
                self._add(offered)
        elif current is not None:
            self._renew(current, self.rows[current], offered)
        else:
            self._new(offered)

    def _beside_local(self, offered: Area, local: Sequence[Area]) -> None:
        """A row written by hand decides about its key, its dates included."""
        valid = [row for row in local if row.valid(self._offer.stand)]
        same = any(row.name == offered.name and offered.ags in {"", row.ags} for row in valid)
        if not same and offered.end == date.max:
            self._note(Outcome.LOCAL_KEPT, offered.ars, _shown(local[0]), _shown(offered))

    def _renew(self, number: int, row: Area, offered: Area) -> None:
        newer = row.stand is None or row.stand < self._offer.stand
        same_source = row.stand == self._offer.stand and row.origin == offered.origin
        filled = _filled(row, offered)
        if not (newer or same_source):
            self._compare(row, offered)
            if filled != row:
                self._note(Outcome.FILLED, row.ars, _shown(row), _shown(filled))
                self.rows[number] = filled
            return
        if row.ags and offered.ags and row.ags != offered.ags:
            self._note(Outcome.NEW_AGS, row.ars, row.ags, offered.ags)
            self.rows[number] = replace(row, end=self._offer.stand - ONE_DAY)
            self._add(replace(offered, begin=self._offer.stand), said=False)
            return
        if row.name != offered.name:
            self._note(Outcome.RENAMED, row.ars, row.name, offered.name)
        elif (filled.ags, filled.typ, filled.art) != (row.ags, row.typ, row.art):
            self._note(Outcome.FILLED, row.ars, _shown(row), _shown(filled))
        renewed = replace(filled, name=offered.name, typ=offered.typ or row.typ)
        self.rows[number] = replace(renewed, origin=offered.origin, stand=self._offer.stand)

    def _compare(self, row: Area, offered: Area) -> None:
        """An older source, or another one of the same day, changes nothing."""
        if row.name != offered.name or (row.ags and offered.ags and row.ags != offered.ags):
            same_day = row.stand == self._offer.stand
            self._note(Outcome.DISAGREES if same_day else Outcome.OLDER, row.ars, _shown(row), _shown(offered))

    def _new(self, offered: Area) -> None:
        before = self._before[offered.group]
        stand = self._offer.stand
        twin = self._twin(offered)
        if before is not None and stand < before:
            self._note(Outcome.OLDER, offered.ars, "", _shown(offered))
        elif twin is not None and twin.local:
            self._note(Outcome.LOCAL_KEPT, offered.ars, f"{twin.ars} {_shown(twin)}", _shown(offered))
        elif twin is not None and stand == before:
            self._note(Outcome.DISAGREES, offered.ars, f"{twin.ars} {_shown(twin)}", _shown(offered))
        elif before is None:
            self._add(offered)
        else:
            self._add(replace(offered, begin=min(stand, self._begins.get(offered.ars, stand))))

    def _add(self, area: Area, *, said: bool = True) -> None:
        self._at[area.ars].append(len(self.rows))
        self.rows.append(area)
        if said:
            self._note(Outcome.ADDED, area.ars, "", _shown(area))

    def _missing(self, number: int, row: Area) -> None:
        stand = self._offer.stand
        if row.local:
            self._note(Outcome.NOT_OFFICIAL, row.ars, _shown(row), "")
        elif self._outdated(row):
            end = max(min(stand, self._ends.get(row.ars, stand)) - ONE_DAY, row.begin)
            self.rows[number] = replace(row, end=end)
            self._note(Outcome.ENDED, row.ars, _shown(row), end.isoformat())
        elif row.stand == stand and row.origin != self._offer.origin:
            self._note(Outcome.DISAGREES, row.ars, _shown(row), "")

    def _not_offered(self) -> dict[tuple[str, ...], Area]:
        """What the tables have and the offer has not, by what tells that two keys mean one municipality."""
        stand = self._offer.stand
        rows = [row for row in self.rows if row.valid(stand) and row.ars not in self._offered]
        return {sign: row for row in rows for sign in _signs(row)}

    def _twin(self, offered: Area) -> Area | None:
        return next((self._twins[sign] for sign in _signs(offered) if sign in self._twins), None)

    def _note(self, outcome: Outcome, key: str, before: str, after: str) -> None:
        self.notes.append(Note(outcome, key, before, after))


def _signs(area: Area) -> tuple[tuple[str, ...], ...]:
    """By which two rows are recognised as one area under two keys: the AGS, else the name within the district."""
    by_name = (area.group, area.art or "", area.district, area.name)
    return ((area.group, area.ags), by_name) if area.ags else (by_name,)


def _filled(row: Area, offered: Area) -> Area:
    return replace(row, ags=row.ags or offered.ags, typ=row.typ or offered.typ, art=row.art or offered.art)


def _shown(area: Area) -> str:
    return " ".join(filter(None, (area.name, f"(AGS {area.ags})" if area.ags else "")))


def _with_ags(rows: Sequence[Area], offer: Offer, notes: list[Note]) -> list[Area]:
    """A list of AGS knows no ARS. The two meet where one district has one municipality of that name in both lists;
    never by the digits."""
    entries: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in offer.ags_list:
        entries[entry.ags[:5], entry.name].append(entry.ags)
    names: dict[tuple[str, str], int] = defaultdict(int)
    municipal = [row for row in rows if len(row.ars) == 12 and row.imported and row.valid(offer.stand)]
    for row in municipal:
        names[row.district, row.name] += 1
    known = {entry.ags for entry in offer.ags_list}
    filled: dict[str, str] = {}
    for row in municipal:
        found = entries.get((row.district, row.name), [])
        if row.ags and row.ags not in known:
            notes.append(Note(Outcome.DISAGREES, row.ars, _shown(row), ", ".join(found)))
        elif not row.ags and len(found) == names[row.district, row.name] == 1:
            filled[row.ars] = found[0]
            notes.append(Note(Outcome.FILLED, row.ars, _shown(row), _shown(replace(row, ags=found[0]))))
        elif not row.ags:
            notes.append(Note(Outcome.AGS_OPEN, row.ars, _shown(row), ", ".join(found)))
    return [replace(row, ags=filled[row.ars]) if row.ars in filled and row.valid(offer.stand) else row for row in rows]


def _merged_successions(tables: RegionTables, offer: Offer, notes: list[Note]) -> tuple[Succession, ...]:
    """A row about the same two keys stays if a person wrote or confirmed it; a proposal gives way to a newer word."""
    rows = {(one.old, one.new): one for one in tables.successions}
    known = {area.ars for area in (*tables.areas, *offer.areas)} if offer.successions else set()
    for one in offer.successions:
        there = rows.get((one.old, one.new))
        if one.new and one.new not in known:
            notes.append(Note(Outcome.SUCCESSOR_UNKNOWN, one.old, "", one.new))
        elif there is None:
            rows[one.old, one.new] = one
            notes.append(Note(Outcome.ADDED, one.old, "", one.new))
        elif (there.since, there.course, there.confirmed) == (one.since, one.course, one.confirmed):
            continue
        elif not there.origin:
            notes.append(Note(Outcome.LOCAL_KEPT, one.old, there.new, f"{one.new} {one.since}"))
        elif one.confirmed or not there.confirmed:
            rows[one.old, one.new] = one
            notes.append(Note(Outcome.FILLED, one.old, f"{there.new} {there.since}", f"{one.new} {one.since}"))
    return tuple(rows.values())


def _merged_places(tables: RegionTables, offer: Offer, known: Iterable[str], notes: list[Note]) -> tuple[Place, ...]:
    """A newer list takes the place of an older one of the same origin."""
    if not offer.places:
        return tables.places
    own = {(place.postcode, place.ags, place.name) for place in tables.places if place.origin != offer.origin}
    stands = [place.stand for place in tables.places if place.origin == offer.origin and place.stand]
    if stands and max(stands) > offer.stand:
        notes.append(Note(Outcome.OLDER, offer.kind, max(stands).isoformat(), offer.stand.isoformat()))
        return tables.places
    kept = [place for place in tables.places if place.origin != offer.origin]
    before = {(place.postcode, place.ags, place.name) for place in tables.places if place.origin == offer.origin}
    there = frozenset(known)
    new: dict[tuple[str, str, str], Place] = {}
    for place in offer.places:
        key = (place.postcode, place.ags, place.name)
        if place.ags not in there:
            notes.append(Note(Outcome.AGS_UNKNOWN, place.ags, "", f"{place.postcode} {place.name}"))
        elif key not in own:
            new[key] = place
    notes += [Note(Outcome.ADDED, key[0], "", key[2]) for key in new if key not in before]
    notes += [Note(Outcome.ENDED, key[0], key[2], "") for key in before if key not in new]
    return (*kept, *new.values())
