"""What can be wrong with routing tables, in the operator's words. Sentences are data; the checks are in `tables`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from amtsbote.errors import Language, Misconfigured

SHOWN_VALUE: Final = 40
"""Characters of a cell that a sentence repeats."""
SHOWN_IN_MESSAGE: Final = 10
"""Problems that the exception's own message repeats."""


@dataclass(frozen=True, slots=True)
class TableProblem:
    """One fault in one table. `line` counts from 1 with the header, 0 = the whole table; `column` may be empty."""

    table: str
    line: int
    column: str
    de: str
    en: str

    def text(self, language: Language) -> str:
        """One line for a person, with the place in front."""
        line, column = ("Zeile", "Spalte") if language == "de" else ("line", "column")
        place = [self.table]
        if self.line:
            place.append(f"{line} {self.line}")
        if self.column:
            place.append(f"{column} {self.column}")
        return f"{', '.join(place)}: {self.de if language == 'de' else self.en}"


class RoutingRefused(Misconfigured):
    """Routing tables that cannot be used. `problems` is bounded, `total` counts all that were found."""

    def __init__(self, problems: Sequence[TableProblem], total: int | None = None) -> None:
        self.problems = tuple(problems)
        self.total = len(self.problems) if total is None else total
        super().__init__(self.text("en", SHOWN_IN_MESSAGE), self.text("de", SHOWN_IN_MESSAGE))

    def text(self, language: Language, at_most: int | None = None) -> str:
        """All kept problems as lines, with a head line that gives the total."""
        head = (
            f"Die Zuständigkeitstabellen wurden nicht übernommen, Fehler: {self.total}"
            if language == "de"
            else f"The routing tables were not taken over, errors: {self.total}"
        )
        return "\n".join([head, *(problem.text(language) for problem in self.problems[:at_most])])


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of problem: what is wrong and what to do. `{value}` is a cell, `{other}` what it collides with."""

    de: str
    en: str

    def at(self, table: str, line: int = 0, column: str = "", *, value: str = "", other: object = "") -> TableProblem:
        cell = shown(value)
        de = self.de.format(value=cell, other=other)
        return TableProblem(table, line, column, de, self.en.format(value=cell, other=other))


def shown(value: str) -> str:
    """A cell as it may stand in a sentence: one line, printable, short."""
    short = value if len(value) <= SHOWN_VALUE else f"{value[:SHOWN_VALUE]}…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in short)


TABLE_MISSING: Final = Fault("Die Tabelle fehlt. Bitte angeben.", "The table is missing. Name it.")
TABLE_UNKNOWN: Final = Fault(
    "Diese Tabelle gibt es nicht. Erlaubt sind: {other}.", "There is no such table. Allowed are: {other}."
)
TABLE_TOO_LARGE: Final = Fault(
    "Die Tabelle ist größer als {other} Byte. Bitte mit kürzeren Schlüsseln (Präfixen) zusammenfassen.",
    "The table is larger than {other} bytes. Summarise it with shorter keys (prefixes).",
)
TABLE_TOO_LONG: Final = Fault(
    "Die Tabelle hat mehr als {other} Zeilen. Bitte mit kürzeren Schlüsseln (Präfixen) zusammenfassen.",
    "The table has more than {other} lines. Summarise it with shorter keys (prefixes).",
)
NOT_UTF8: Final = Fault(
    "Die Zeile ist nicht in UTF-8 geschrieben. Bitte als „CSV UTF-8“ speichern.",
    "The line is not written in UTF-8. Save the file as “CSV UTF-8”.",
)
LINE_TOO_LONG: Final = Fault(
    "Die Zeile ist länger als {other} Zeichen. Bitte Trennzeichen und Zeilenenden prüfen.",
    "The line is longer than {other} characters. Check separators and line ends.",
)
BAD_QUOTES: Final = Fault(
    "Die Anführungszeichen passen nicht zusammen; ab hier wurde nicht weitergelesen. Bitte die Zeile prüfen.",
    "The quotation marks do not match; nothing was read from here on. Check the line.",
)
HEADER_MISSING: Final = Fault(
    "Die Kopfzeile fehlt. Erwartet: {other}.", "The header line is missing. Expected: {other}."
)
COLUMN_MISSING: Final = Fault(
    "Die Spalte fehlt in der Kopfzeile. Erwartet: {other}.", "The column is missing in the header. Expected: {other}."
)
COLUMN_UNKNOWN: Final = Fault(
    "Die Spalte „{value}“ gibt es nicht. Erwartet: {other}.", "There is no column “{value}”. Expected: {other}."
)
COLUMN_TWICE: Final = Fault(
    "Die Spalte „{value}“ steht zweimal in der Kopfzeile. Bitte eine entfernen.",
    "The column “{value}” is in the header twice. Remove one.",
)
CELL_COUNT: Final = Fault(
    "Die Zeile hat {value} Felder statt {other}. Bitte Semikolons und Anführungszeichen prüfen.",
    "The line has {value} fields instead of {other}. Check semicolons and quotation marks.",
)
BAD_ARS: Final = Fault(
    "„{value}“ ist kein Regionalschlüssel (2, 3, 5, 9 oder 12 Ziffern). Schlüssel sind Text mit führenden Nullen.",
    "“{value}” is no regional key (2, 3, 5, 9 or 12 digits). Keys are text with leading zeros.",
)
BAD_AREA: Final = Fault(
    "„{value}“ ist kein Gebiet: leer für den Bund oder 2, 3, 5, 9 oder 12 Ziffern mit führenden Nullen.",
    "“{value}” is no area: empty for the federation or 2, 3, 5, 9 or 12 digits with leading zeros.",
)
BAD_AGS: Final = Fault(
    "„{value}“ ist kein Gemeindeschlüssel zu diesem ARS: leer, 8 Ziffern zu einer Gemeinde,"
    " sonst so viele Ziffern wie der ARS (2, 3 oder 5).",
    "“{value}” is no municipality key for this ARS: empty, 8 digits for a municipality,"
    " else as many digits as the ARS (2, 3 or 5).",
)
BAD_SERVICE: Final = Fault(
    "„{value}“ ist kein Leistungsschlüssel. Erwartet werden 14 Ziffern, beginnend mit 99.",
    "“{value}” is no service key. 14 digits starting with 99 are expected.",
)
BAD_NAME: Final = Fault(
    "Die Bezeichnung fehlt, ist länger als 500 Zeichen oder enthält Steuerzeichen. Bitte korrigieren.",
    "The name is missing, longer than 500 characters or contains control characters. Correct it.",
)
BAD_ROLE: Final = Fault(
    "„{value}“ ist keine Behördenrolle: 1 bis 64 Zeichen ohne Leerraum, z. B. gba.",
    "“{value}” is no role: 1 to 64 characters without white space, e.g. gba.",
)
BAD_AUTHORITY: Final = Fault(
    "„{value}“ ist keine Kennung einer Behörde: 1 bis 200 Zeichen ohne Leerraum.",
    "“{value}” is no id of an authority: 1 to 200 characters without white space.",
)
BAD_STAGE: Final = Fault(
    "„{value}“ ist keine Betriebsart: live, test, off oder leer für live.",
    "“{value}” is no stage: live, test, off, or empty for live.",
)
BAD_DATE: Final = Fault(
    "„{value}“ ist kein Datum. Erwartet wird JJJJ-MM-TT, z. B. 2026-01-31, oder leer für unbefristet.",
    "“{value}” is no date. YYYY-MM-DD is expected, e.g. 2026-01-31, or empty for open.",
)
END_BEFORE_BEGIN: Final = Fault(
    "Das Ende {value} liegt vor dem Beginn {other}. Bitte ein Datum korrigieren; beide Tage zählen mit.",
    "The end {value} is before the beginning {other}. Correct a date; both days count.",
)
REGION_TWICE: Final = Fault(
    "Das Gebiet {value} gilt gleichzeitig schon nach Zeile {other}. Bitte eine Zeile streichen oder befristen.",
    "The region {value} is valid at the same time by line {other}. Remove one line or limit its dates.",
)
SERVICE_TWICE: Final = Fault(
    "Die Leistung {value} steht schon in Zeile {other}. Bitte eine Zeile streichen.",
    "The service {value} is already in line {other}. Remove one line.",
)
ROLE_TWICE: Final = Fault(
    "Die Leistung {value} hat gleichzeitig schon eine Rolle nach Zeile {other}. Bitte streichen oder befristen.",
    "The service {value} has a role at the same time by line {other}. Remove one line or limit its dates.",
)
RULE_TWICE: Final = Fault(
    "Dieselbe Regel ({value}) gilt gleichzeitig schon nach Zeile {other}. Bitte eine Zeile streichen.",
    "The same rule ({value}) is valid at the same time by line {other}. Remove one line.",
)
SERVICE_UNKNOWN: Final = Fault(
    "Die Leistung {value} steht nicht in der Tabelle leistungen. Bitte dort eintragen oder den Schlüssel prüfen.",
    "The service {value} is not in the table leistungen. Add it there or check the key.",
)
REGION_UNKNOWN: Final = Fault(
    "Kein Gebiet der Tabelle gebiete beginnt mit {value}. Bitte dort eintragen oder den Schlüssel prüfen.",
    "No region of the table gebiete starts with {value}. Add it there or check the key.",
)
AUTHORITY_UNKNOWN: Final = Fault(
    "Die Behörde {value} ist nicht erklärt. Bitte in der Deklaration anlegen oder die Kennung prüfen.",
    "The authority {value} is not declared. Add it to the declaration or check the id.",
)
