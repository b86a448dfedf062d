"""Whether rows of one table collide: the same key twice on one day, rules of which none goes first, circles."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Final, TypeAlias

from amtsbote.model import conditions
from routing import faults
from routing.cells import DIVIDED, MAIN, NOT_HERE, PROPOSED
from routing.choosing import prefixes_of
from routing.faults import Fault
from routing.layout import (
    ACTING,
    COMPETENCES,
    MAX_ACTING,
    PLACES,
    REGIONS,
    ROLES,
    SERVICES,
    SUCCESSORS,
)
from routing.refusal import TableProblem
from routing.rows import KEPT, PACKAGE, Findings, Row, Tables, together

MAX_EQUAL: Final = 300
"""Rules with the same key and rank that count on one day, told apart by conditions alone. Each is compared with each,
and each is a possibility for whoever asks without the facts."""

_Key: TypeAlias = tuple[str, ...]
_UNIQUE: Final[Mapping[str, tuple[tuple[str, ...], Fault]]] = {
    REGIONS: (("ars",), faults.REGION_TWICE),
    SERVICES: (("leistung",), faults.SERVICE_TWICE),
    PLACES: (("plz", "ags", "ort"), faults.PLACE_TWICE),
    ACTING: (("gebiet", "rolle"), faults.ACTING_TWICE),
}
"""Table → columns that name one thing only on any day."""


def check_overlaps(tables: Tables, findings: Findings) -> None:
    for table, (columns, fault) in _UNIQUE.items():
        for group in _groups(tables[table] or [], _by_columns(table, columns)):
            _once_a_day(table, columns, fault, group, findings)
    for table, key in ((ROLES, _role_key), (COMPETENCES, _competence_key)):
        for group in _groups(tables[table] or [], key):
            _one_goes_first(table, group, findings)
    _check_successors(tables[SUCCESSORS] or [], findings)
    _check_acting(tables[ACTING] or [], findings)


def _groups(rows: Sequence[Row], key: Callable[[Row], _Key]) -> Iterator[list[Row]]:
    """Rows with the same key, where there are several. Most keys stand alone: of those only a hash is kept."""
    seen: set[int] = set()
    again: set[int] = set()
    for row in rows:
        hashed = hash(key(row))
        (again if hashed in seen else seen).add(hashed)
    same: dict[_Key, list[Row]] = {}
    for row in rows if again else ():
        if hash(key(row)) in again:
            same.setdefault(key(row), []).append(row)
    yield from (group for group in same.values() if len(group) > 1)


def _by_columns(table: str, columns: Sequence[str]) -> Callable[[Row], _Key]:
    places = [KEPT[table].index(column) for column in columns]
    return lambda row: tuple(row.cells[place] for place in places)


def _role_key(row: Row) -> _Key:
    """What rules of one choice have in common: which is the role of a service, or whether a role takes part."""
    service, region, role, kind, priority, _, _, origin = row.cells
    return service, region, "" if kind == MAIN else role, priority, str(origin.startswith(PACKAGE))


def _competence_key(row: Row) -> _Key:
    return row.cells[:4]


def _once_a_day(table: str, columns: Sequence[str], fault: Fault, group: list[Row], findings: Findings) -> None:
    group.sort(key=lambda row: (row.begin, row.line))
    latest = group[0]
    for row in group[1:]:
        if row.begin <= latest.end:
            later, earlier = max(row.line, latest.line), min(row.line, latest.line)
            value = " + ".join(filter(None, _by_columns(table, columns)(row)))
            findings.add(fault.at(table, later, columns[0], value=value, other=earlier))
        if row.end > latest.end:
            latest = row


def _one_goes_first(table: str, group: list[Row], findings: Findings) -> None:
    """Rules of equal rank whose days overlap must have conditions that exclude each other."""
    group.sort(key=lambda row: (row.begin, row.line))
    before: list[Row] = []
    for row in group:
        before = [one for one in before if one.end >= row.begin]
        if len(before) == MAX_EQUAL:
            fault = faults.TOO_MANY_EQUAL
            findings.add(fault.at(table, row.line, KEPT[table][0], value=_named(row), other=MAX_EQUAL))
            return
        rival = next((one for one in before if not _apart(table, one, row)), None)
        before.append(row)
        if rival is not None:
            first, second = sorted((rival, row))
            fault = faults.RULE_TWICE if first.cells == second.cells else faults.RULES_OVERLAP
            findings.add(fault.at(table, second.line, KEPT[table][0], value=_named(second), other=first.line))


def _named(row: Row) -> str:
    return " + ".join(filter(None, row.cells[:3]))


def _apart(table: str, one: Row, other: Row) -> bool:
    if table == ROLES and _elsewhere(one, other):
        return True
    place = KEPT[table].index("bedingung")
    texts = one.cells[place], other.cells[place]
    return all(texts) and conditions.parse(texts[0]).apart(conditions.parse(texts[1]))


def _elsewhere(one: Row, other: Row) -> bool:
    """Whether two rules for a role speak of recipients at different places."""
    (*_, kind, _, _, fact, _), (*_, kind_of_other, _, _, fact_of_other, _) = one.cells, other.cells
    everywhere = (NOT_HERE, "") in {(kind, fact), (kind_of_other, fact_of_other)}
    return MAIN not in {kind, kind_of_other} and fact != fact_of_other and not everywhere


def _check_successors(rows: Sequence[Row], findings: Findings) -> None:
    """On a day a key has one whole successor or several parts; a proposal decides nothing and may stand beside it."""
    decided = [row for row in rows if row.cells[3] != PROPOSED]
    for group in _groups(rows, lambda row: (*row.cells[:2], row.begin.isoformat())):
        findings.add(_successor_twice(group))
    for group in _groups(decided, lambda row: (row.cells[0], row.begin.isoformat())):
        if any(row.cells[2] != DIVIDED for row in group) and len({row.cells[1] for row in group}) > 1:
            findings.add(_successor_twice(group))
    whole = {(row.cells[0], row.begin): row for row in decided if row.cells[2] != DIVIDED and row.cells[1]}
    for row in whole.values():
        seen = {row.cells[0]}
        follows: Row | None = row
        while follows is not None and follows.cells[1] not in seen:
            seen.add(follows.cells[1])
            follows = whole.get((follows.cells[1], row.begin))
        if follows is not None and follows.cells[1] == row.cells[0]:
            findings.add(faults.SUCCESSOR_CYCLE.at(SUCCESSORS, row.line, "ars_neu", value=row.cells[0]))


def _successor_twice(group: list[Row]) -> TableProblem:
    first, second = sorted(group)[:2]
    return faults.SUCCESSOR_TWICE.at(SUCCESSORS, second.line, "ars_alt", value=second.cells[0], other=first.line)


def _check_acting(rows: Sequence[Row], findings: Findings) -> None:
    """From every region that acts, on to those that act for it; a region always acts for itself."""
    ways = _Ways(rows)
    for row in rows:
        if ways.lead_on(row, MAX_ACTING):
            fault = faults.ACTING_CYCLE
            findings.add(fault.at(ACTING, row.line, "handelnd", value=row.cells[0] or row.cells[2], other=MAX_ACTING))


class _Ways:
    """From region to region by those who act. Each way is looked at once, however many rows lead to it."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._acting: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
        """By region and role; by None all of the region."""
        for row in rows:
            region, role, _ = row.cells
            self._acting[region, role].append(row)
            self._acting[region, None].append(row)
        self._known: dict[tuple[str, str, date, date, int], bool] = {}

    def lead_on(self, row: Row, steps: int) -> bool:
        """Whether somebody still acts for the region that acts, so many steps further."""
        if steps == 0:
            return True
        _, role, acting = row.cells
        way = role, acting, row.begin, row.end, steps
        if way not in self._known:
            self._known[way] = any(self.lead_on(_narrowed(row, further), steps - 1) for further in self._after(row))
        return self._known[way]

    def _after(self, row: Row) -> Iterator[Row]:
        _, role, acting = row.cells
        for key in product(prefixes_of(acting), {"", role} if role else {None}):
            for further in self._acting.get(key, ()):
                if together(row, further) and not acting.startswith(further.cells[2]):
                    yield further


def _narrowed(row: Row, further: Row) -> Row:
    """The further step, for the role and the days that both count for."""
    region, role, acting = further.cells
    cells = (region, role or row.cells[1], acting)
    return Row(row.line, cells, max(row.begin, further.begin), min(row.end, further.end))
