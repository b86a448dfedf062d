"""An offer becomes part of the tables. What was written by hand stays; what is doubtful is reported, never decided.

The day a list describes is the day its changes count from: what is new begins on it, what is missing ended the day
before. Where a confirmed successor names the legal day, that day counts. What the first list of its group says has no
beginning: nobody knows since when.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from routing.offer import Offer
from routing.regions.area import Area, Place, Succession
from routing.regions.area_merge import AreaMerge, shown
from routing.regions.outcome import Note, Outcome
from routing.regions.succession import dated
from routing.regions.tables import RegionTables


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
    areas = AreaMerge(tables, offer, successions)
    areas.take(complete=complete)
    filled = _with_ags(areas.rows, offer, notes) if offer.ags_list else areas.rows
    exact = dated(filled, [one for one in offer.successions if one in successions])
    places = _merged_places(tables, offer, {area.ags for area in exact if area.ags}, notes)
    return Merged(RegionTables(exact, successions, places), (*areas.notes, *notes))


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
            notes.append(Note(Outcome.DISAGREES, row.ars, shown(row), ", ".join(found)))
        elif not row.ags and len(found) == names[row.district, row.name] == 1:
            filled[row.ars] = found[0]
            notes.append(Note(Outcome.FILLED, row.ars, shown(row), shown(replace(row, ags=found[0]))))
        elif not row.ags:
            notes.append(Note(Outcome.AGS_OPEN, row.ars, shown(row), ", ".join(found)))
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
        notes.append(Note(Outcome.OLDER, offer.source, max(stands).isoformat(), offer.stand.isoformat()))
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
