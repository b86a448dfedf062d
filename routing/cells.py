"""What a cell of each column must look like, and what to say where it does not."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from amtsbote.model import conditions
from amtsbote.model.spelling import with_digraphs
from routing import faults
from routing.faults import Fault
from routing.layout import (
    BEGINS,
    COLUMNS,
    COMPETENCES,
    ENDS,
    NOBODY,
    OFFERED,
    OFFERED_OPTIONAL,
    OPTIONAL,
    PREFIX_LENGTHS,
    SUCCESSORS,
    iso_date,
)
from routing.refusal import TableProblem

_KEY: Final = r"[0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12}"
_ID: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""As in a declaration."""
_HIDDEN: Final = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff"
"""Control characters, line separators, and marks that turn or hide the text beside them."""
_NAME: Final = re.compile(rf"(?=.*\S)[^{_HIDDEN}]{{1,500}}")
_TEXT: Final = re.compile(rf"[^{_HIDDEN}]{{0,500}}")


class _Form(NamedTuple):
    pattern: re.Pattern[str]
    fault: Fault
    expected: str = ""
    """What stands in the sentence as `{other}`."""


def _words(*words: str) -> _Form:
    return _Form(re.compile("|".join(("", *map(re.escape, words)))), faults.BAD_WORD, ", ".join(words))


KINDS_OF_REGION: Final = (
    "gemeinde",
    "gemeindefrei",
    "verband",
    "kreis",
    "regierungsbezirk",
    "land",
    "ortsteil",
)
KINDS_OF_SUCCESSION: Final = ("neuer-schluessel", "eingegliedert", "geteilt", "aufgeloest")
DISSOLVED: Final = "aufgeloest"
DIVIDED: Final = "geteilt"
PROPOSED: Final = "vorschlag"
MAIN: Final = "haupt"
FURTHER: Final = "weitere"
NOT_HERE: Final = "entfaellt"

_FORMS: Final[Mapping[str, _Form]] = {
    "ars": _Form(re.compile(_KEY), faults.BAD_ARS),
    "ars_alt": _Form(re.compile(_KEY), faults.BAD_ARS),
    "ars_neu": _Form(re.compile(f"|{_KEY}"), faults.BAD_SUCCESSOR),
    "ags": _Form(re.compile(r"|[0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{8}"), faults.BAD_AGS),
    "gebiet": _Form(re.compile(f"|{_KEY}"), faults.BAD_AREA),
    "handelnd": _Form(re.compile(_KEY), faults.BAD_ARS),
    "plz": _Form(re.compile(r"[0-9]{5}"), faults.BAD_POSTCODE),
    "leistung": _Form(re.compile(r"99[0-9]{12}"), faults.BAD_SERVICE),
    "name": _Form(_NAME, faults.BAD_NAME),
    "ort": _Form(_NAME, faults.BAD_NAME),
    "typ": _Form(_TEXT, faults.BAD_TEXT),
    "rolle": _Form(re.compile(rf"[^\s{_HIDDEN}]{{1,64}}"), faults.BAD_ROLE),
    "stage": _Form(re.compile("|live|test|off"), faults.BAD_STAGE),
    "behoerde": _Form(re.compile(rf"[^\s{_HIDDEN}]{{1,200}}"), faults.BAD_AUTHORITY),
    "grund": _Form(_TEXT, faults.BAD_TEXT),
    "prioritaet": _Form(re.compile(r"|-?[0-9]{1,4}"), faults.BAD_PRIORITY),
    "bestaetigt": _words("ja", PROPOSED),
    "herkunft": _Form(re.compile(rf"|(import|paket):[^\s{_HIDDEN}]{{1,200}}"), faults.BAD_ORIGIN),
}
"""Column → its form. Dates and conditions are read, not matched."""

_OWN_FORMS: Final[Mapping[tuple[str, str], _Form]] = {
    ("gebiete", "art"): _words(*KINDS_OF_REGION),
    ("nachfolger", "art"): _words(*KINDS_OF_SUCCESSION),
    ("rollen", "art"): _words(MAIN, FURTHER, NOT_HERE),
    ("rollen", "ort"): _Form(re.compile(r"|[a-z][a-z0-9_-]{0,63}"), faults.BAD_FACT),
    ("orte", "ags"): _Form(re.compile(r"[0-9]{8}"), faults.BAD_MUNICIPALITY),
    ("vertretungen", "gebiet"): _Form(re.compile(_KEY), faults.BAD_ARS),
    ("vertretungen", "rolle"): _Form(re.compile(rf"[^\s{_HIDDEN}]{{0,64}}"), faults.BAD_ROLE),
    ("behoerden", "behoerde"): _Form(re.compile(_ID), faults.BAD_ID),
    ("behoerden", "mandant"): _Form(re.compile(_ID), faults.BAD_ID),
    ("behoerden", "ziele"): _Form(re.compile(rf"(?:{_ID}(?: *, *{_ID}){{0,99}})?"), faults.BAD_ID),
}
"""Table and column → its form, where a column of that name means something else elsewhere."""

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    **{table: (*OFFERED[table], *OFFERED_OPTIONAL[table]) for table in OFFERED},
    **{table: (*COLUMNS[table], *OPTIONAL[table]) for table in COLUMNS},
}
_IN_TABLE: Final[Mapping[str, Mapping[str, _Form]]] = {
    table: {column: form for column in columns if (form := _OWN_FORMS.get((table, column)) or _FORMS.get(column))}
    for table, columns in _COLUMNS.items()
}

