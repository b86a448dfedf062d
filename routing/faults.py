"""What can be wrong with routing tables, in the operator's words. Sentences are data."""

from dataclasses import dataclass
from typing import Final

from routing.refusal import TableProblem, shown


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of problem: what is wrong and what to do. `{value}` is a cell, `{other}` what it collides with."""

    de: str
    en: str

    def at(
        self, table: str, line: int = 0, column: str = "", *, value: str = "", other: object = "", near: str = ""
    ) -> TableProblem:
        """`near`: what the cell may have meant, told at the end."""
        cell = shown(value)
        de, en = (sentence.format(value=cell, other=other) for sentence in (self.de, self.en))
        if near:
            de, en = f"{de.removesuffix('.')}; ähnlich: {near}.", f"{en.removesuffix('.')}; near to it: {near}."
        return TableProblem(table, line, column, de, en)


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
    "Die Zeile ist nicht in UTF-8 geschrieben, vermutlich in Latin-1 (dann steht dort „{value}“)."
    " Bitte als „CSV UTF-8“ speichern.",
    "The line is not written in UTF-8 but probably in Latin-1 (it then says “{value}”). Save the file as “CSV UTF-8”.",
)
UTF16: Final = Fault(
    "Die Datei ist in UTF-16 geschrieben („Unicode-Text“). Bitte als „CSV UTF-8“ speichern.",
    "The file is written in UTF-16 (“Unicode text”). Save it as “CSV UTF-8”.",
)
OTHER_SEPARATOR: Final = Fault(
    "Zwischen den Feldern steht {other} statt Semikolon. Bitte mit Semikolon speichern (CSV, Trennzeichen ;).",
    "The fields are apart by {other} instead of a semicolon. Save the file with semicolons (CSV, separator ;).",
)
HINT_LINE: Final = Fault(
    "Die erste Zeile ({value}) ist ein Hinweis für Tabellenprogramme und gehört nicht in die Tabelle. Bitte löschen.",
    "The first line ({value}) is a hint for spreadsheets and does not belong to the table. Delete it.",
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
    "Die Spalte „{value}“ gibt es nicht. Möglich sind: {other}.",
    "There is no column “{value}”. Possible are: {other}.",
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
BAD_SUCCESSOR: Final = Fault(
    "„{value}“ ist kein Nachfolger: 2, 3, 5, 9 oder 12 Ziffern mit führenden Nullen, leer nur bei der Art aufgeloest.",
    "“{value}” is no successor: 2, 3, 5, 9 or 12 digits with leading zeros, empty only for the kind aufgeloest.",
)
BAD_POSTCODE: Final = Fault(
    "„{value}“ ist keine Postleitzahl (5 Ziffern mit führenden Nullen).",
    "“{value}” is no postcode (5 digits with leading zeros).",
)
BAD_MUNICIPALITY: Final = Fault(
    "„{value}“ ist kein Gemeindeschlüssel (AGS): 8 Ziffern mit führenden Nullen.",
    "“{value}” is no municipality key (AGS): 8 digits with leading zeros.",
)
BAD_WORD: Final = Fault(
    "„{value}“ ist hier kein Wert. Möglich sind: {other}, oder leer.",
    "“{value}” is no value here. Possible are: {other}, or empty.",
)
BAD_PRIORITY: Final = Fault(
    "„{value}“ ist keine Priorität: eine ganze Zahl von -9999 bis 9999, höher geht vor, leer ist 0.",
    "“{value}” is no priority: an integer from -9999 to 9999, higher goes first, empty is 0.",
)
BAD_FACT: Final = Fault(
    "„{value}“ ist kein Name einer Angabe: Kleinbuchstaben, Ziffern, - und _, am Anfang ein Buchstabe.",
    "“{value}” is no name of a fact: lower case letters, digits, - and _, beginning with a letter.",
)
FACT_MISSPELT: Final = Fault(
    "„{value}“ kann keine Angabe heißen: Kleinbuchstaben a bis z, Ziffern, - und _. Vermutlich ist {other} gemeint.",
    "No fact can have the name “{value}”: lower case letters a to z, digits, - and _. {other} is probably meant.",
)
BAD_ORIGIN: Final = Fault(
    "„{value}“ ist keine Herkunft: leer für von Hand eingetragen, sonst import:… oder paket:….",
    "“{value}” is no origin: empty for entered by hand, else import:… or paket:….",
)
BAD_TEXT: Final = Fault(
    "Der Text ist länger als 500 Zeichen oder enthält Steuerzeichen. Bitte korrigieren.",
    "The text is longer than 500 characters or contains control characters. Correct it.",
)
FACT_UNKNOWN: Final = Fault(
    "Keine Angabe heißt {value}; kein Leistungspaket erklärt sie. Bekannt sind: {other}.",
    "No fact has the name {value}; no service package declares it. Known are: {other}.",
)
REASON_MISSING: Final = Fault(
    "Wo keine Behörde zuständig ist (-), gehört ein Grund in einem deutschen Satz dazu. Bitte in grund angeben.",
    "Where no authority is competent (-), a reason is needed, in a German sentence. Give it in grund.",
)
REASON_IDLE: Final = Fault(
    "Ein Grund gehört nur zu einer Zeile ohne Behörde (-). Bitte streichen.",
    "A reason belongs to a row without an authority (-) only. Remove it.",
)
SUCCESSOR_IDLE: Final = Fault(
    "Bei der Art aufgeloest gibt es keinen Nachfolger, bei jeder anderen einen. Bitte Art oder Schlüssel korrigieren.",
    "The kind aufgeloest has no successor, every other has one. Correct the kind or the key.",
)
LOST_DIGITS: Final = Fault(
    "„{value}“ ist von einem Tabellenprogramm in eine Zahl verwandelt worden; die letzten Ziffern sind verloren."
    " Bitte die Spalte als Text festlegen und den Schlüssel neu eintragen.",
    "“{value}” has been turned into a number by a spreadsheet; its last digits are lost. Make the column text and enter"
    " the key again.",
)
LOST_ZERO: Final = Fault(
    "„{value}“ hat vermutlich die führende Null verloren: {other}. Bitte die Spalte vor dem Öffnen als Text festlegen.",
    "“{value}” has probably lost its leading zero: {other}. Make the column text before you open the file.",
)
STRAY: Final = Fault(
    "„{value}“ enthält Zeichen, die hier nicht hingehören: Leerzeichen, Hochkommas, Punkte, fremde Striche oder"
    " Ziffern. Gemeint ist vermutlich {other}.",
    "“{value}” contains characters that do not belong here: spaces, quotes, dots, foreign dashes or digits. Probably"
    " {other} is meant.",
)
AGS_FOR_ARS: Final = Fault(
    "„{value}“ ist ein AGS (8 Ziffern), hier steht der ARS. Bitte den ARS aus der Tabelle gebiete eintragen.",
    "“{value}” is an AGS (8 digits), and an ARS belongs here. Enter the ARS of the table gebiete.",
)
GERMAN_DATE: Final = Fault(
    "„{value}“ ist nicht in der erwarteten Form geschrieben. Bitte so: {other}.",
    "“{value}” is not written in the form expected. Write: {other}.",
)
MOJIBAKE: Final = Fault(
    "„{value}“ ist mit dem falschen Zeichensatz gelesen und wieder gespeichert worden, gemeint ist"
    " vermutlich „{other}“. Bitte korrigieren.",
    "“{value}” has been read in the wrong character set and saved again, probably “{other}” is meant. Correct it.",
)
REGION_TWICE: Final = Fault(
    "Das Gebiet {value} gilt gleichzeitig schon nach Zeile {other}. Bitte eine Zeile streichen oder befristen.",
    "The region {value} is valid at the same time by line {other}. Remove one line or limit its dates.",
)
SERVICE_TWICE: Final = Fault(
    "Die Leistung {value} steht schon in Zeile {other}. Bitte eine Zeile streichen.",
    "The service {value} is already in line {other}. Remove one line.",
)
RULE_TWICE: Final = Fault(
    "Dieselbe Regel ({value}) gilt gleichzeitig schon nach Zeile {other}. Bitte eine Zeile streichen.",
    "The same rule ({value}) is valid at the same time by line {other}. Remove one line.",
)
RULES_OVERLAP: Final = Fault(
    "Diese Regel ({value}) gilt gleichzeitig mit Zeile {other}, und keine geht vor. Bitte eine befristen, ihr eine"
    " andere Priorität geben, oder beiden Bedingungen, die einander ausschließen.",
    "This rule ({value}) is valid at the same time as line {other}, and neither goes first. Limit the dates of one,"
    " give it another priority, or give both conditions that exclude each other.",
)
TOO_MANY_EQUAL: Final = Fault(
    "Mehr als {other} Zeilen haben denselben Schlüssel und dieselbe Priorität ({value}) und gelten am selben Tag. Bitte"
    " Werte zusammenfassen (plz=09111|09112 oder plz=091*), kleinere Gebiete nennen, oder Prioritäten vergeben.",
    "More than {other} lines have the same key and priority ({value}) and count on the same day. Put values together"
    " (plz=09111|09112 or plz=091*), name smaller regions, or give them priorities.",
)
SUCCESSOR_TWICE: Final = Fault(
    "Für {value} nennt schon Zeile {other} an diesem Tag einen Nachfolger. Bitte eine Zeile streichen, oder beide mit"
    " der Art geteilt eintragen.",
    "For {value} line {other} already names a successor on that day. Remove one line, or give both the kind geteilt.",
)
SUCCESSOR_CYCLE: Final = Fault(
    "Die Nachfolger führen von {value} wieder zu ihm zurück. Bitte eine der Zeilen korrigieren.",
    "The successors lead from {value} back to itself. Correct one of the lines.",
)
PLACE_TWICE: Final = Fault(
    "Der Ort ({value}) steht schon in Zeile {other}. Bitte eine Zeile streichen.",
    "The place ({value}) is already in line {other}. Remove one line.",
)
ACTING_TWICE: Final = Fault(
    "Für {value} handelt gleichzeitig schon ein Gebiet nach Zeile {other}. Bitte eine Zeile streichen oder befristen.",
    "For {value} a region acts at the same time by line {other}. Remove one line or limit its dates.",
)
ACTING_CYCLE: Final = Fault(
    "Die Vertretungen führen von {value} im Kreis oder über mehr als {other} Gebiete."
    " Bitte eine der Zeilen korrigieren.",
    "The regions acting lead from {value} in a circle or across more than {other} regions. Correct one of the lines.",
)
NEVER_REACHED: Final = Fault(
    "Die Zeile wird nie erreicht: Für {value} handelt nach Zeile {other} der Tabelle vertretungen ein anderes Gebiet."
    " Bitte die Zeile streichen, oder die Vertretung auf andere Rollen oder Tage beschränken.",
    "The row is never reached: for {value} another region acts by line {other} of the table vertretungen. Remove the"
    " row, or restrict who acts to other roles or days.",
)
AGS_UNKNOWN: Final = Fault(
    "Den AGS {value} hat kein Gebiet der Tabelle gebiete. Bitte dort eintragen oder den Schlüssel prüfen.",
    "No region of the table gebiete has the AGS {value}. Add it there or check the key.",
)
SERVICE_UNKNOWN: Final = Fault(
    "Die Leistung {value} steht nicht in der Tabelle leistungen. Bitte dort eintragen oder den Schlüssel prüfen.",
    "The service {value} is not in the table leistungen. Add it there or check the key.",
)
SERVICE_UNSERVED: Final = Fault(
    "Zur Leistung {value} gibt es kein Leistungspaket, und kein Zustellpunkt bietet sie an. Bitte das Paket einspielen"
    " oder den Schlüssel prüfen.",
    "For the service {value} there is no service package, and no destination offers it. Install the package or check"
    " the key.",
)
REGION_UNKNOWN: Final = Fault(
    "Kein Gebiet der Tabelle gebiete beginnt mit {value}. Bitte dort eintragen oder den Schlüssel prüfen.",
    "No region of the table gebiete starts with {value}. Add it there or check the key.",
)
AUTHORITY_UNKNOWN: Final = Fault(
    "Die Behörde {value} ist weder erklärt noch eingeführt. Bitte in der Deklaration anlegen oder die Kennung prüfen.",
    "The authority {value} is neither declared nor imported. Add it to the declaration or check the id.",
)
BAD_ID: Final = Fault(
    "„{value}“ ist keine Kennung: 1 bis 64 Zeichen aus Buchstaben ohne Umlaute, Ziffern, Punkt, Strich und Unterstrich;"
    " mehrere Ziele mit Komma getrennt.",
    "“{value}” is no id: 1 to 64 characters out of letters without umlauts, digits, dot, hyphen and underscore; several"
    " targets are separated by commas.",
)
AUTHORITY_TWICE: Final = Fault(
    "Die Behörde {value} steht schon in Zeile {other}. Bitte eine streichen.",
    "The authority {value} is already in line {other}. Remove one.",
)
NOT_OFFERED: Final = Fault(
    "Diese Tabelle kann keine Quelle liefern. Erlaubt sind: {other}; Gebiete nimmt `amtsbote regions import`.",
    "No source can offer this table. Allowed are: {other}; regions are taken by `amtsbote regions import`.",
)
BAD_SOURCE: Final = Fault(
    "„{value}“ ist kein Name einer Quelle: 1 bis 64 Zeichen aus Kleinbuchstaben, Ziffern, Punkt, Strich.",
    "“{value}” is no name of a source: 1 to 64 characters out of small letters, digits, dot, hyphen.",
)
