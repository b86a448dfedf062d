"""Routing tables in a spreadsheet (XLSX) → the same tables as CSV. What a program made of a key is not guessed.

For the process of whoever proposes a change, or one that ends with it: the service itself reads CSV alone. Source of
the cell types: ECMA-376, part 1, 18.18.11.
"""

import csv
import io
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import repeat
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from routing.faults import TABLE_TOO_LONG, Fault
from routing.layout import COLUMNS, MAX_LINES
from routing.refusal import RoutingRefused, TableProblem, shown
from routing.unpacking import NOT_XLSX, demand_bounded

MAX_COLUMNS: Final = 100
MAX_PROBLEMS: Final = 100

_DIGITS: Final = {
    **dict.fromkeys(("ars", "gebiet", "handelnd", "ars_alt", "ars_neu"), (2, 3, 5, 9, 12)),
    "ags": (2, 3, 5, 8),
    "plz": (5,),
    "leistung": (14,),
}
"""Column of keys → how many digits one may have."""
_DAYS: Final = frozenset({"gueltig_ab", "gueltig_bis", "ab", "stand"})
_NUMBERS: Final = frozenset({"prioritaet"})
_PROSE: Final = frozenset({"name", "typ", "grund", "ort", "herkunft"})
"""Columns in which a number is a text like any other."""
_ERRORS: Final = frozenset({"#REF!", "#NAME?", "#VALUE!", "#N/A", "#DIV/0!", "#NULL!", "#NUM!"})
_FORMULA: Final = "="
"""How a formula begins."""
_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of a spreadsheet (ECMA-376, part 1, 18.17.4.1)."""
_LANDS: Final = range(1, 17)

SHEET_UNKNOWN: Final = Fault(
    "Das Blatt „{value}“ ist nicht nach einer Tabelle benannt. Erlaubt sind: {other}. Bitte umbenennen oder löschen.",
    "The sheet “{value}” is not named after a table. Allowed are: {other}. Rename or delete it.",
)
SHEET_TWICE: Final = Fault(
    "Das Blatt „{value}“ gibt es für diese Tabelle zweimal. Bitte eines löschen.",
    "There are two sheets “{value}” for this table. Delete one.",
)
KEY_IS_NUMBER: Final = Fault(
    "Die Zelle ist eine Zahl ({value}), Schlüssel sind aber Text: Führende Nullen können verloren sein. Gemeint ist"
    " vermutlich {other}. Bitte die Spalte als Text formatieren und den Schlüssel neu eintragen.",
    "The cell is a number ({value}) but keys are text: leading zeros may be lost. {other} may be meant. Format the"
    " column as text and enter the key again.",
)
KEY_IS_LOST: Final = Fault(
    "Die Zelle ist eine Zahl ({value}), Schlüssel sind aber Text; was gemeint war, ist nicht mehr zu erkennen. Bitte"
    " die Spalte als Text formatieren und den Schlüssel aus der Quelle neu eintragen.",
    "The cell is a number ({value}) but keys are text; what was meant cannot be told any more. Format the column as"
    " text and enter the key from its source again.",
)
TEXT_IS_NUMBER: Final = Fault(
    "Die Zelle ist eine Zahl ({value}), erwartet wird Text. Bitte die Spalte als Text formatieren und neu eintragen.",
    "The cell is a number ({value}) but text is expected. Format the column as text and enter it again.",
)
TEXT_IS_DAY: Final = Fault(
    "Das Programm hat aus dem Eintrag ein Datum gemacht ({value}). Bitte als Text formatieren und neu eintragen.",
    "The program has made a date of the entry ({value}). Format it as text and enter it again.",
)
DAY_IS_NUMBER: Final = Fault(
    "Die Zelle ist eine Zahl ({value}) statt eines Datums. Gemeint ist vermutlich {other}. Bitte so eintragen.",
    "The cell is a number ({value}) instead of a date. {other} may be meant. Enter it like that.",
)
DAY_WITH_TIME: Final = Fault(
    "Das Datum hat eine Uhrzeit ({value}). Bitte nur den Tag eintragen.",
    "The date has a time of day ({value}). Enter the day only.",
)
IS_ERROR: Final = Fault(
    "In der Zelle steht statt eines Werts ein Fehler ({value}). Bitte korrigieren.",
    "The cell has an error instead of a value ({value}). Correct it.",
)
IS_FORMULA: Final = Fault(
    "Die Zelle ist eine Formel ({other}); ihr gespeichertes Ergebnis „{value}“ kann überholt sein. Bitte die Spalte"
    " kopieren und nur die Werte einfügen.",
    "The cell is a formula ({other}); its stored result “{value}” may be outdated. Copy the column and paste the values"
    " only.",
)
NO_RESULT: Final = Fault(
    "Die Formel dieser Zelle ({other}) hat kein gespeichertes Ergebnis, oder ein leeres; eine leere Zelle hieße aber"
    " etwas anderes. Bitte den Wert eintragen.",
    "The formula of this cell ({other}) has no stored result, or an empty one; but an empty cell would mean something"
    " else. Enter the value.",
)
IS_TRUTH: Final = Fault(
    "Die Zelle ist ein Wahrheitswert ({value}), erwartet wird Text. Bitte als Text formatieren und neu eintragen.",
    "The cell is a truth value ({value}) but text is expected. Format it as text and enter it again.",
)


def read_workbook(file: str, data: bytes, known: Collection[str] = COLUMNS) -> dict[str, bytes]:
    """Name of the table → CSV. `file`: its name without the ending; it names the table of a workbook with one sheet.
    `known`: tables there may be. Raises RoutingRefused with sheet, row and column of up to `MAX_PROBLEMS` problems."""
    has_formulas = demand_bounded(file, data)
    try:
        sheets = _sheets(data, results=True)
        formulas = _sheets(data, results=False) if has_formulas else {}
        tables = _tables_of(file, list(sheets), known)
        problems: list[TableProblem] = []
        written = {
            table: _csv(sheet, _rows(sheets[sheet]), _rows(formulas.get(sheet)), problems)
            for table, sheet in tables.items()
        }
    except RoutingRefused:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,
        OSError,
    ):
        raise RoutingRefused([NOT_XLSX.at(shown(file))]) from None
    if problems:
        raise RoutingRefused(problems[:MAX_PROBLEMS], len(problems))
    return written


def _tables_of(file: str, sheets: Sequence[str], known: Collection[str]) -> dict[str, str]:
    """Table → its sheet. Every sheet must be one: a misspelt name would leave its rows out."""
    if len(sheets) == 1 and sheets[0].strip().lower() not in known and file in known:
        return {file: sheets[0]}
    tables: dict[str, str] = {}
    for sheet in sheets:
        name = sheet.strip().lower()
        if name not in known:
            raise RoutingRefused([SHEET_UNKNOWN.at(shown(file), value=sheet, other=", ".join(known))])
        if name in tables:
            raise RoutingRefused([SHEET_TWICE.at(shown(file), value=sheet)])
        tables[name] = sheet
    return tables


def _sheets(data: bytes, *, results: bool) -> dict[str, Any]:
    """Title → sheet, whose formulas are seen as their results or as themselves."""
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=results, keep_links=False)
    return {sheet.title: sheet for sheet in book.worksheets}


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Without a sheet, rows without cells for ever."""
    if sheet is None:
        return repeat(())
    sheet.reset_dimensions()  # what a program wrote there need not be true
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS)
    return rows


