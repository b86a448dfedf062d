"""Check routing tables before they become a version. What passes here can be loaded and never surprises the resolver.

Two rules of one key and rank whose days overlap are refused unless their conditions provably exclude each other: that
somebody has to decide is never what a table says, but what it leaves open for facts nobody has given.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from amtsbote.model.routing import RoutingDocument
from routing import faults
from routing.cells import bad_cells
from routing.layout import BEGINS, COLUMNS, ENDS, OPTIONAL, REQUIRED, OpenTable, begins_on, ends_on, open_table
from routing.overlaps import check_overlaps
from routing.reaching import check_reached
from routing.references import Known, check_pairs_of_keys, check_references
from routing.refusal import RoutingRefused, TableProblem, shown
from routing.rows import MAX_PROBLEMS, Findings, Row, kept_cells

__all__ = ["MAX_PROBLEMS", "Known", "RoutingRefused", "TableProblem", "check"]


def check(document: RoutingDocument, known: Known) -> None:
    """Raise RoutingRefused, with every problem up to `MAX_PROBLEMS`, unless all tables can be used.

    `known`: what will be there once the declaration is applied.
    """
    findings = Findings()
    for name in sorted(document.tables.keys() - COLUMNS.keys()):
        findings.add(faults.TABLE_UNKNOWN.at(shown(name), other=", ".join(COLUMNS)))
    refused: dict[str, set[str]] = {name: set() for name in COLUMNS}
    tables = {name: _readable_rows(name, document.tables, refused[name], findings) for name in COLUMNS}
    check_pairs_of_keys(tables, findings)
    check_references(tables, refused, known, findings)
    check_overlaps(tables, findings)
    check_reached(tables, findings)
    if findings.total:
        raise RoutingRefused(findings.kept, findings.total)


def _readable_rows(name: str, tables: Mapping[str, bytes], refused: set[str], findings: Findings) -> list[Row] | None:
    """Rows whose cells are all well-formed; None when the table as a whole cannot be read. `refused` gets the cells of
    the others."""
    if name not in tables:
        if name not in REQUIRED:
            return []
        findings.add(faults.TABLE_MISSING.at(name))
        return None
    try:
        table = open_table(name, tables[name])
        if not header_fits(table, COLUMNS[name], OPTIONAL[name], findings):
            return None
        return list(_sound_rows(table, refused, findings))
    except RoutingRefused as refused:
        for problem in refused.problems:
            findings.add(problem)
        return None


def header_fits(table: OpenTable, columns: Sequence[str], optional: Sequence[str], findings: Findings) -> bool:
    allowed = (*columns, *optional)
    found = Counter(table.header)
    missing = ";".join(columns)
    problems = [faults.COLUMN_MISSING.at(table.name, 1, name, other=missing) for name in columns if name not in found]
    for name, count in found.items():
        if name not in allowed:
            problems.append(faults.COLUMN_UNKNOWN.at(table.name, 1, value=name, other=";".join(allowed)))
        elif count > 1:
            problems.append(faults.COLUMN_TWICE.at(table.name, 1, value=name))
    for problem in problems:
        findings.add(problem)
    return not problems


def _sound_rows(table: OpenTable, refused: set[str], findings: Findings) -> Iterator[Row]:
    name, width = table.name, len(table.header)
    begins = next((column for column in BEGINS if column in table.header), "")
    texts: dict[str, str] = {}  # most cells repeat: one copy of each
    for line, values in table.rows:
        if len(values) != width:
            refused.update(values)
            findings.add(faults.CELL_COUNT.at(name, line, value=str(len(values)), other=width))
            continue
        cells = dict(zip(table.header, values, strict=True))
        problems = list(bad_cells(name, line, cells))
        for problem in problems:
            findings.add(problem)
        if problems:
            refused.update(values)
        else:
            again = tuple(texts.setdefault(cell, cell) for cell in kept_cells(name, cells))
            yield Row(line, again, begins_on(cells.get(begins, "")), ends_on(cells.get(ENDS, "")))
