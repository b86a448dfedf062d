"""The four tables of the operator: their columns, and how their CSV bytes become rows.

UTF-8 with or without byte order mark, `;` between fields, `"` around a field that contains one, a header line. Columns
may stand in any order; lines without content are skipped.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Final, TextIO

from routing import refusal
from routing.refusal import RoutingRefused

MAX_TABLE_BYTES: Final = 24 * 1024 * 1024
MAX_LINES: Final = 600_000
"""Lines of one table: all of Germany, municipality by municipality and role by role, takes 331,028, and 100,000
exceptions go on top. What checking may cost hangs on it."""
MAX_LINE: Final = 10_000
"""Characters of one line; the longest honest one is a few hundred."""

REGIONS: Final = "gebiete"
SERVICES: Final = "leistungen"
ROLES: Final = "rollen"
COMPETENCES: Final = "zustaendigkeiten"

COLUMNS: Final = {
    REGIONS: ("ars", "ags", "name", "gueltig_ab", "gueltig_bis"),
    SERVICES: ("leistung", "name"),
    ROLES: ("leistung", "rolle", "gueltig_ab", "gueltig_bis"),
    COMPETENCES: ("rolle", "gebiet", "behoerde", "gueltig_ab", "gueltig_bis"),
}
"""Table → columns, in the order in which rows are handed on."""
OPTIONAL: Final = {COMPETENCES: ("stage",)}
"""Table → columns that may be missing; they come after the others."""

PREFIX_LENGTHS: Final = (12, 9, 5, 3, 2, 0)
"""Municipality, association, district, region, Land, federation: lengths of an ARS and its prefixes, longest first."""

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table whose header has been read. `rows` can be walked once: line number and the cells as written."""

    name: str
    header: list[str]
    rows: Iterator[tuple[int, list[str]]]

    def picked(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Rows of a checked table, cells in the order of `COLUMNS`, then those of `OPTIONAL`, empty where the column
        is missing. ValueError or IndexError when it is none."""
        optional = OPTIONAL.get(self.name, ())
        columns = (*COLUMNS[self.name], *(column for column in optional if column in self.header))
        pick = itemgetter(*map(self.header.index, columns))
        missing = tuple("" for column in optional if column not in self.header)
        return ((line, (*pick(cells), *missing)) for line, cells in self.rows)


def open_table(name: str, data: bytes) -> OpenTable:
    """Decode a table and read its header. RoutingRefused, here or while walking, when the bytes are no such CSV."""
    rows = _rows(name, _text(name, data))
    _, header = next(rows, (0, []))
    if not header:
        raise RoutingRefused([refusal.HEADER_MISSING.at(name, other=";".join(COLUMNS[name]))])
    return OpenTable(name, header, rows)


def _text(name: str, data: bytes) -> TextIO:
    """The table as a stream of text, so that only one line at a time exists as such."""
    if len(data) > MAX_TABLE_BYTES:
        raise RoutingRefused([refusal.TABLE_TOO_LARGE.at(name, other=MAX_TABLE_BYTES)])
    try:
        data.decode("utf-8")  # as a whole: the stream below would not say at which byte it failed
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RoutingRefused([refusal.NOT_UTF8.at(name, line)]) from None
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")


def _rows(name: str, text: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Records with the line they begin in; a quoted field may span lines."""
    reader = csv.reader(_lines(name, text), delimiter=";", strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error:
        raise RoutingRefused([refusal.BAD_QUOTES.at(name, begins)]) from None


def _lines(name: str, text: TextIO) -> Iterator[str]:
    """Lines, each checked before the CSV reader cuts it into fields: a hostile line costs no memory."""
    for number, line in enumerate(iter(lambda: text.readline(MAX_LINE + 1), ""), start=1):
        if number > MAX_LINES:
            raise RoutingRefused([refusal.TABLE_TOO_LONG.at(name, number, other=MAX_LINES)])
        if len(line) > MAX_LINE:
            raise RoutingRefused([refusal.LINE_TOO_LONG.at(name, number, other=MAX_LINE)])
        yield line


@lru_cache(maxsize=4096)
def iso_date(text: str) -> date | None:
    """`2026-01-31` → that day; anything else → None."""
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def begins_on(text: str) -> date:
    """First day of validity; empty is open. ValueError when it is no date."""
    return _day(text) if text else date.min


def ends_on(text: str) -> date:
    """Last day of validity, inclusive; empty is open. ValueError when it is no date."""
    return _day(text) if text else date.max


def _day(text: str) -> date:
    day = iso_date(text)
    if day is None:
        raise ValueError("not a date")
    return day
