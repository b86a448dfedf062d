"""Check routing tables before they become a version. What passes here can be loaded and never surprises the resolver.

Two authorities for one role, prefix and day are allowed: the tables then say that somebody has to decide, the resolver
answers both, and the message becomes a Klärungsfall. Two roles for one service and day are a mistake, as is one rule
twice.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import RoutingDocument
from amtsbote.model.stage import Stage
from routing import refusal
from routing.layout import (
    COLUMNS,
    COMPETENCES,
    OPTIONAL,
    PREFIX_LENGTHS,
    REGIONS,
    ROLES,
    SERVICES,
    OpenTable,
    begins_on,
    ends_on,
    iso_date,
    open_table,
)
from routing.refusal import Fault, RoutingRefused, TableProblem

__all__ = ["MAX_PROBLEMS", "RoutingRefused", "TableProblem", "check"]

MAX_PROBLEMS: Final = 100
"""Problems that are kept; the rest are counted."""

_KEY: Final = r"[0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12}"
_HIDDEN: Final = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff"
"""Control characters, line separators, and marks that turn or hide the text beside them."""
_CELLS: Final[Mapping[str, tuple[re.Pattern[str], Fault]]] = {
    "ars": (re.compile(_KEY), refusal.BAD_ARS),
    "ags": (re.compile(r"|[0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{8}"), refusal.BAD_AGS),
    "gebiet": (re.compile(f"|{_KEY}"), refusal.BAD_AREA),
    "leistung": (re.compile(r"99[0-9]{12}"), refusal.BAD_SERVICE),
    "name": (re.compile(rf"(?=.*\S)[^{_HIDDEN}]{{1,500}}"), refusal.BAD_NAME),
    "rolle": (re.compile(rf"[^\s{_HIDDEN}]{{1,64}}"), refusal.BAD_ROLE),
    "stage": (re.compile("|live|test|off"), refusal.BAD_STAGE),
    "behoerde": (re.compile(rf"[^\s{_HIDDEN}]{{1,200}}"), refusal.BAD_AUTHORITY),
}
"""Column → what a cell must look like, and what to say otherwise. Dates are read, not matched."""

_UNIQUE: Final[Mapping[str, tuple[tuple[str, ...], Fault]]] = {
    REGIONS: (("ars",), refusal.REGION_TWICE),
    SERVICES: (("leistung",), refusal.SERVICE_TWICE),
    ROLES: (("leistung",), refusal.ROLE_TWICE),
    COMPETENCES: (("rolle", "gebiet", "behoerde", "stage"), refusal.RULE_TWICE),
}
"""Table → columns that name one thing only on any day."""

_KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    REGIONS: ("ars", "ags"),
    SERVICES: ("leistung",),
    ROLES: ("leistung",),
    COMPETENCES: ("rolle", "gebiet", "behoerde", "stage"),
}
"""Table → columns that are compared across rows; those of `_UNIQUE` come first."""

_EMPTY: Final[Mapping[str, str]] = {"stage": Stage.LIVE.value}
"""Column → what an empty or missing cell means, where that is not nothing."""

_AGS_DIGITS: Final = {2: 2, 3: 3, 5: 5, 12: 8}
"""Digits of an ARS → digits of the AGS beside it; an association (9) has none."""


class Row(NamedTuple):
    line: int
    cells: tuple[str, ...]
    """Those of `_KEPT`, in its order."""
    begin: date
    end: date


@dataclass(slots=True)
class _Findings:
    """Keeps the first problems and counts all."""

    kept: list[TableProblem] = field(default_factory=list)
    total: int = 0

    def add(self, problem: TableProblem) -> None:
        self.total += 1
        if len(self.kept) < MAX_PROBLEMS:
            self.kept.append(problem)


def check(document: RoutingDocument, authorities: Collection[AuthorityId]) -> None:
    """Raise RoutingRefused, with every problem up to `MAX_PROBLEMS`, unless all four tables can be used.

    `authorities` are the ids that will exist once the declaration is applied.
    """
    findings = _Findings()
    for name in sorted(document.tables.keys() - COLUMNS.keys()):
        findings.add(refusal.TABLE_UNKNOWN.at(refusal.shown(name), other=", ".join(COLUMNS)))
    tables = {name: _readable_rows(name, document.tables, findings) for name in COLUMNS}
    _check_pairs_of_keys(tables[REGIONS] or [], findings)
    _check_references(tables, authorities, findings)
    for name, rows in tables.items():
        _check_unique(name, rows or [], findings)
    if findings.total:
        raise RoutingRefused(findings.kept, findings.total)


def _readable_rows(name: str, tables: Mapping[str, bytes], findings: _Findings) -> list[Row] | None:
    """Rows whose cells are all well-formed; None when the table as a whole cannot be read."""
    if name not in tables:
        findings.add(refusal.TABLE_MISSING.at(name))
        return None
    try:
        table = open_table(name, tables[name])
        if not _header_fits(table, findings):
            return None
        return list(_sound_rows(table, findings))
    except RoutingRefused as refused:
        for problem in refused.problems:
            findings.add(problem)
        return None


def _header_fits(table: OpenTable, findings: _Findings) -> bool:
    columns = COLUMNS[table.name]
    allowed = (*columns, *OPTIONAL.get(table.name, ()))
    expected = ";".join(columns)
    found = Counter(table.header)
    problems = [refusal.COLUMN_MISSING.at(table.name, 1, name, other=expected) for name in columns if name not in found]
    for name, count in found.items():
        if name not in allowed:
            problems.append(refusal.COLUMN_UNKNOWN.at(table.name, 1, value=name, other=expected))
        elif count > 1:
            problems.append(refusal.COLUMN_TWICE.at(table.name, 1, value=name))
    for problem in problems:
        findings.add(problem)
    return not problems


def _sound_rows(table: OpenTable, findings: _Findings) -> Iterator[Row]:
    width, kept = len(table.header), _KEPT[table.name]
    texts: dict[str, str] = {}  # most cells repeat: one copy of each
    for line, values in table.rows:
        if len(values) != width:
            findings.add(refusal.CELL_COUNT.at(table.name, line, value=str(len(values)), other=width))
            continue
        cells = dict(zip(table.header, values, strict=True))
        problems = list(_bad_cells(table.name, line, cells))
        for problem in problems:
            findings.add(problem)
        if not problems:
            again = tuple(texts.setdefault(cell, cell) for cell in _cells_of(cells, kept))
            yield Row(line, again, begins_on(cells.get("gueltig_ab", "")), ends_on(cells.get("gueltig_bis", "")))


def _cells_of(cells: Mapping[str, str], columns: Sequence[str]) -> Iterator[str]:
    return (cells.get(column) or _EMPTY.get(column, "") for column in columns)


def _bad_cells(table: str, line: int, cells: Mapping[str, str]) -> Iterator[TableProblem]:
    for column, (pattern, fault) in _CELLS.items():
        if column in cells and not pattern.fullmatch(cells[column]):
            yield fault.at(table, line, column, value=cells[column])
    days: list[date] = []
    for column in ("gueltig_ab", "gueltig_bis"):
        text = cells.get(column, "")
        day = iso_date(text) if text else None
        if day is not None:
            days.append(day)
        elif text:
            yield refusal.BAD_DATE.at(table, line, column, value=text)
    if len(days) == 2 and days[1] < days[0]:
        yield refusal.END_BEFORE_BEGIN.at(table, line, "gueltig_bis", value=str(days[1]), other=days[0])


def _check_pairs_of_keys(regions: Sequence[Row], findings: _Findings) -> None:
    for line, (ars, ags), _, _ in regions:
        if ags and len(ags) != _AGS_DIGITS.get(len(ars)):
            findings.add(refusal.BAD_AGS.at(REGIONS, line, "ags", value=ags))


class _Reference(NamedTuple):
    """Every cell of this column must be one of `known`."""

    table: str
    column: str
    known: Collection[str]
    fault: Fault


def _references(tables: Mapping[str, list[Row] | None], authorities: Collection[AuthorityId]) -> Iterator[_Reference]:
    """A table that cannot be read is not held against the rules that refer to it."""
    services, regions = tables[SERVICES], tables[REGIONS]
    if services is not None:
        yield _Reference(ROLES, "leistung", {row.cells[0] for row in services}, refusal.SERVICE_UNKNOWN)
    if regions is not None:
        prefixes = {row.cells[0][:length] for row in regions for length in PREFIX_LENGTHS} | {""}
        yield _Reference(COMPETENCES, "gebiet", prefixes, refusal.REGION_UNKNOWN)
    yield _Reference(COMPETENCES, "behoerde", frozenset(authorities), refusal.AUTHORITY_UNKNOWN)


def _check_references(
    tables: Mapping[str, list[Row] | None], authorities: Collection[AuthorityId], findings: _Findings
) -> None:
    for table, column, known, fault in _references(tables, authorities):
        place = _KEPT[table].index(column)
        for row in tables[table] or []:
            if row.cells[place] not in known:
                findings.add(fault.at(table, row.line, column, value=row.cells[place]))


def _check_unique(name: str, rows: Sequence[Row], findings: _Findings) -> None:
    """No two rows with the same key on the same day. Both borders count."""
    columns, fault = _UNIQUE[name]
    alone: dict[tuple[str, ...], Row] = {}
    same: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        key = row.cells[: len(columns)]
        first = alone.setdefault(key, row)
        if first is not row:
            same.setdefault(key, [first]).append(row)
    for key, group in same.items():
        group.sort(key=_by_begin)
        latest = group[0]
        for row in group[1:]:
            if row.begin <= latest.end:
                later, earlier = max(row.line, latest.line), min(row.line, latest.line)
                findings.add(fault.at(name, later, columns[0], value=" + ".join(key), other=earlier))
            if row.end > latest.end:
                latest = row


def _by_begin(row: Row) -> tuple[date, int]:
    return row.begin, row.line
