"""Which rule by hand, or of another source, an offered one must not get in front of.

An offered rule may stand behind such a rule, so that it answers where that one does not; never before it or beside it.
So no answer that was given by rows of others alone becomes another one.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from amtsbote.model.stage import Stage
from routing.cells import MAIN
from routing.choosing import prefixes_of
from routing.importing.offered import RulesOf, number
from routing.importing.touching import Place, Touching
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
    """`others`: rows that none may get in front of; `offered`: all that are offered."""

    def __init__(self, others: RulesOf, offered: RulesOf) -> None:
        self._at: dict[tuple[str, str, str], list[RuleRow]] = defaultdict(list)
        for table, rows in others.items():
            for row in rows:
                self._at[table, _about(row), row["gebiet"]].append(row)
        further = {_place(row) for row in offered.get(ROLES, ()) if _kind(row) != MAIN}
        self._services = Touching(further, others.get(ROLES, ()), lambda row: (_about(row),))
        acting = {(row["rolle"], row["gebiet"]) for row in offered.get(ACTING, ())}
        competences = (row for row in others.get(COMPETENCES, ()) if row["stage"] != Stage.OFF)
        self._competences = Touching(acting, competences, lambda row: (row["rolle"], ""))

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
        return (one for one in self._services.of(_place(row)) if _together(one, row))

    def _competent(self, row: RuleRow) -> Iterator[RuleRow]:
        """Who acts for a region is asked before its own rules."""
        return (one for one in self._competences.of((row["rolle"], row["gebiet"])) if _together(one, row))


def _about(row: RuleRow) -> str:
    return row[_ABOUT[row.table]] if row.table in _ABOUT else ""


def _place(row: RuleRow) -> Place:
    return _about(row), row["gebiet"]


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


def _touch(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _together(one: RuleRow, other: RuleRow) -> bool:
    return one.begin <= other.end and other.begin <= one.end
