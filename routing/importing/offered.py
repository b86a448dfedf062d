"""The tables of an offer, read and checked by themselves: what is wrong has its line in the file it came from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from routing import faults
from routing.cells import bad_cells
from routing.layout import BEGINS, COLUMNS, ENDS, OFFERED, OFFERED_OPTIONAL, ORIGIN, begins_on, ends_on, open_table
from routing.overlaps import check_overlaps
from routing.reaching import check_reached
from routing.refusal import RoutingRefused, shown
from routing.regions.rules import RuleRow
from routing.rows import EMPTY, Findings, Row, kept_cells
from routing.tables import header_fits

RulesOf: TypeAlias = Mapping[str, Sequence[RuleRow]]
"""Table → its rows."""


def read_offered(tables: Mapping[str, bytes]) -> dict[str, list[RuleRow]]:
    """Raises `RoutingRefused` with every fault."""
    findings = Findings()
    for name in tables.keys() - OFFERED.keys():
        findings.add(faults.NOT_OFFERED.at(shown(name), other=", ".join(OFFERED)))
    read = {name: _read(name, tables[name], findings) for name in OFFERED if name in tables}
    kept = {name: [_kept(row) for row in read.get(name, ())] for name in COLUMNS}
    check_overlaps(kept, findings)
    check_reached(kept, findings)
    if findings.total:
        raise RoutingRefused(findings.kept, findings.total)
    return read


def read_present(tables: Mapping[str, bytes], names: Iterable[str]) -> dict[str, list[RuleRow]]:
    """Of tables that were checked when they came; one that is not there has no rows."""
    found: dict[str, list[RuleRow]] = {}
    for name in names:
        table = open_table(name, tables[name]) if name in tables else None
        columns = {column: at for at, column in enumerate(table.header)} if table is not None else {}
        rows = table.rows if table is not None else ()
        found[name] = [RuleRow(name, line, tuple(cells), columns) for line, cells in rows]
    return found


def said(row: RuleRow) -> tuple[str, ...]:
    """What a row says, whoever says it: every column but those of its origin."""
    columns = (*OFFERED[row.table], *OFFERED_OPTIONAL[row.table])
    return tuple(row[column] or EMPTY.get((row.table, column), "") for column in columns)


def number(row: RuleRow) -> int:
    return int(row["prioritaet"] or 0)


def told(row: RuleRow) -> str:
    """One line for a person: where it stands, what it says and where it is from."""
    known = " ".join(filter(None, (row["herkunft"], row["stand"])))
    text = ";".join(row[column] for column in row.columns if column not in ORIGIN).rstrip(";")
    return f"{row.table}:{row.line} {text}{f' [{known}]' if known else ''}"


def _read(name: str, data: bytes, findings: Findings) -> list[RuleRow]:
    try:
        table = open_table(name, data)
        if not header_fits(table, OFFERED[name], OFFERED_OPTIONAL[name], findings):
            return []
        columns = {column: at for at, column in enumerate(table.header)}
        rows = []
        for line, cells in table.rows:
            if len(cells) != len(columns):
                findings.add(faults.CELL_COUNT.at(name, line, value=str(len(cells)), other=len(columns)))
                continue
            problems = list(bad_cells(name, line, dict(zip(columns, cells, strict=True))))
            for problem in problems:
                findings.add(problem)
            rows += [] if problems else [RuleRow(name, line, tuple(cells), columns)]
    except RoutingRefused as refused:
        for problem in refused.problems:
            findings.add(problem)
        return []
    return rows


def _kept(row: RuleRow) -> Row:
    """As rows of one table are compared."""
    cells = dict(zip(row.columns, row.cells, strict=True))
    begins = next((cells[column] for column in BEGINS if column in cells), "")
    return Row(row.line, tuple(kept_cells(row.table, cells)), begins_on(begins), ends_on(cells.get(ENDS, "")))
