"""Values of the routing registry that the store and the pipeline keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from amtsbote.model.ids import AuthorityId

_GERMANY: Final = ZoneInfo("Europe/Berlin")
_SHORTER: Final = (2, 3, 5, 9)
"""Digits of a Land, a Regierungsbezirk, a Kreis and a Verband in the ARS."""


def german_day(at: datetime) -> date:
    """The German calendar day of a moment: what rules and deadlines count in."""
    return at.astimezone(_GERMANY).date()


def german_time(at: datetime) -> datetime:
    return at.astimezone(_GERMANY)


def german_midnight(after: date) -> datetime:
    """The moment in which a German calendar day ends."""
    return datetime.combine(after + timedelta(days=1), time.min, _GERMANY)


def within(place: str, region: str) -> bool:
    """Whether `place` (ARS or one of its prefixes) lies in `region`: the same, a prefix, or one filled up with zeros.

    The empty region is the whole federation.
    """
    if region in {"", place}:
        return True
    prefixes = (region[:length] for length in _SHORTER if len(region) >= length and not region[length:].strip("0"))
    return any(place.startswith(prefix) for prefix in prefixes)


@dataclass(frozen=True, slots=True)
class RoutingDocument:
    """One version of the routing tables as the operator wrote them: name of the table → CSV bytes."""

    version: int
    tables: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class FoundArea:
    """An area as the public search names it."""

    id: str
    """Its ARS or the prefix it is: what `areaId` takes."""
    name: str
    type: str
    """In German, e.g. `Kreisfreie Stadt`."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One decision of the resolver: which rule of which table said what."""

    table: str
    rule: str
    """The rule as a person reads it, e.g. `99093003001002 → gba`."""
    line: int
    """Line in the operator's CSV file, counted from 1 with the header; 0 when no rule decided."""


@dataclass(frozen=True, slots=True)
class RouteTrace:
    """Why a question was answered as it was. Without personal data; stored with the message."""

    version: int
    service: str
    region: str
    on: date
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class RouteFound:
    """Answer of the resolver: exactly one authority, none, or several. It never guesses."""

    role: str | None
    authorities: tuple[AuthorityId, ...]
    trace: RouteTrace
