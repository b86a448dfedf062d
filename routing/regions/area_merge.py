"""The areas of an offer become rows of the table: one after the other, then what a complete list does not have."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from routing.offer import Offer
from routing.regions.area import ONE_DAY, Area, Succession
from routing.regions.outcome import Note, Outcome
from routing.regions.tables import RegionTables

_MANY: Final = 20
_MUCH: Final = 0.2
"""More rows than this, and more than this part of them, do not vanish between two lists: one of them is cut off."""


class AreaMerge:
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
            self._note(Outcome.LOCAL_KEPT, offered.ars, shown(local[0]), shown(offered))

    def _renew(self, number: int, row: Area, offered: Area) -> None:
        newer = row.stand is None or row.stand < self._offer.stand
        same_source = row.stand == self._offer.stand and row.origin == offered.origin
        filled = _filled(row, offered)
        if not (newer or same_source):
            self._compare(row, offered)
            if filled != row:
                self._note(Outcome.FILLED, row.ars, shown(row), shown(filled))
                self.rows[number] = filled
            return
        if row.ags and offered.ags and row.ags != offered.ags:
            self._note(Outcome.NEW_AGS, row.ars, row.ags, offered.ags)
            self.rows[number] = replace(row, end=self._offer.stand - ONE_DAY)
            self._add(replace(offered, begin=self._offer.stand, typ=offered.typ or row.typ), said=False)
            return
        if row.name != offered.name:
            self._note(Outcome.RENAMED, row.ars, row.name, offered.name)
        elif (filled.ags, filled.typ, filled.art) != (row.ags, row.typ, row.art):
            self._note(Outcome.FILLED, row.ars, shown(row), shown(filled))
        renewed = replace(filled, name=offered.name, typ=offered.typ or row.typ)
        self.rows[number] = replace(renewed, origin=offered.origin, stand=self._offer.stand)

    def _compare(self, row: Area, offered: Area) -> None:
        """An older source, or another one of the same day, changes nothing."""
        if row.name != offered.name or (row.ags and offered.ags and row.ags != offered.ags):
            same_day = row.stand == self._offer.stand
            self._note(Outcome.DISAGREES if same_day else Outcome.OLDER, row.ars, shown(row), shown(offered))

    def _new(self, offered: Area) -> None:
        before = self._before[offered.group]
        stand = self._offer.stand
        twin = self._twin(offered)
        if before is not None and stand < before:
            self._note(Outcome.OLDER, offered.ars, "", shown(offered))
        elif twin is not None and twin.local:
            self._note(Outcome.LOCAL_KEPT, offered.ars, f"{twin.ars} {shown(twin)}", shown(offered))
        elif twin is not None and stand == before:
            self._note(Outcome.DISAGREES, offered.ars, f"{twin.ars} {shown(twin)}", shown(offered))
        else:
            begin = date.min if before is None else min(stand, self._begins.get(offered.ars, stand))
            self._add(self._beside(replace(offered, begin=begin)))

    def _beside(self, area: Area) -> Area:
        """Without the days on which the key is valid by another row."""
        rows = [self.rows[number] for number in self._at.get(area.ars, ())]
        earlier = [row.end for row in rows if row.end < self._offer.stand]
        later = [row.begin for row in rows if row.begin > self._offer.stand]
        begin = max([area.begin, *(end + ONE_DAY for end in earlier)])
        return replace(area, begin=begin, end=min([area.end, *(start - ONE_DAY for start in later)]))

    def _add(self, area: Area, *, said: bool = True) -> None:
        self._at[area.ars].append(len(self.rows))
        self.rows.append(area)
        if said:
            self._note(Outcome.ADDED, area.ars, "", shown(area))

    def _missing(self, number: int, row: Area) -> None:
        stand = self._offer.stand
        if row.local:
            self._note(Outcome.NOT_OFFICIAL, row.ars, shown(row), "")
        elif self._outdated(row):
            end = max(min(stand, self._ends.get(row.ars, stand)) - ONE_DAY, row.begin)
            self.rows[number] = replace(row, end=end)
            self._note(Outcome.ENDED, row.ars, shown(row), end.isoformat())
        elif row.stand == stand and row.origin != self._offer.origin:
            self._note(Outcome.DISAGREES, row.ars, shown(row), "")

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


def shown(area: Area) -> str:
    return " ".join(filter(None, (area.name, f"(AGS {area.ags})" if area.ags else "")))
