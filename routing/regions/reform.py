"""A Gebietsreform: what changed keys mean for the rules, and the tables as they would be afterwards.

What is proposed is a document for a person. A rule that names an old key ends the day before; where the whole area goes
on under a new key, it is continued there. Where nobody knows what became of a key, nothing is continued.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from routing.layout import COMPETENCES
from routing.regions.area import ONE_DAY, Area, Course, Succession
from routing.regions.difference import Change, What, successions
from routing.regions.rules import TABLES, RuleRow, RulesByRegion, RuleTable, by_region, deciding, read_rules
from routing.regions.tables import RegionTables, read_tables, write_tables


class Effect(StrEnum):
    """Words of the catalogue: `regions.effect.…`."""

    CONTINUED = "continued"
    """A rule names the old key; it is continued with the new one."""
    ENDED = "ended"
    """A rule names the old key, and nothing takes its place."""
    ALREADY = "already"
    """A rule names the old key, and there is one for the new key already."""
    EMPTY = "empty"
    """A rule names an association or district in which there is no municipality any more."""
    SHIFTED = "shifted"
    """For a role somebody else is competent at the new key than was at the old one, or nobody."""


@dataclass(frozen=True, slots=True)
class Affected:
    effect: Effect
    key: str
    """The old key, or the prefix without municipalities."""
    table: str
    line: int
    before: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Reform:
    steps: tuple[Succession, ...]
    """One per old key and successor; without successor and course: unknown."""
    affected: tuple[Affected, ...]
    tables: Mapping[str, bytes]
    """All tables as proposed, name → CSV."""

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(step.old for step in self.steps if not step.new and step.course is None)


def reform(tables: Mapping[str, bytes], places: RegionTables, steps: Sequence[Succession]) -> Reform:
    """`tables` are those in force; `places` the regions as they are to be, in which the new keys stand already."""
    before = read_rules(tables)
    after = {name: _changed(table, steps) for name, table in before.items()}
    affected = [one for table in after.values() for one in table.affected]
    affected += _emptied(before, places, steps)
    if COMPETENCES in before:
        was, will = by_region(before[COMPETENCES].rows), by_region(after[COMPETENCES].table.rows)
        affected += [one for step in steps if step.new for one in _shifts(step, was, will)]
    written = {name: changed.table.csv() for name, changed in after.items() if changed.affected}
    return Reform(tuple(steps), tuple(affected), {**tables, **write_tables(places), **written})


def with_steps(tables: Mapping[str, bytes], steps: Sequence[Succession]) -> RegionTables:
    """The regions after a change list: old keys ended, whole areas continued under the new key, the list remembered."""
    places = read_tables(tables)
    ends = {step.old: step.since for step in steps}
    areas = [_ended(area, ends) for area in places.areas]
    known = {area.ars for area in areas}
    for step in steps:
        old = next((area for area in places.areas if area.ars == step.old and area.valid(step.since - ONE_DAY)), None)
        if step.new and step.new not in known and old is not None and step.course is Course.NEW_KEY:
            # its AGS is not known: it is in the official list only
            areas.append(replace(old, ars=step.new, ags="", begin=step.since, origin=step.origin, stand=step.stand))
            known.add(step.new)
    return RegionTables(tuple(areas), remembered(places, steps), places.places)


def remembered(places: RegionTables, steps: Sequence[Succession]) -> tuple[Succession, ...]:
    """The successions of the tables with those steps that say something."""
    there = {(one.old, one.new) for one in places.successions}
    new = [step for step in steps if (step.old, step.new) not in there and (step.new or step.course)]
    return (*places.successions, *new)


def steps_of(changes: Iterable[Change], places: RegionTables, stand: date, origin: str) -> tuple[Succession, ...]:
    """What became of each key that is gone: as confirmed in the tables, else as proposed, else unknown."""
    confirmed: dict[str, list[Succession]] = defaultdict(list)
    for one in places.successions:
        if one.confirmed:
            confirmed[one.old].append(replace(one, since=stand if one.since == date.min else one.since))
    steps: list[Succession] = []
    for change in changes:
        if change.old is not None and change.what is not What.RENAMED:
            unknown = [Succession(change.old.ars, "", stand, None, False, origin, stand)]
            proposed = successions([change], stand, origin)
            steps += confirmed.get(change.old.ars) or proposed or unknown
    return tuple(steps)


def _ended(area: Area, ends: Mapping[str, date]) -> Area:
    since = ends.get(area.ars)
    if since is None or not area.begin < since <= area.end:
        return area
    return replace(area, end=since - ONE_DAY)


@dataclass(frozen=True, slots=True)
class _Changed:
    table: RuleTable
    affected: tuple[Affected, ...]


def _changed(table: RuleTable, steps: Sequence[Succession]) -> _Changed:
    by_old: dict[str, list[Succession]] = defaultdict(list)
    for step in steps:
        by_old[step.old].append(step)
    about: dict[tuple[str, ...], list[RuleRow]] = defaultdict(list)
    for row in table.rows:
        about[row.about].append(row)
    rows: list[RuleRow] = []
    affected: list[Affected] = []
    for row in table.rows:
        old = next((region for region in row.regions if region in by_old), None)
        since = by_old[old][0].since if old is not None else date.max
        if old is None or not row.begin < since <= row.end:
            rows.append(row)
            continue
        rows.append(row.dated(row.begin, since - ONE_DAY))
        moved = _moved(row, old, by_old[old])
        effect = Effect.ENDED
        if moved is not None:
            taken = any(other is not row and since <= other.end for other in about[moved.about])
            effect = Effect.ALREADY if taken else Effect.CONTINUED
        if moved is not None and effect is Effect.CONTINUED:
            rows.append(moved.dated(since, row.end))
        after = moved.text() if moved is not None else ""
        affected.append(Affected(effect, old, table.name, row.line, row.text(), after))
    return _Changed(replace(table, rows=tuple(rows)), tuple(affected))


def _moved(row: RuleRow, old: str, steps: Sequence[Succession]) -> RuleRow | None:
    """The rule about the new key; None unless the whole area goes on under one."""
    whole = len(steps) == 1 and steps[0].course is Course.NEW_KEY
    return row.elsewhere(old, steps[0].new) if whole else None


def _emptied(rules: Mapping[str, RuleTable], places: RegionTables, steps: Sequence[Succession]) -> Iterator[Affected]:
    """Rules about a prefix that has lost its last municipality."""
    lost = {(step.old[:length], step.since) for step in steps for length in (3, 5, 9) if length < len(step.old)}
    filled: dict[date, set[str]] = {}
    for since in {since for _, since in lost}:
        there = [area.ars for area in places.on(since) if len(area.ars) == 12]
        filled[since] = {ars[:length] for ars in there for length in (3, 5, 9)}
    empty = {prefix for prefix, since in lost if prefix not in filled[since]}
    for name in TABLES:
        for row in rules[name].rows if name in rules else ():
            for prefix in dict.fromkeys(row.regions):
                if prefix in empty:
                    yield Affected(Effect.EMPTY, prefix, name, row.line, row.text())


def _shifts(step: Succession, before: RulesByRegion, after: RulesByRegion) -> Iterator[Affected]:
    """Role by role: who decides at the old key on its last day, and who at the new one on its first."""
    first = deciding(before, step.old, step.since - ONE_DAY)
    second = deciding(after, step.new, step.since)
    for role, was in sorted(first.items()):
        will = second.get(role, [])
        if _said(was) != _said(will):
            yield Affected(Effect.SHIFTED, step.old, COMPETENCES, was[0].line, f"{role}: {_shown(was)}", _shown(will))


def _said(rows: Iterable[RuleRow]) -> set[tuple[str, str]]:
    return {(row["behoerde"], row["bedingung"]) for row in rows}


def _shown(rows: Iterable[RuleRow]) -> str:
    return ", ".join(sorted({row["behoerde"] for row in rows}))