_DAYS: Final = (*BEGINS, ENDS, "stand")
_KEY_DIGITS: Final[Mapping[str, tuple[int, ...]]] = {
    **dict.fromkeys(("ars", "ars_alt", "ars_neu", "gebiet", "handelnd"), PREFIX_LENGTHS),
    "ags": (2, 3, 5, 8),
    "plz": (5,),
}
_SCIENTIFIC: Final = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]{1,2}", re.IGNORECASE)
_GERMAN_DATE: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_AGS: Final = re.compile(r"[0-9]{8}")
_STRAY: Final = re.compile(rf"[\s'’`´\"=.{_HIDDEN}]")
"""What spreadsheets and people put into keys to keep or to group their digits."""
_DASHES: Final = frozenset("‐‑‒–—−")
_MISREAD: Final = re.compile(
    "[\u00c2\u00c3\u00c4\u00c5][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]"
)


def bad_cells(table: str, line: int, cells: Mapping[str, str]) -> Iterator[TableProblem]:
    """Every problem of one row by itself."""
    for column, form in _IN_TABLE[table].items():
        text = cells.get(column)
        if text is not None and not form.pattern.fullmatch(text):
            yield _explained(table, line, column, text, form)
    yield from _misread(table, line, cells)
    yield from _bad_days(table, line, cells)
    yield from _bad_condition(table, line, cells.get("bedingung", ""))
    if table == COMPETENCES:
        yield from _bad_reason(line, cells)
    if table == SUCCESSORS and (cells.get("art") == DISSOLVED) is bool(cells["ars_neu"]):
        yield faults.SUCCESSOR_IDLE.at(table, line, "ars_neu")


def _explained(table: str, line: int, column: str, text: str, form: _Form) -> TableProblem:
    """With what a spreadsheet has probably done to it."""
    digits = _KEY_DIGITS.get(column, ())
    if (digits or column == "leistung") and _SCIENTIFIC.fullmatch(text):
        return faults.LOST_DIGITS.at(table, line, column, value=text)
    if text.isascii() and text.isdigit():
        if digits is PREFIX_LENGTHS and _AGS.fullmatch(text) and text[0] in "01":
            return faults.AGS_FOR_ARS.at(table, line, column, value=text)
        if len(text) + 1 in digits and text[0] != "0":
            return faults.LOST_ZERO.at(table, line, column, value=text, other=f"0{text}")
    meant = cleaned(text) if digits or column == "leistung" else text.strip()
    if text != meant != "" and form.pattern.fullmatch(meant):
        return faults.STRAY.at(table, line, column, value=text, other=meant)
    if form.fault is faults.BAD_FACT and form.pattern.fullmatch(near := with_digraphs(text)):
        return faults.FACT_MISSPELT.at(table, line, column, value=text, other=near)
    return form.fault.at(table, line, column, value=text, other=form.expected)


def cleaned(key: str) -> str:
    """Its digits alone, where nothing else is in it but what `_STRAY` knows."""
    return _STRAY.sub("", unicodedata.normalize("NFKC", key))


def _misread(table: str, line: int, cells: Mapping[str, str]) -> Iterator[TableProblem]:
    for column, text in cells.items():
        if meant := misread(text):
            yield faults.MOJIBAKE.at(table, line, column, value=text, other=meant)


def misread(text: str) -> str:
    """What `MÃ¼ller` probably means: UTF-8 taken for Latin-1 and saved again. Empty for what is no such text."""
    if text.isascii() or not _MISREAD.search(text):
        return ""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""


def _bad_days(table: str, line: int, cells: Mapping[str, str]) -> Iterator[TableProblem]:
    days: list[date] = []
    for column in _DAYS:
        text = cells.get(column, "")
        day = iso_date(text) if text else None
        if day is not None and column != "stand":
            days.append(day)
        elif text and day is None:
            yield _bad_day(table, line, column, text)
    if len(days) == 2 and days[1] < days[0]:
        yield faults.END_BEFORE_BEGIN.at(table, line, ENDS, value=str(days[1]), other=days[0])


def _bad_day(table: str, line: int, column: str, text: str) -> TableProblem:
    if iso_date(text.strip()):
        return faults.STRAY.at(table, line, column, value=text, other=text.strip())
    if written := _GERMAN_DATE.fullmatch(text):
        day, month, year = written.groups()
        meant = f"{year}-{month.zfill(2)}-{day.zfill(2)}"
        if iso_date(meant):
            return faults.GERMAN_DATE.at(table, line, column, value=text, other=meant)
    return faults.BAD_DATE.at(table, line, column, value=text)


def _bad_condition(table: str, line: int, text: str) -> Iterator[TableProblem]:
    if not text:
        return
    try:
        conditions.parse(text)
    except conditions.ConditionRefused as refused:
        yield faults.Fault(refused.de, refused.en).at(table, line, "bedingung", value=refused.value)


def _bad_reason(line: int, cells: Mapping[str, str]) -> Iterator[TableProblem]:
    if cells["behoerde"] in _DASHES:
        yield faults.STRAY.at(COMPETENCES, line, "behoerde", value=cells["behoerde"], other=NOBODY)
        return
    nobody, reason = cells["behoerde"] == NOBODY, cells.get("grund", "").strip()
    if nobody and not reason:
        yield faults.REASON_MISSING.at(COMPETENCES, line, "grund")
    if reason and not nobody:
        yield faults.REASON_IDLE.at(COMPETENCES, line, "grund")
