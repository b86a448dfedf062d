"""The code lists of the Federal Statistical Office in the XRepository: what their rows mean.

The XML itself is read elsewhere; here arrive the list's URI, its version, and rows of key, name and note.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from routing.layout import iso_date
from routing.offer import AgsEntry, Offer
from routing.regions import refusing
from routing.regions.area import Area, Art, kind_of
from routing.regions.refusing import Findings, key_fault, name_fault, name_of, refused

PREFIX: Final = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:"
LENGTHS: Final = {"rs": 12, "ags": 8, "kreis": 5, "bezirk": 3, "bundesland": 2}
"""Last word of the list's URI → digits of its keys."""
_KEY, _NAME, _NOTE = "SCHLUESSEL", "Bezeichnung", "Hinweis"
_PART_OF_CITY: Final = "Stadt-/Ortsteil"
"""How the note of a row begins that is a part of Berlin, Hamburg or Bremen."""


@dataclass(frozen=True, slots=True)
class CodeRows:
    """A code list as it was read."""

    uri: str
    version: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def offer_of_list(table: CodeRows, file: str, stand: date | None) -> Offer:
    """`stand`: the day of a list whose version is none. Raises `RegionsRefused` for another list, and with the number
    of the row for a wrong one."""
    word = table.uri.removeprefix(PREFIX)
    columns, rows = table.columns, table.rows
    if word not in LENGTHS or not {_KEY, _NAME} <= set(columns):
        raise refused(refusing.OTHER_LIST, file, value=table.uri, other=", ".join(PREFIX + one for one in LENGTHS))
    stand = iso_date(table.version) or stand
    if stand is None:
        raise refused(refusing.NO_STAND, file)
    kind = f"destatis-{word}"
    found = tuple(_read(columns, rows, LENGTHS[word], Findings(file)))
    if word == "ags":
        return Offer(kind, stand, ags_list=tuple(AgsEntry(row.key, row.name) for row in found))
    areas = tuple(_area(row, f"import:{kind}", stand) for row in found)
    return Offer(kind, stand, areas, frozenset(area.group for area in areas))


class _Row(NamedTuple):
    key: str
    name: str
    part: bool
    """Whether it is a part of a city."""


def _read(columns: Sequence[str], rows: Iterable[Sequence[str]], length: int, findings: Findings) -> Iterator[_Row]:
    for number, row in enumerate(rows, 1):
        cells = dict(zip(columns, row, strict=False))
        key, name = cells.get(_KEY, "").strip(), name_of(cells.get(_NAME, ""))
        if wrong := key_fault(key, (length,)):
            findings.add(wrong[0], number, _KEY, value=key, other=wrong[1])
        if wrong := name_fault(name):
            findings.add(wrong[0], number, _NAME, value=name, other=wrong[1])
        yield _Row(key, name, cells.get(_NOTE, "").startswith(_PART_OF_CITY))
    findings.refuse()


def _area(row: _Row, origin: str, stand: date) -> Area:
    """The key of a Land, Bezirk or district is the beginning of both keys, so the publisher says; a municipality's AGS
    stands in another list."""
    art = Art.ORTSTEIL if row.part else kind_of(row.key)
    return Area(row.key, row.name, art, row.key if len(row.key) < 9 else "", origin=origin, stand=stand)
