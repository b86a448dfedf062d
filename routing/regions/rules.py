"""Rows of the rule tables as they are written, for whoever changes some of them and leaves the rest alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from amtsbote.model.stage import Stage
from routing import faults
from routing.layout import ACTING, COMPETENCES, PREFIX_LENGTHS, ROLES, OpenTable, begins_on, ends_on, open_table
from routing.regions import refusing
from routing.regions.refusing import refused
from routing.regions.tables import as_csv, shown_day

TABLES: Final = (ROLES, ACTING, COMPETENCES)
"""Tables with rules about regions."""
REGION_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    ROLES: ("gebiet",),
    ACTING: ("gebiet", "handelnd"),
    COMPETENCES: ("gebiet",),
}
_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    ROLES: ("leistung", "gebiet"),
    ACTING: ("gebiet", "rolle"),
    COMPETENCES: ("rolle", "gebiet", "stage"),
}
"""Table → columns by which two rules speak of the same thing."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    table: str
    line: int
    """In the file it was read from; 0: a row that is proposed."""
    cells: tuple[str, ...]
    columns: Mapping[str, int]
    """Column → its place among the cells; the same for all rows of a table."""

    def __getitem__(self, column: str) -> str:
        """Empty where the table does not have the column."""
        place = self.columns.get(column)
        return self.cells[place] if place is not None else ""

    @property
    def begin(self) -> date:
        return begins_on(self["gueltig_ab"])

    @property
    def end(self) -> date:
        return ends_on(self["gueltig_bis"])

    @property
    def about(self) -> tuple[str, ...]:
        return tuple(self[column] for column in _SAME[self.table])

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(self[column] for column in REGION_COLUMNS[self.table])

    def valid(self, on: date) -> bool:
        return self.begin <= on <= self.end

    def dated(self, begin: date, end: date) -> "RuleRow":
        return self._with({"gueltig_ab": shown_day(begin), "gueltig_bis": shown_day(end)}, self.line)

    def elsewhere(self, old: str, new: str) -> "RuleRow":
        return self._with({column: new for column in REGION_COLUMNS[self.table] if self[column] == old}, 0)

    def text(self) -> str:
        """One line for a person, the columns that say something."""
        return ";".join(filter(None, self.cells))

    def _with(self, changed: Mapping[str, str], line: int) -> "RuleRow":
        cells = tuple(changed.get(column, self.cells[place]) for column, place in self.columns.items())
        return RuleRow(self.table, line, cells, self.columns)


RulesByRegion: TypeAlias = Mapping[str, Sequence[RuleRow]]
"""Region or prefix → the rules about it."""


@dataclass(frozen=True, slots=True)
class RuleTable:
    name: str
    header: tuple[str, ...]
    rows: tuple[RuleRow, ...]

    def csv(self) -> bytes:
        return as_csv(self.header, (row.cells for row in self.rows))


def read_rules(tables: Mapping[str, bytes]) -> Mapping[str, RuleTable]:
    """The rule tables among these. Raises `RoutingRefused` for what is no such CSV, `RegionsRefused` for a row that
    cannot be read."""
    found = {}
    for name in TABLES:
        if name in tables:
            table = open_table(name, tables[name])
            found[name] = RuleTable(name, tuple(table.header), tuple(_rows(table)))
    return found


def _rows(table: OpenTable) -> Iterator[RuleRow]:
    columns = {column: place for place, column in enumerate(table.header)}
    for line, cells in table.rows:
        if len(cells) != len(columns):
            raise refused(faults.CELL_COUNT, table.name, line, value=str(len(cells)), other=len(columns))
        row = RuleRow(table.name, line, tuple(cells), columns)
        try:
            row.valid(date.max)
        except ValueError:
            raise refused(refusing.BAD_ROW, table.name, line) from None
        yield row


def by_region(rows: Iterable[RuleRow]) -> RulesByRegion:
    found: dict[str, list[RuleRow]] = defaultdict(list)
    for row in rows:
        found[row["gebiet"]].append(row)
    return found


def deciding(rules: RulesByRegion, region: str, on: date) -> dict[str, list[RuleRow]]:
    """Role → the rules that decide for a region on a day: those of the longest prefix that has any for the role."""
    decided: dict[str, list[RuleRow]] = {}
    for length in PREFIX_LENGTHS:
        here: dict[str, list[RuleRow]] = defaultdict(list)
        for row in rules.get(region[:length], ()) if length <= len(region) else ():
            if row["stage"] in {"", Stage.LIVE} and row.valid(on):
                here[row["rolle"]].append(row)
        decided = {**here, **decided}
    return decided
