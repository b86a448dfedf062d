"""The CSV files of regions, recognised by their columns. `docs/betrieb/gebiete.md` describes each."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from routing import faults
from routing.layout import iso_date
from routing.offer import Offer
from routing.regions import refusing
from routing.regions.area import ART_BY_LENGTH, MEMBER, Area, Art, Course, Place, Succession, kind_of
from routing.regions.bytes import text_of
from routing.regions.refusing import Findings, key_fault, name_fault, name_of, refused

_DELIMITERS: Final[Mapping[str, str]] = {";": ";", ",": ",", "\t": "TAB", "|": "|"}
"""What may stand between fields → how a sentence calls it."""
_GEMEINDEN: Final = frozenset({Art.GEMEINDE.value})
_LEVELS: Final = {"kreise": 5, "gemeindeverbaende": 9, "gemeindenByArs": 12}
"""Words of the list of obsolete keys → digits of the key."""
_REKEYED: Final = ("ars_geaendert_ags_gleich", "umgeschluesselt")
_CHANGES: Final = (*_REKEYED, "weggefallen", "umbenannt", "neu")
_ANY_KEY: Final = (2, 3, 5, 9, 12)


@dataclass(slots=True)
class Sheet:
    """A file whose columns are known. Rows are walked once; faults go to `findings`."""

    file: str
    stand: date
    rows: Sequence[tuple[int, Mapping[str, str]]]
    findings: Findings

    def key(self, line: int, row: Mapping[str, str], column: str, *lengths: int) -> str:
        """The key of a cell; an empty cell is refused like a wrong one."""
        value = row[column].strip()
        if wrong := key_fault(value, lengths):
            fault, other = wrong
            self.findings.add(fault, line, column, value=value, other=other)
        return value

    def name(self, line: int, row: Mapping[str, str], column: str = "name") -> str:
        name = name_of(row[column])
        if wrong := name_fault(name):
            self.findings.add(wrong[0], line, column, value=name, other=wrong[1])
        return name

    def day(self, line: int, row: Mapping[str, str], column: str) -> date | None:
        """None for an empty or missing cell too."""
        text = row.get(column, "").strip()
        day = iso_date(text) if text else None
        if day is None and text:
            self.findings.add(faults.BAD_DATE, line, column, value=text)
        return day

    def word(
        self, line: int, row: Mapping[str, str], column: str, allowed: Sequence[str], *, needed: bool = False
    ) -> str:
        """One of these words; empty for a wrong cell, and for an empty or missing one, which is refused if needed."""
        word = row.get(column, "").strip()
        if (word or needed) and word not in allowed:
            self.findings.add(faults.BAD_WORD, line, column, value=word, other=", ".join(allowed))
            return ""
        return word

    def only_once(self, areas: Sequence[tuple[int, Area]]) -> tuple[Area, ...]:
        first: dict[str, int] = {}
        for line, area in areas:
            if (earlier := first.setdefault(area.ars, line)) != line:
                self.findings.add(refusing.TWICE, line, value=area.ars, other=earlier)
        return tuple(area for _, area in areas)


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns a file must have to be of this kind; others may stand beside them."""

    kind: str
    columns: tuple[str, ...]
    read: Callable[[Sheet, str], Offer]
    delimiter: str = ";"
    dated: bool = False
    """Whether its rows tell their days themselves."""


def read_csv(data: bytes, file: str, stand: date | None) -> Offer:
    """`stand`: what a person said, or the file's name; lists that tell their day themselves do not need it. Raises
    `RegionsRefused`."""
    text = text_of(data, file)
    layout, delimiter = _recognised(text, file)
    if stand is None and not layout.dated:
        raise refused(refusing.NO_STAND, file)
    findings = Findings(file)
    sheet = Sheet(file, stand or date.min, list(_rows(text, delimiter, findings)), findings)
    findings.refuse()
    offer = layout.read(sheet, layout.kind)
    findings.refuse()
    return offer


def _recognised(text: str, file: str) -> tuple[Layout, str]:
    header = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in _DELIMITERS:
        columns = [cell.strip() for cell in _cells(header, delimiter)]
        if "gueltig_ab" in columns:
            raise refused(refusing.TABLE_ITSELF, file, 1)
        if layout := next((one for one in LAYOUTS if set(one.columns) <= set(columns)), None):
            if delimiter != layout.delimiter:
                found, expected = _DELIMITERS[delimiter], _DELIMITERS[layout.delimiter]
                raise refused(refusing.OTHER_DELIMITER, file, 1, value=found, other=expected)
            return layout, delimiter
    known = " | ".join(layout.delimiter.join(layout.columns) for layout in LAYOUTS)
    raise refused(refusing.UNKNOWN_FILE, file, 1, value=header, other=known)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _rows(text: str, delimiter: str, findings: Findings) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    begins = 1
    try:
        for cells in reader:
            if any(cells) and not header:
                header = [cell.strip() for cell in cells]
                for column in {column for column in header if header.count(column) > 1}:
                    findings.add(faults.COLUMN_TWICE, begins, value=column)
            elif any(cells) and len(cells) != len(header):
                findings.add(faults.CELL_COUNT, begins, value=str(len(cells)), other=len(header))
            elif any(cells):
                yield begins, dict(zip(header, cells, strict=True))
            begins = reader.line_num + 1
    except csv.Error:
        findings.add(faults.BAD_QUOTES, begins)


