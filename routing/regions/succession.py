"""A person confirms what follows a key. From then on the row is theirs: no import takes it away."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import reduce
from typing import Final

from routing.regions.area import ONE_DAY, Area, Course, Succession
from routing.regions.tables import RegionTables

NOTHING: Final = "-"
"""In place of a new key: the old one has no successor."""


def chosen(places: RegionTables, old: str, new: str) -> Sequence[Succession]:
    """The rows a person means: those of the old key, narrowed to the new one if named. A pair of known keys that no row
    names yet is a row of its own."""
    rows = [one for one in places.successions if one.old == old and new in {"", one.new}]
    known = {area.ars for area in places.areas}
    if rows or not new or old not in known:
        return rows
    if new == NOTHING:
        return [Succession(old, "", date.min, Course.DISSOLVED, confirmed=False)]
    return [Succession(old, new, date.min, None, confirmed=False)] if new in known else []


def confirmed(places: RegionTables, row: Succession) -> RegionTables:
    """The tables with this row confirmed; imported rows of the two areas follow its day."""
    rest = [one for one in places.successions if (one.old, one.new) != (row.old, row.new)]
    course = row.course or Course.NEW_KEY
    mine = replace(row, course=course, confirmed=True, origin="")
    return RegionTables(dated(places.areas, [mine]), (*rest, mine), places.places)


def dated(areas: Sequence[Area], rows: Sequence[Succession]) -> tuple[Area, ...]:
    """The areas, where imported, with the days that confirmed rows name."""
    by_key: dict[str, list[Succession]] = defaultdict(list)
    for row in rows:
        if row.confirmed and row.since != date.min:
            by_key[row.old].append(row)
            by_key[row.new].append(row)
    return tuple(reduce(_redated, by_key.get(area.ars, ()), area) for area in areas)


def _redated(area: Area, row: Succession) -> Area:
    """What a list only shows on its own day, the confirmed row knows to the day: the old key ends the day before, and
    the new one is there by then."""
    if not area.imported:
        return area
    if area.ars == row.old and area.begin < row.since and area.end != date.max:
        return replace(area, end=row.since - ONE_DAY)
    if area.ars == row.new and date.min < area.begin and row.since <= area.end:
        exact = row.course is Course.NEW_KEY
        return replace(area, begin=row.since if exact else min(area.begin, row.since))
    return area
