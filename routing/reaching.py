"""Rows of `zustaendigkeiten` that no message can ever reach: somebody acts for their region on all of their days.

Only that is refused. A rule wholly behind others of higher priority is legal, and so is one whose region has ended or
whose role no service has: such rows are prepared, or kept.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Protocol

from amtsbote.model.stage import Stage
from routing import faults
from routing.choosing import prefixes_of
from routing.layout import ACTING, COMPETENCES
from routing.rows import Findings, Row, Tables


def check_reached(tables: Tables, findings: Findings) -> None:
    acting: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in tables[ACTING] or []:
        region, role, _ = row.cells
        acting[region, role].append(row)
    for row in (tables[COMPETENCES] or []) if acting else ():
        role, region, stage = row.cells[:3]
        instead = sorted(_acting_for(role, region, acting), key=lambda one: (one.begin, one.line))
        if instead and stage != Stage.OFF and cover(instead, row):
            fault = faults.NEVER_REACHED
            findings.add(fault.at(COMPETENCES, row.line, "gebiet", value=region, other=instead[0].line))


def _acting_for(role: str, region: str, acting: Mapping[tuple[str, str], Sequence[Row]]) -> Iterator[Row]:
    """Those by which, for the role, no place of the region is left to itself. `acting`: by region and role."""
    for key in product(prefixes_of(region), {"", role}):
        for row in acting.get(key, ()):
            by = row.cells[2]
            if not by.startswith(region) and not region.startswith(by):
                yield row


class Dated(Protocol):
    @property
    def begin(self) -> date: ...

    @property
    def end(self) -> date: ...


def cover(rows: Sequence[Dated], whole: Dated) -> bool:
    """Whether on every day of `whole` one of them counts, which are in the order of their beginnings."""
    day = whole.begin
    for row in rows:
        if row.begin > day:
            return False
        if row.end >= whole.end:
            return True
        day = max(day, row.end + timedelta(days=1))
    return False