def _municipalities(sheet: Sheet, kind: str) -> Offer:
    """ARS and AGS as the row has them: neither is computed from the other."""
    areas, places = [], []
    for line, row in sheet.rows:
        ars, ags = sheet.key(line, row, "ars", 12), sheet.key(line, row, "ags", 8)
        name = sheet.name(line, row)
        typ = name_of(row.get("typ_text") or row.get("gemeindeart_2023") or "")
        if len(ars) == 12:
            areas.append((line, Area(ars, name, kind_of(ars), ags, typ, origin=f"import:{kind}", stand=sheet.stand)))
        if row.get("plz_sitz"):
            postcode = sheet.key(line, row, "plz_sitz", 5)
            places.append(Place(postcode, ags, name, f"import:{kind}", sheet.stand))
    return Offer(kind, sheet.stand, sheet.only_once(areas), _GEMEINDEN, places=tuple(places))


def _upper(column: str, length: int) -> Callable[[Sheet, str], Offer]:
    """A list of associations, districts or Länder. A municipality that belongs to no association stands in the list
    of associations too: it is none."""

    def read(sheet: Sheet, kind: str) -> Offer:
        areas = []
        for line, row in sheet.rows:
            key, name = sheet.key(line, row, column, length), sheet.name(line, row)
            if length != 9 or key[5:6] == MEMBER:
                ags, typ = (key if length < 9 else ""), name_of(row.get("typ_text", ""))
                art = ART_BY_LENGTH[length]
                areas.append((line, Area(key, name, art, ags, typ, origin=f"import:{kind}", stand=sheet.stand)))
        found = sheet.only_once(areas)
        complete = frozenset({ART_BY_LENGTH[length].value})
        return Offer(kind, sheet.stand, found, complete, skipped=len(sheet.rows) - len(found))

    return read


def _obsolete(sheet: Sheet, kind: str) -> Offer:
    """The last yearly list that still had the key was of that year's end: so long it was valid at least."""
    areas = []
    for line, row in sheet.rows:
        length = _LEVELS.get(sheet.word(line, row, "ebene", tuple(_LEVELS), needed=True), 0)
        year = row["zuletzt_enthalten_jahr"]
        if not length:
            continue
        if not re.fullmatch("(19|20)[0-9]{2}", year):
            sheet.findings.add(refusing.BAD_YEAR, line, "zuletzt_enthalten_jahr", value=year)
            continue
        key, name = sheet.key(line, row, "schluessel", length), sheet.name(line, row)
        if len(key) != length or (length == 9 and key[5] != MEMBER):
            continue
        end = date(int(year), 12, 31)
        areas.append((line, Area(key, name, kind_of(key), end=end, origin=f"import:{kind}", stand=end)))
    found = sheet.only_once(areas)
    latest = max((area.end for area in found), default=sheet.stand)
    return Offer(kind, latest, found, skipped=len(sheet.rows) - len(found))


def _changes(sheet: Sheet, kind: str) -> Offer:
    """Differences somebody computed are proposals: that a key is new does not say what became of the old one."""
    found = []
    for line, row in sheet.rows:
        if sheet.word(line, row, "art", _CHANGES, needed=True) in _REKEYED:
            old, new = sheet.key(line, row, "ars_alt", 12), sheet.key(line, row, "ars_neu", 12)
            origin = f"import:{kind}"
            found.append(Succession(old, new, sheet.stand, Course.NEW_KEY, False, origin, sheet.stand))
    return Offer(kind, sheet.stand, successions=tuple(found), skipped=len(sheet.rows) - len(found))


def _successors(sheet: Sheet, kind: str) -> Offer:
    """The change list of ours: the table `nachfolger` itself. Rows that name no origin get this one."""
    found = []
    for line, row in sheet.rows:
        old = sheet.key(line, row, "ars_alt", *_ANY_KEY)
        new = sheet.key(line, row, "ars_neu", *_ANY_KEY) if row["ars_neu"].strip() else ""
        since, stand = sheet.day(line, row, "ab"), sheet.day(line, row, "stand")
        course = sheet.word(line, row, "art", tuple(Course))
        confirmed = sheet.word(line, row, "bestaetigt", ("ja", "vorschlag")) != "vorschlag"
        known = Course(course) if course else None
        origin = row.get("herkunft", "").strip() or f"import:{kind}"
        found.append(Succession(old, new, since or date.min, known, confirmed, origin, stand))
    latest = max((one.stand or one.since for one in found), default=sheet.stand)
    return Offer(kind, latest, successions=tuple(found))


def _postcodes(sheet: Sheet, kind: str) -> Offer:
    found = []
    for line, row in sheet.rows:
        postcode, ags = sheet.key(line, row, "plz", 5), sheet.key(line, row, "ags", 8)
        found.append(Place(postcode, ags, sheet.name(line, row, "ort"), f"import:{kind}", sheet.stand))
    return Offer(kind, sheet.stand, places=tuple(found))


LAYOUTS: Final = (
    Layout("nachfolger", ("ars_alt", "ars_neu", "ab"), _successors, dated=True),
    Layout("aenderungen", ("art", "ars_alt", "name_alt", "ars_neu", "name_neu"), _changes),
    Layout("gemeinden-xrepository", ("ars", "ags", "name", "regbez", "note"), _municipalities, ","),
    Layout("gemeinden", ("ars", "ags", "name"), _municipalities),
    Layout("plz-ags", ("plz", "ags", "ort"), _postcodes),
    Layout("alte-schluessel", ("ebene", "schluessel", "name", "zuletzt_enthalten_jahr"), _obsolete, dated=True),
    Layout("verbaende", ("verband", "name"), _upper("verband", 9)),
    Layout("kreise", ("kreis", "name"), _upper("kreis", 5)),
    Layout("laender", ("land", "name"), _upper("land", 2)),
)
"""The first that fits is it: the more special ones come first."""
