"""GV100AD, the municipality directory of the Federal Statistical Office: fixed width, one record per line.

Positions from the record description of the directory, counted from 1: type 1–2, territorial state 3–10 (YYYYMMDD),
Land 11–12, Regierungsbezirk 13, Kreis 14–15, municipality 16–18, association 19–22, name 23–72, seat 73–122, kind
123–124, and in type 60 the postcode of the administration 166–170.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final

from routing.offer import Offer
from routing.regions import refusing
from routing.regions.area import ART_BY_LENGTH, MEMBER, Area, Art, Place, kind_of
from routing.regions.bytes import text_of
from routing.regions.refusing import Findings, name_fault, name_of

KIND: Final = "gv100ad"
_ORIGIN: Final = f"import:{KIND}"
_RECORD: Final = re.compile(r"(?P<type>[1-6]0)(?P<stand>[0-9]{8})(?P<key>[0-9]{2}[0-9 ]{10})(?P<name>.{50}).*")
_KINDS: Final[Mapping[str, str]] = {
    "41": "Kreisfreie Stadt",
    "42": "Stadtkreis",
    "43": "Kreis",
    "44": "Landkreis",
    "45": "Regionalverband",
    "51": "Amt",
    "52": "Samtgemeinde",
    "53": "Verbandsgemeinde",
    "54": "Verwaltungsgemeinschaft",
    "55": "Kirchspielslandgemeinde",
    "56": "Verwaltungsverband",
    "58": "Erfüllende Gemeinde",
    "60": "Markt",
    "61": "Kreisfreie Stadt",
    "62": "Stadtkreis",
    "63": "Stadt",
    "64": "Kreisangehörige Gemeinde",
    "65": "gemeindefreies Gebiet (bewohnt)",
    "66": "gemeindefreies Gebiet (unbewohnt)",
    "67": "Große Kreisstadt",
}
"""Kind of a district (4x), association (5x) or municipality (6x) in the publisher's words."""


def looks_like_gv100ad(data: bytes) -> bool:
    return re.match(rb"(?:\xef\xbb\xbf)?[1-6]0(19|20)[0-9]{6}[0-9]{2}", data) is not None


def read_gv100ad(data: bytes, file: str) -> Offer:
    """Raises `RegionsRefused`."""
    findings = Findings(file)
    areas: list[Area] = []
    places: list[Place] = []
    stand: date | None = None
    skipped = 0
    for line, found in _records(text_of(data, file, refusing.LATIN_1_TEXT), findings):
        on = _day(found["stand"])
        stand = stand or on
        if on is None or on != stand:
            findings.add(refusing.SEVERAL_DATES, line, value=found["stand"], other=stand)
            continue
        record = found[0]
        name = name_of(found["name"])
        if wrong := name_fault(name):
            findings.add(wrong[0], line, value=name, other=wrong[1])
        key = _KEYS[found["type"]](found["key"])
        if not key:
            skipped += 1
        elif " " in key:
            findings.add(refusing.BAD_RECORD, line, value=record)
        else:
            areas.append(_area(key, found["key"], name, record[122:124], on))
            postcode = record[165:170].strip()
            if found["type"] == "60" and re.fullmatch("[0-9]{5}", postcode):
                places.append(Place(postcode, found["key"][:8], name, _ORIGIN, on))
    findings.refuse()
    if stand is None:
        raise refusing.refused(refusing.EMPTY, file)
    complete = frozenset(art.value for art in (Art.LAND, Art.BEZIRK, Art.KREIS, Art.VERBAND, Art.GEMEINDE))
    return Offer(KIND, stand, tuple(areas), complete, places=tuple(places), skipped=skipped)


def _records(text: str, findings: Findings) -> Iterator[tuple[int, re.Match[str]]]:
    for line, record in enumerate(text.splitlines(), 1):
        found = _RECORD.fullmatch(record)
        if found is not None:
            yield line, found
        elif record.strip():
            findings.add(refusing.BAD_RECORD, line, value=record)


def _association(key: str) -> str:
    """A municipality without association has a record of this type too, and no key of one."""
    return key[:5] + key[8:12] if key[8] == MEMBER else ""


_KEYS: Final[Mapping[str, Callable[[str], str]]] = {
    "10": lambda key: key[:2],
    "20": lambda key: key[:3],
    "30": lambda _: "",  # planning regions: their four digits are no prefix of an ARS
    "40": lambda key: key[:5],
    "50": _association,
    "60": lambda key: key[:5] + key[8:12] + key[5:8],
}
"""Type → the key its own fields form. The record has no ARS as such: it has the fields an ARS consists of."""


def _area(ars: str, key: str, name: str, kind: str, on: date) -> Area:
    ags = key[:8] if len(ars) == 12 else "" if len(ars) == 9 else ars
    art = kind_of(ars) if len(ars) == 12 else ART_BY_LENGTH[len(ars)]
    return Area(ars, name, art, ags, _KINDS.get(kind, ""), origin=_ORIGIN, stand=on)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
