"""Values of the routing registry that the store and the pipeline keep."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Self
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
    return region in {"", place} or any(place.startswith(prefix) for prefix in _prefixes_meant(region))


def _prefixes_meant(region: str) -> Iterator[str]:
    return (region[:length] for length in _SHORTER if len(region) >= length and not region[length:].strip("0"))


@dataclass(frozen=True, slots=True)
class Area:
    """Several regions, made to be asked for thousands of places."""

    keys: frozenset[str]

    @classmethod
    def of(cls, regions: Iterable[str]) -> Self:
        return cls(frozenset(key for region in regions for key in (region, *_prefixes_meant(region))))

    def covers(self, place: str) -> bool:
        """Whether `place` lies `within` one of them."""
        keys = self.keys
        return place in keys or "" in keys or any(place[:length] in keys for length in _SHORTER)


@dataclass(frozen=True, slots=True)
class RoutingDocument:
    """One version of the routing tables as the operator wrote them: name of the table → CSV bytes."""

    version: int
    tables: Mapping[str, bytes]


class Outcome(StrEnum):
    """What an answer of the resolver is worth."""

    RESOLVED = "resolved"
    """Exactly one authority is competent, and of every further recipient it is known who that is, or that there is
    none."""
    UNRESOLVED = "unresolved"
    """For this nobody is known, or nobody is competent."""
    AMBIGUOUS = "ambiguous"
    """Several are possible."""


class Why(StrEnum):
    """Why a question has no single answer. The sentences are in the text catalogue, under `route.why`."""

    SERVICE_UNKNOWN = "service-unknown"
    REGION_UNKNOWN = "region-unknown"
    REGION_EXPIRED = "region-expired"
    """The key is not valid on the day, and a successor is not known."""
    REGION_DISSOLVED = "region-dissolved"
    SUCCESSOR_PROPOSED = "successor-proposed"
    REGION_DIVIDED = "region-divided"
    PLACE_NOT_GIVEN = "place-not-given"
    """The role goes by another place than the message's, and the message does not name it."""
    NO_RULE = "no-rule"
    NOBODY_HERE = "nobody-here"
    """A rule says that there is no authority, and gives the reason."""
    FACT_NOT_GIVEN = "fact-not-given"
    """Rules ask for something that is not known of the message."""
    FACT_NOT_COMPARABLE = "fact-not-comparable"
    """Rules ask for a number or a day, and the message gives something else."""
    SEVERAL_RULES = "several-rules"
    """Rules of equal rank say different things: only in tables that were never checked."""


@dataclass(frozen=True, slots=True)
class RouteReason:
    """Why there is no single answer, and for which role. Without personal data."""

    why: Why
    role: str = ""
    """Empty as long as none is known."""
    region: str = ""
    named: str = ""
    """What the sentence names: a successor, parts, facts, or the reason a rule gives."""

    def values(self) -> dict[str, str]:
        """For its sentence, and to be kept with the message."""
        given = {"role": self.role, "place": self.region, "named": self.named}
        return {"why": self.why.value, **{name: value or "–" for name, value in given.items()}}


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
    level: str = ""
    """`bund`, `land`, `regierungsbezirk`, `kreis`, `verband` or `gemeinde`: where the deciding rule stands."""
    origin: str = ""
    """Where the row came from; empty for one written by hand."""
    stand: str = ""
    """Date of the row's data, ISO; empty when nobody said."""
    recipient: str = ""
    """The further recipient that was decided on, see `recipient_named`; empty for the competent authority."""
    unmet: str = ""
    """The condition that does not hold, which is why the rule was passed over; empty for one that decided."""


@dataclass(frozen=True, slots=True)
class RouteTrace:
    """Why a question was answered as it was. Without personal data; stored with the message."""

    version: int
    service: str
    region: str
    on: date
    hops: tuple[Hop, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    """Those that rules asked for, as far as they were given."""


def recipient_named(role: str, fact: str) -> str:
    """A further recipient as rules and traces tell it apart: its role, and the fact that names its place.

    A move reaches the same role at two places.
    """
    return f"{role} ({fact})" if fact else role


@dataclass(frozen=True, slots=True)
class Recipient:
    """An authority that gets a message for the role it has."""

    role: str
    authority: AuthorityId
    region: str
    """The place that decided, with the key it has on the day."""
    by: str = ""
    """Fact that named the place; empty where it is that of the message."""

    @property
    def recipient(self) -> str:
        return recipient_named(self.role, self.by)


@dataclass(frozen=True, slots=True)
class RouteFound:
    """Answer of the resolver. It never guesses."""

    outcome: Outcome
    primary: Recipient | None
    """The competent authority; None unless resolved."""
    also: tuple[Recipient, ...]
    """Further recipients; empty unless resolved."""
    candidates: tuple[AuthorityId, ...]
    """Who is possible, where several are; sorted."""
    reason: RouteReason | None
    """None only when resolved."""
    possible: tuple[Recipient | None, ...]
    """Who may be the competent authority, whatever the facts are that are not known; None where it would be nobody."""
    told: Callable[[], RouteTrace] = field(compare=False, repr=False)
    open_recipient: str = ""
    """The further recipient the reason is about; empty where it is about the competent authority."""

    @property
    def trace(self) -> RouteTrace:
        """Written when it is asked for."""
        return self.told()

    @property
    def role(self) -> str | None:
        """Of the competent authority, if one is known."""
        if self.primary is not None:
            return self.primary.role
        if self.open_recipient:
            return next((one.role for one in self.possible if one is not None), None)
        return (self.reason.role if self.reason is not None else "") or None

    @property
    def authorities(self) -> tuple[AuthorityId, ...]:
        """The competent authority, or all that may be; none when it is certain that there is no single one."""
        if self.outcome is Outcome.UNRESOLVED:
            return ()
        return tuple(sorted({one.authority for one in self.possible if one is not None}))


@dataclass(frozen=True, slots=True)
class DefaultRule:
    """What a service package says of a service while the operator says nothing else: a row of the table of roles."""

    package: str
    """Name and version, e.g. `baumfaellgenehmigung-1.0`."""
    service: str
    role: str
    region: str = ""
    kind: str = "haupt"
    """As in the table: `haupt`, `weitere` or `entfaellt`."""
    condition: str = ""
    place: str = ""
    """Fact that names the place instead of the region of the message."""
