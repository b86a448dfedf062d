"""The tables of the operator: their columns, and how their CSV bytes become rows.

UTF-8 with or without byte order mark, `;` between fields, `"` around a field that contains one, a header line. Columns
may stand in any order; lines without content are skipped.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Final, TextIO

from routing import faults
from routing.refusal import SHOWN_VALUE, RoutingRefused

MAX_TABLE_BYTES: Final = 24 * 1024 * 1024
MAX_LINES: Final = 600_000
"""Lines of one table: all of Germany, municipality by municipality and role by role, takes 331,028, and 100,000
exceptions go on top. What checking may cost hangs on it."""
MAX_LINE: Final = 10_000
"""Characters of one line; the longest honest one is a few hundred."""

REGIONS: Final = "gebiete"
SUCCESSORS: Final = "nachfolger"
PLACES: Final = "orte"
ACTING: Final = "vertretungen"
SERVICES: Final = "leistungen"
ROLES: Final = "rollen"
COMPETENCES: Final = "zustaendigkeiten"
AUTHORITIES: Final = "behoerden"
"""Only offered from outside: what it says goes to the directory, beside the authorities of the declaration."""

REQUIRED: Final = (REGIONS, SERVICES, ROLES, COMPETENCES)
"""Tables every version has; the others may be missing, which is the same as empty."""

COLUMNS: Final = {
    REGIONS: ("ars", "ags", "name", "gueltig_ab", "gueltig_bis"),
    SUCCESSORS: ("ars_alt", "ars_neu", "ab"),
    PLACES: ("plz", "ags", "ort"),
    ACTING: ("gebiet", "handelnd", "rolle", "gueltig_ab", "gueltig_bis"),
    SERVICES: ("leistung", "name"),
    ROLES: ("leistung", "rolle", "gueltig_ab", "gueltig_bis"),
    COMPETENCES: ("rolle", "gebiet", "behoerde", "gueltig_ab", "gueltig_bis"),
}
"""Table → columns, in the order in which rows are handed on."""

ORIGIN: Final = ("herkunft", "stand")
OPTIONAL: Final = {
    REGIONS: ("art", "typ", *ORIGIN),
    SUCCESSORS: ("art", "bestaetigt", *ORIGIN),
    PLACES: ORIGIN,
    ACTING: ORIGIN,
    SERVICES: ORIGIN,
    ROLES: ("gebiet", "art", "bedingung", "ort", "prioritaet", *ORIGIN),
    COMPETENCES: ("stage", "bedingung", "prioritaet", "grund", *ORIGIN),
}
"""Table → columns that may be missing; they come after the others."""

OFFERED: Final[Mapping[str, tuple[str, ...]]] = {
    AUTHORITIES: ("behoerde", "mandant", "name"),
    **{name: COLUMNS[name] for name in (SERVICES, ROLES, ACTING, COMPETENCES)},
}
"""Tables that a source may offer as a whole → columns."""
OFFERED_OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {
    AUTHORITIES: ("ziele",),
    **{
        name: tuple(column for column in OPTIONAL[name] if column not in ORIGIN) for name in OFFERED if name in OPTIONAL
    },
}
"""Table → columns that may be missing there. Where a row is from is said for all of them at once."""

MAX_ACTING: Final = 4
"""Regions that may act for each other one behind the other."""

BEGINS: Final = ("gueltig_ab", "ab")
ENDS: Final = "gueltig_bis"
NOBODY: Final = "-"
"""In place of an authority: there is none here, and `grund` says why."""

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
        columns = (*COLUMNS[self.name], *OPTIONAL[self.name])
        missing = set(OPTIONAL[self.name]).difference(self.header)
        pick = itemgetter(*(-1 if column in missing else self.header.index(column) for column in columns))
        return ((line, pick([*cells, ""])) for line, cells in self.rows)


def open_table(name: str, data: bytes) -> OpenTable:
    """Decode a table and read its header. RoutingRefused, here or while walking, when the bytes are no such CSV."""
    rows = _rows(name, _text(name, data))
    _, header = next(rows, (0, []))
    if not header:
        raise RoutingRefused([faults.HEADER_MISSING.at(name, other=";".join(_columns(name)))])
    if header[0].casefold().startswith("sep="):
        raise RoutingRefused([faults.HINT_LINE.at(name, 1, value=header[0])])
    if separator := _other_separator(name, header):
        raise RoutingRefused([faults.OTHER_SEPARATOR.at(name, 1, other=separator)])
    return OpenTable(name, header, rows)


def _columns(name: str) -> tuple[str, ...]:
    return COLUMNS[name] if name in COLUMNS else OFFERED[name]


def _other_separator(name: str, header: Sequence[str]) -> str:
    """`,` or `TAB` when the header's columns are apart by it; empty when not."""
    if len(header) > 1:
        return ""
    first = _columns(name)[0]
    separators = ((",", ","), ("\t", "TAB"))
    return next((shown for char, shown in separators if char in header[0] and first in header[0].split(char)), "")


def _text(name: str, data: bytes) -> TextIO:
    """The table as a stream of text, so that only one line at a time exists as such."""
    if len(data) > MAX_TABLE_BYTES:
        raise RoutingRefused([faults.TABLE_TOO_LARGE.at(name, other=MAX_TABLE_BYTES)])
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or 0 in data[:2]:
        raise RoutingRefused([faults.UTF16.at(name, 1)])
    try:
        data.decode("utf-8")  # as a whole: the stream below would not say at which byte it failed
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RoutingRefused([faults.NOT_UTF8.at(name, line, value=_cell_in_latin_1(data, error.start))]) from None
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")


def _cell_in_latin_1(data: bytes, at: int) -> str:
    """The cell around a byte, as the other character set in use would have it."""
    begin = 1 + max(data.rfind(separator, 0, at) for separator in (b";", b"\n"))
    cell = re.split(rb"[;\r\n]", data[begin : at + SHOWN_VALUE], maxsplit=1)[0]
    return cell.decode("cp1252", "replace")


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
        raise RoutingRefused([faults.BAD_QUOTES.at(name, begins)]) from None


def _lines(name: str, text: TextIO) -> Iterator[str]:
    """Lines, each checked before the CSV reader cuts it into fields: a hostile line costs no memory."""
    for number, line in enumerate(iter(lambda: text.readline(MAX_LINE + 1), ""), start=1):
        if number > MAX_LINES:
            raise RoutingRefused([faults.TABLE_TOO_LONG.at(name, number, other=MAX_LINES)])
        if len(line) > MAX_LINE:
            raise RoutingRefused([faults.LINE_TOO_LONG.at(name, number, other=MAX_LINE)])
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
