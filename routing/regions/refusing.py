"""What can be wrong with a file of regions, in the operator's words."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from amtsbote.errors import Language, Misconfigured
from routing import faults
from routing.cells import misread
from routing.faults import Fault
from routing.refusal import SHOWN_IN_MESSAGE, TableProblem

MAX_PROBLEMS: Final = 100
"""Problems that are kept; the rest are counted."""


class RegionsRefused(Misconfigured):
    """A file of regions that cannot be used. `problems` is bounded, `total` counts all."""

    def __init__(self, problems: Sequence[TableProblem], total: int | None = None) -> None:
        self.problems = tuple(problems)
        self.total = len(self.problems) if total is None else total
        super().__init__(self.text("en"), self.text("de"))

    def text(self, language: Language) -> str:
        head = (
            f"Die Datei wurde nicht übernommen, Fehler: {self.total}"
            if language == "de"
            else f"The file was not taken over, errors: {self.total}"
        )
        return "\n".join([head, *(problem.text(language) for problem in self.problems[:SHOWN_IN_MESSAGE])])


@dataclass(slots=True)
class Findings:
    """Keeps the first problems of one file and counts all."""

    file: str
    kept: list[TableProblem] = field(default_factory=list)
    total: int = 0

    def add(self, fault: Fault, line: int, column: str = "", *, value: str = "", other: object = "") -> None:
        self.total += 1
        if len(self.kept) < MAX_PROBLEMS:
            self.kept.append(fault.at(self.file, line, column, value=value, other=other))

    def refuse(self) -> None:
        """Raises `RegionsRefused` if anything was found."""
        if self.total:
            raise RegionsRefused(self.kept, self.total)


def refused(fault: Fault, file: str, line: int = 0, *, value: str = "", other: object = "") -> RegionsRefused:
    return RegionsRefused([fault.at(file, line, value=value, other=other)])


_SCIENTIFIC: Final = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")
_NUMBER: Final = re.compile(r"[0-9]+[.,][0-9]+")
_HIDDEN: Final = re.compile(r"[\ufffd\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_LONGEST_NAME: Final = 500


def key_fault(value: str, lengths: Sequence[int]) -> tuple[Fault, str] | None:
    """Why a cell is no key of one of these lengths, with what the sentence adds; None when it is one."""
    digits = value.isascii() and value.isdigit()
    wanted = "/".join(map(str, lengths))
    if digits and len(value) in lengths:
        return None
    if _SCIENTIFIC.fullmatch(value):
        return faults.LOST_DIGITS, wanted
    if _NUMBER.fullmatch(value):
        return DECIMAL, wanted
    if digits and len(value) + 1 in lengths:
        return faults.LOST_ZERO, f"0{value}"
    return BAD_KEY, wanted


def name_of(text: str) -> str:
    """A name as it is kept: composed letters, single spaces."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def name_fault(name: str) -> tuple[Fault, str] | None:
    """Why a cell is no name of a place, with what the sentence adds; None when it is one."""
    if meant := misread(name):
        return faults.MOJIBAKE, meant
    if not name or len(name) > _LONGEST_NAME or _HIDDEN.search(name):
        return faults.BAD_NAME, ""
    return None


TOO_LARGE: Final = Fault("Die Datei ist größer als {other} Byte.", "The file is larger than {other} bytes.")
EMPTY: Final = Fault("Die Datei ist leer.", "The file is empty.")
WORKBOOK: Final = Fault(
    "Das ist eine Arbeitsmappe oder ein Archiv (ZIP). Bitte das Blatt als „CSV UTF-8“ speichern oder die Datei"
    " entpacken; Schlüsselspalten vorher als Text festlegen.",
    "This is a workbook or an archive (ZIP). Save the sheet as “CSV UTF-8” or unpack the file;"
    " mark columns with keys as text before.",
)
LATIN_1_TEXT: Final = Fault(
    "Die Zeile ist nicht in UTF-8 geschrieben, vermutlich in Latin-1 (dann steht dort „{value}“)."
    " Bitte umwandeln: iconv -f LATIN1 -t UTF-8 DATEI > NEU.",
    "The line is not written in UTF-8 but probably in Latin-1 (it then says “{value}”)."
    " Convert it: iconv -f LATIN1 -t UTF-8 FILE > NEW.",
)
BAD_XML: Final = Fault(
    "Das ist XML, aber keine Codeliste (genericode) mit Schlüsseln des Statistischen Bundesamts, oder sie ist"
    " abgeschnitten.",
    "This is XML, but no code list (genericode) with keys of the Federal Statistical Office, or it is cut off.",
)
OTHER_LIST: Final = Fault(
    "Die Codeliste {value} ist keine Liste von Gebieten. Gelesen werden: {other}.",
    "The code list {value} is no list of regions. These are read: {other}.",
)
UNKNOWN_FILE: Final = Fault(
    "Was diese Datei ist, ist nicht zu erkennen. Spalten: {value}. Gelesen werden: {other}.",
    "What this file is cannot be told. Columns: {value}. These are read: {other}.",
)
TABLE_ITSELF: Final = Fault(
    "Das ist die Tabelle gebiete selbst. Bitte in den Tabellenordner legen statt importieren.",
    "This is the table gebiete itself. Put it into the folder of tables instead of importing it.",
)
OTHER_DELIMITER: Final = Fault(
    "Zwischen den Feldern steht {value}, erwartet wird {other}. Bitte mit diesem Trennzeichen speichern;"
    " Namen enthalten selbst Kommas.",
    "Fields are separated by {value}, {other} is expected. Save it with that separator;"
    " names contain commas themselves.",
)
DECIMAL: Final = Fault(
    "„{value}“ ist eine Zahl mit Komma, kein Schlüssel ({other} Ziffern). Die Spalte als Text festlegen.",
    "“{value}” is a decimal number, no key ({other} digits). Mark the column as text.",
)
BAD_KEY: Final = Fault(
    "„{value}“ ist kein Schlüssel: erwartet werden {other} Ziffern.",
    "“{value}” is no key: {other} digits are expected.",
)
TWICE: Final = Fault(
    "Der Schlüssel {value} steht schon in Zeile {other}.",
    "The key {value} is already in line {other}.",
)
BAD_YEAR: Final = Fault("„{value}“ ist kein Jahr.", "“{value}” is no year.")
NO_STAND: Final = Fault(
    "Von welchem Tag die Angaben sind, steht weder in der Datei noch in ihrem Namen. Bitte mit --stand JJJJ-MM-TT"
    " nennen.",
    "Of which day the data is stands neither in the file nor in its name. Name it with --stand YYYY-MM-DD.",
)
BAD_RECORD: Final = Fault(
    "Die Zeile ist kein Satz des GV100AD (Satzart 10 bis 60, Gebietsstand, Schlüssel, Name): {value}",
    "The line is no record of a GV100AD (type 10 to 60, date, key, name): {value}",
)
SEVERAL_DATES: Final = Fault(
    "Die Zeile hat den Gebietsstand {value}, die Datei begann mit {other}.",
    "The line is of {value}, the file began with {other}.",
)
BAD_ROW: Final = Fault(
    "Die Zeile enthält ein falsches Datum oder ein unbekanntes Wort. Bitte mit `amtsbote apply` prüfen.",
    "The line has a wrong date or an unknown word. Check it with `amtsbote apply`.",
)