def _csv(
    name: str, rows: Iterator[tuple[Any, ...]], formulas: Iterator[tuple[Any, ...]], problems: list[TableProblem]
) -> bytes:
    """The sheet as CSV; what cannot be taken over is added to `problems`, with the sheet as its table. `formulas`: the
    same rows with the formulas themselves."""
    next(formulas, ())
    header = [str(cell).strip() if cell is not None else "" for cell in next(rows, ())]
    while header and not header[-1]:
        header.pop()
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\n")
    writer.writerow(header)
    for line, (row, written_as) in enumerate(zip(rows, formulas, strict=False), start=2):
        if line > MAX_LINES:
            raise RoutingRefused([TABLE_TOO_LONG.at(shown(name), line, other=MAX_LINES)])
        cells = [*row[: len(header)], *[None] * (len(header) - len(row))]
        refused = [*_formulas(shown(name), line, zip(header, cells, written_as, strict=False))]
        if refused:
            problems += refused
            continue
        writer.writerow(
            _text(shown(name), line, column, cell, problems) for column, cell in zip(header, cells, strict=True)
        )
    return written.getvalue().encode()


def _formulas(sheet: str, line: int, cells: Iterable[tuple[str, Any, Any]]) -> Iterator[TableProblem]:
    """`cells`: column, value, and what is written there. A result is as old as the program that stored it, and one that
    calculates nothing stores none."""
    for column, value, written_as in cells:
        if isinstance(written_as, ArrayFormula | DataTableFormula):
            written_as = getattr(written_as, "text", None) or _FORMULA  # noqa: PLW2901
        elif not isinstance(written_as, str) or not written_as.startswith(_FORMULA) or written_as == value:
            continue
        if value is None:
            yield NO_RESULT.at(sheet, line, column, other=shown(written_as))
        else:
            yield IS_FORMULA.at(sheet, line, column, value=str(value), other=shown(written_as))


