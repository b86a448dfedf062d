"""The rules of an offer become rows of the tables: all that the source said before gives way to what it says now.

What the rows of others say is never touched. What becomes of an offered rule depends on them and on the offer alone,
not on what was imported before: the same offer twice changes nothing. Defaults of packages that somebody copied into
the table of roles stand behind every rule, as the packages' own do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from routing.importing.offered import RulesOf, read_present, said, told
from routing.importing.rivals import Rivals
from routing.layout import ACTING, COLUMNS, COMPETENCES, OPTIONAL, ORIGIN, ROLES, SERVICES, iso_date
from routing.offer import Offer
from routing.regions.outcome import Note, Outcome
from routing.regions.rules import RuleRow
from routing.regions.tables import as_csv
from routing.rows import PACKAGE

RULES: Final = (ACTING, ROLES, COMPETENCES, SERVICES)
"""In the order in which they are merged: a service stays while a role needs it."""
_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    SERVICES: ("leistung",),
    ROLES: ("leistung", "gebiet", "rolle", "art", "ort"),
    ACTING: ("gebiet", "rolle"),
    COMPETENCES: ("rolle", "gebiet", "stage"),
}
"""Table → columns by which what a source says now is held against what it said before."""
_MANY: Final = 20
_MUCH: Final = 0.2
"""More than this, and more than this part, does not vanish between two extracts: one of them is cut off."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a person says about an offer."""

    complete: bool = False
    """It is, however much is missing in it."""
    narrower_first: bool = False
    """Its rules may go before those of others about a larger region."""


def cut_off(before: int, missing: int) -> bool:
    return missing > max(_MANY, before * _MUCH)


class RuleMerge:
    """One pass over the rules of an offer."""

    def __init__(self, tables: Mapping[str, bytes], offer: Offer, offered: RulesOf, vouched: Vouched) -> None:
        self.notes: list[Note] = []
        self._offer = offer
        self._offered = offered
        self._vouched = vouched
        present = read_present(tables, RULES)
        self._own = {name: [row for row in rows if row["herkunft"] == offer.origin] for name, rows in present.items()}
        others = {name: [row for row in rows if row["herkunft"] != offer.origin] for name, rows in present.items()}
        self._others = others
        first = {**others, ROLES: [row for row in others[ROLES] if not row["herkunft"].startswith(PACKAGE)]}
        self._rivals = Rivals(first, offered)
        self._alike = {name: {said(row): row for row in reversed(rows)} for name, rows in first.items()}

    def merged(self, tables: Mapping[str, bytes]) -> dict[str, bytes]:
        """The tables with the offer in them."""
        found = dict(tables)
        for name in (name for name in RULES if name in self._offered):
            taken = self._taken(name)
            if taken is not None and (taken or name in tables):
                found[name] = self._written(name, taken)
                self._own[name] = taken
        return found

    def _taken(self, name: str) -> list[RuleRow] | None:
        """The rows of the source that are to be in the table; None when it stays as it is. A service of an earlier day
        was withdrawn before, see `_still_needed`: no table is cut off because of it."""
        own, offered = self._own[name], self._offered[name]
        newest = max((day for row in own if (day := iso_date(row["stand"]))), default=date.min)
        if newest > self._offer.stand:
            self._note(Outcome.OLDER, name, newest.isoformat(), self._offer.stand.isoformat())
            return None
        said_before = _by_key(row for row in own if name != SERVICES or iso_date(row["stand"]) in {None, newest})
        missing = len(said_before.keys() - _by_key(offered).keys())
        if cut_off(len(said_before), missing) and not self._vouched.complete:
            self._note(Outcome.INCOMPLETE, name, str(len(said_before)), str(missing))
            return None
        taken = [row for row in offered if self._may_stand(row)]
        kept = self._still_needed(taken) if name == SERVICES else []
        self._compare(_by_key(own), _by_key([*taken, *kept]))
        return [*taken, *kept]

    def _may_stand(self, row: RuleRow) -> bool:
        if (there := self._alike[row.table].get(said(row))) is not None:
            self._note(Outcome.AGREES, _named(row), told(there), told(row))
            return False
        rival = self._rivals.of(row)
        if rival is None:
            return True
        goes_first = rival.wider and self._vouched.narrower_first
        outcome = Outcome.BEFORE_WIDER if goes_first else Outcome.LOCAL_FIRST
        self._note(outcome, _named(row), told(rival.row), told(row))
        return goes_first

    def _still_needed(self, taken: Iterable[RuleRow]) -> list[RuleRow]:
        """Services that go although a rule for a role names them."""
        there = {row["leistung"] for row in (*taken, *self._others[SERVICES])}
        naming = {row["leistung"]: row for row in (*self._own[ROLES], *self._others[ROLES])}
        kept = [row for row in self._own[SERVICES] if row["leistung"] in naming.keys() - there]
        for row in kept:
            self._note(Outcome.STILL_NEEDED, _named(row), told(naming[row["leistung"]]), "")
        return kept

    def _compare(self, before: Mapping[str, Sequence[RuleRow]], after: Mapping[str, Sequence[RuleRow]]) -> None:
        for key in dict.fromkeys([*before, *after]):
            old, new = before.get(key, ()), after.get(key, ())
            if sorted(map(said, old)) == sorted(map(said, new)):
                continue
            outcome = (Outcome.CHANGED if new else Outcome.WITHDRAWN) if old else Outcome.ADDED
            self._note(outcome, key, _all(old), _all(new))

    def _written(self, name: str, taken: Iterable[RuleRow]) -> bytes:
        """The rows of others first, as they are."""
        columns = (*COLUMNS[name], *OPTIONAL[name])
        others = ([row[column] for column in columns] for row in self._others[name])
        return as_csv(columns, [*others, *(self._renewed(row, columns) for row in taken)])

    def _renewed(self, row: RuleRow, columns: Iterable[str]) -> list[str]:
        """Kept rows that the source did not name again keep their day."""
        again = row["stand"] if row["herkunft"] else self._offer.stand.isoformat()
        said_of_it = dict(zip(ORIGIN, (self._offer.origin, again), strict=True))
        return [said_of_it.get(column, row[column]) for column in columns]

    def _note(self, outcome: Outcome, key: str, before: str, after: str) -> None:
        self.notes.append(Note(outcome, key, before, after))


def _named(row: RuleRow) -> str:
    return " ".join((row.table, *filter(None, (row[column] for column in _SAME[row.table]))))


def _by_key(rows: Iterable[RuleRow]) -> dict[str, list[RuleRow]]:
    found: dict[str, list[RuleRow]] = defaultdict(list)
    for row in rows:
        found[_named(row)].append(row)
    return found


def _all(rows: Sequence[RuleRow]) -> str:
    return " | ".join(map(told, rows))
