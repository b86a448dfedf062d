"""Which rule by hand, or of another source, an offered one must not get in front of.

An offered rule may stand behind such a rule, so that it answers where that one does not; never before it or beside it.
So no answer that was given by rows of others alone becomes another one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from amtsbote.model.stage import Stage
from routing.cells import MAIN
from routing.choosing import prefixes_of
from routing.importing.offered import RulesOf, number
from routing.layout import ACTING, COMPETENCES, ROLES, SERVICES
from routing.reaching import cover
from routing.regions.rules import RuleRow

_ABOUT: Final = {COMPETENCES: "rolle", ROLES: "leistung", SERVICES: "leistung"}
"""Table → column that two rules must have in common to be about the same thing."""


class Rival(NamedTuple):
    row: RuleRow
    wider: bool
    """It is about a larger region than the offered rule."""


class Rivals:
    """`others`: rows that none may get in front of; `acting`: the offered rows about who acts where."""

    def __init__(self, others: RulesOf, acting: Sequence[RuleRow]) -> None:
        self._at: dict[tuple[str, str, str], list[RuleRow]] = defaultdict(list)
        for table, rows in others.items():
            for row in rows:
                self._at[table, _about(row), row["gebiet"]].append(row)
        self._services: dict[str, list[RuleRow]] = defaultdict(list)
        for row in others.get(ROLES, ()):
            self._services[row["leistung"]].append(row)
        self._competences = _within(others.get(COMPETENCES, ()), {(row["rolle"], row["gebiet"]) for row in acting})

    def of(self, row: RuleRow) -> Rival | None:
        """The one it would stand before or beside; of several that of the smallest region, the first in its table."""
        if row.table == SERVICES:
            return next((Rival(one, wider=False) for one in self._at.get((SERVICES, _about(row), ""), ())), None)
        if row.table == ROLES and _kind(row) != MAIN:
            return next((Rival(one, wider=False) for one in self._taking_part(row)), None)
        if row.table == ACTING and (competent := next(self._competent(row), None)) is not None:
            return Rival(competent, wider=False)
        if row.table == COMPETENCES and (acting := self._acting_instead(row)) is not None:
            return Rival(acting, wider=False)
        ranked = next(self._ranked(row), None)
        return None if ranked is None else Rival(ranked, len(ranked["gebiet"]) < len(row["gebiet"]))

    def _acting_instead(self, row: RuleRow) -> RuleRow | None:
        """Because of whom it would never be reached, see `reaching`."""
        if row["stage"] == Stage.OFF:
            return None
        there = [one for prefix in prefixes_of(row["gebiet"]) for one in self._at.get((ACTING, "", prefix), ())]
        instead = [
            one for one in there if one["rolle"] in {"", row["rolle"]} and not _touch(one["handelnd"], row["gebiet"])
        ]
        instead.sort(key=lambda one: (one.begin, one.line))
        return instead[0] if instead and cover(instead, row) else None

    def _ranked(self, row: RuleRow) -> Iterator[RuleRow]:
        for prefix in prefixes_of(row["gebiet"]):
            for one in self._at.get((row.table, _about(row), prefix), ()):
                if _together(one, row) and _comparable(one, row) and _rank(row) >= _rank(one):
                    yield one

    def _taking_part(self, row: RuleRow) -> Iterator[RuleRow]:
        """Every rule of the service counts: a further recipient is part of the answer."""
        for one in self._services.get(row["leistung"], ()):
            if _touch(one["gebiet"], row["gebiet"]) and _together(one, row):
                yield one

    def _competent(self, row: RuleRow) -> Iterator[RuleRow]:
        """Who acts for a region is asked before its own rules."""
        for one in self._competences.get((row["rolle"], row["gebiet"]), ()):
            if _together(one, row):
                yield one


def _about(row: RuleRow) -> str:
    return row[_ABOUT[row.table]] if row.table in _ABOUT else ""


def _kind(row: RuleRow) -> str:
    return row["art"] or MAIN


def _comparable(one: RuleRow, row: RuleRow) -> bool:
    """Whether both are ever asked for the same message."""
    if row.table == ROLES:
        return _kind(one) == MAIN
    if row.table == ACTING:
        return "" in {one["rolle"], row["rolle"]} or one["rolle"] == row["rolle"]
    off = (one["stage"] == Stage.OFF, row["stage"] == Stage.OFF)
    return not any(off) or (all(off) and one["gebiet"] == row["gebiet"])


def _rank(row: RuleRow) -> tuple[int, bool, int]:
    """What goes first, see `choosing` and `book`."""
    length = len(row["gebiet"])
    if row.table == ACTING:
        return length, bool(row["rolle"]), 0
    if row.table == ROLES:
        return length, False, number(row)
    return length, row["stage"] == Stage.TEST, number(row)


def _within(competences: Sequence[RuleRow], wanted: set[tuple[str, str]]) -> dict[tuple[str, str], list[RuleRow]]:
    """Role or none, region → the rules for that role, or for any, about a place there or around it."""
    found: dict[tuple[str, str], list[RuleRow]] = defaultdict(list)
    regions: dict[str, set[str]] = defaultdict(set)
    for role, region in wanted:
        regions[role].add(region)
    for row in competences if wanted else ():
        if row["stage"] == Stage.OFF:
            continue
        for role in {row["rolle"], ""} & regions.keys():
            inside = {prefix for prefix in prefixes_of(row["gebiet"]) if prefix in regions[role]}
            around = {region for region in regions[role] if region.startswith(row["gebiet"])}
            for region in inside | around:
                found[role, region].append(row)
    return found


def _touch(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _together(one: RuleRow, other: RuleRow) -> bool:
    return one.begin <= other.end and other.begin <= one.end