def _text(sheet: str, line: int, column: str, cell: Any, problems: list[TableProblem]) -> str:
    """A cell as it stands in the CSV; empty where it cannot be taken over."""
    if cell is None:
        return ""
    if isinstance(cell, str) and cell not in _ERRORS:
        return cell.strip()
    if isinstance(cell, datetime | date) and column in _DAYS and _midnight(cell):
        return cell.strftime("%Y-%m-%d")
    if isinstance(cell, int | float) and not isinstance(cell, bool) and column in _NUMBERS | _PROSE:
        return _plain(cell)
    problems.append(_problem(sheet, line, column, cell))
    return ""


def _problem(sheet: str, line: int, column: str, cell: Any) -> TableProblem:
    """What the program has made of an entry that should be text."""
    match cell:
        case str():
            return IS_ERROR.at(sheet, line, column, value=cell)
        case bool():
            return IS_TRUTH.at(sheet, line, column, value=str(cell))
        case datetime() | date() | time() | timedelta():
            fault = DAY_WITH_TIME if column in _DAYS else TEXT_IS_DAY
            return fault.at(sheet, line, column, value=str(cell))
        case int() | float() if column in _DIGITS:
            meant = _meant(column, _plain(cell))
            if not meant:
                return KEY_IS_LOST.at(sheet, line, column, value=_plain(cell))
            return KEY_IS_NUMBER.at(sheet, line, column, value=_plain(cell), other=" / ".join(meant))
        case int() | float() if column in _DAYS and 0 < cell < 200_000:
            day = _EPOCH + timedelta(days=int(cell))
            return DAY_IS_NUMBER.at(sheet, line, column, value=_plain(cell), other=day.isoformat())
    return TEXT_IS_NUMBER.at(sheet, line, column, value=_plain(cell) if isinstance(cell, int | float) else str(cell))


def _meant(column: str, digits: str) -> list[str]:
    """The keys a number may have been: as it is, or with the zero in front that a program drops."""
    if not digits.isdigit():
        return []
    lengths = _DIGITS[column]
    if column == "plz":
        return [digits.zfill(5)] if len(digits) in {4, 5} else []
    candidates = [key for key in (digits, f"0{digits}") if len(key) in lengths]
    return candidates if column == "leistung" else [key for key in candidates if int(key[:2]) in _LANDS]


def _plain(number: int | float) -> str:
    return str(int(number)) if number == int(number) and abs(number) < 10**15 else repr(number)


def _midnight(cell: date) -> bool:
    return not isinstance(cell, datetime) or cell.time() == time.min
