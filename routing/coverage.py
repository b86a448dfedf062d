"""Who is competent for every service in every municipality: what the resolver answers, with gaps and conflicts.

Of the millions of pairs of a country most have their answer for the same reason. Services of which the tables say the
same are asked once; so are municipalities under the same longest prefix among those the rules of these services name,
because a rule applies to both of them or to neither. What is asked is always the resolver itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Final

from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import DefaultRule, Outcome, RouteFound, RouteReason, RoutingDocument, Why
from routing.inboxes import Inboxes, Offered, Offers
from routing.layout import ACTING, COMPETENCES, PREFIX_LENGTHS, REGIONS, ROLES, SERVICES, begins_on, ends_on, open_table
from routing.resolver import Resolver

_MUNICIPAL: Final = frozenset({"", "gemeinde", "gemeindefrei"})
"""`art` of a row of 12 digits that people can live in, or somebody must be competent for."""
_LAND, _KREIS = 2, 5


class Verdict(StrEnum):
    """What an answer means for who asks whether everything is covered."""

    COMPETENT = "competent"
    """And has a destination, where these were looked at."""
    NO_DESTINATION = "no-destination"
    """Somebody is competent, or one of several by the facts, but no live destination takes the service there for them:
    no portal can send."""
    NOBODY = "nobody"
    """A rule says so, with its reason."""
    OPEN = "open"
    """It hangs on facts of the application."""
    CONFLICT = "conflict"
    GAP = "gap"


_HAVE_DESTINATIONS: Final = frozenset({Verdict.COMPETENT, Verdict.OPEN})


@dataclass(frozen=True, slots=True)
class Answer:
    verdict: Verdict
    authorities: tuple[AuthorityId, ...]
    """The competent one and further recipients, or the candidates."""
    reason: RouteReason | None = None
    """Without the place, which is the asker's."""
    competent: tuple[AuthorityId, ...] = ()
    """The competent one, or those of which one is."""

    @classmethod
    def of(cls, found: RouteFound) -> "Answer":
        competent = found.authorities
        if found.primary is not None:
            return cls(Verdict.COMPETENT, (*competent, *(one.authority for one in found.also)), None, competent)
        reason = found.reason and replace(found.reason, region="")
        return cls(_verdict(found.outcome, reason), tuple(found.candidates), reason, competent)

    def without_destination(self) -> "Answer":
        return replace(self, verdict=Verdict.NO_DESTINATION, authorities=self.competent)


def _verdict(outcome: Outcome, reason: RouteReason | None) -> Verdict:
    match reason.why if reason is not None else None:
        case Why.NOBODY_HERE:
            return Verdict.NOBODY
        case Why.FACT_NOT_GIVEN | Why.PLACE_NOT_GIVEN:
            return Verdict.OPEN
    return Verdict.CONFLICT if outcome is Outcome.AMBIGUOUS else Verdict.GAP


@dataclass(frozen=True, slots=True)
class Stretch:
    """Municipalities with one answer: a whole Land, a whole Kreis, or a single one."""

    place: str
    """ARS or the prefix."""
    name: str
    municipalities: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Covered:
    """Services of which the tables say the same, and the answer in each municipality."""

    services: tuple[str, ...]
    answers: Mapping[str, Answer]
    """ARS → answer, in the order of the keys."""


class Coverage:
    """One version of the tables on one day. Holds each municipality once, and the answers of one group of services."""

    def __init__(
        self, document: RoutingDocument, defaults: Sequence[DefaultRule], on: date, inboxes: Inboxes | None = None
    ) -> None:
        """Without `inboxes`, whether there are destinations is not looked at."""
        self._tables = document.tables
        self._defaults = defaults
        self._on = on
        self._offers = Offers(inboxes) if inboxes is not None else None
        self._resolver = Resolver.load(document, defaults)
        self.names = dict(self._named_regions())
        """Region key → name, of those valid on the day."""
        self._prefixes = _prefixes_of_roles(document.tables)
        self._acting = frozenset(row["gebiet"] for row in self._rows(ACTING))
        self.services = {row["leistung"]: row["name"] for row in self._rows(SERVICES)}
        self.municipalities = sorted(
            row["ars"] for row in self._rows(REGIONS) if len(row["ars"]) == PREFIX_LENGTHS[0] and self._counts(row)
        )

    def groups(self, service: str = "", land: str = "") -> Iterator[Covered]:
        """`service` and `land`: beginnings of the keys asked for."""
        asked = [ars for ars in self.municipalities if ars.startswith(land)]
        for services, roles, own in self._alike(service):
            prefixes = own.union(self._acting, *(self._prefixes.get(role, ()) for role in roles))
            answers = self._answers(services[0], asked, prefixes)
            if self._offers is None:
                yield Covered(services, answers)
                continue
            for alike, offered in self._offers.alike(services):
                yield Covered(alike, dict(_with_destinations(answers, offered)))

    def stretches(self, covered: Covered) -> Iterator[Stretch]:
        """Neighbours with one answer together, in the order of the keys."""
        for land, in_land in groupby(covered.answers.items(), key=lambda item: item[0][:_LAND]):
            yield from self._together(land, list(in_land), _KREIS)

    def _together(self, place: str, answers: list[tuple[str, Answer]], finer: int) -> Iterator[Stretch]:
        if len({answer for _, answer in answers}) == 1:
            key = place if len(answers) > 1 else answers[0][0]
            yield Stretch(key, self.names.get(key, ""), len(answers), answers[0][1])
            return
        for part, within in groupby(answers, key=lambda item: item[0][:finer]):
            yield from self._together(part, list(within), PREFIX_LENGTHS[0])

    def _answers(self, service: str, municipalities: Sequence[str], prefixes: frozenset[str]) -> dict[str, Answer]:
        lengths = [length for length in PREFIX_LENGTHS if any(len(prefix) == length for prefix in prefixes)]
        known: dict[str, Answer] = {}
        answers = {}
        for ars in municipalities:
            longest = next((ars[:length] for length in lengths if ars[:length] in prefixes), "")
            if longest not in known:
                known[longest] = Answer.of(self._resolver.resolve(service, ars, self._on))
            answers[ars] = known[longest]
        return answers

    def _alike(self, beginning: str) -> Iterator[tuple[tuple[str, ...], frozenset[str], frozenset[str]]]:
        """Services with the same rules; the roles these name, and the regions they stand at."""
        said: dict[str, list[tuple[str, ...]]] = {service: [] for service in self.services}
        for row in self._rows(ROLES):
            rule = (
                row["rolle"],
                row.get("gebiet", ""),
                *(cell for column, cell in row.items() if column != "leistung"),
            )
            said.setdefault(row["leistung"], []).append(rule)
        for default in self._defaults:
            more = (default.package, default.kind, default.condition, default.place)
            rule = (default.role, default.region, "package", *more)
            said.setdefault(default.service, []).append(rule)
        alike: dict[tuple[tuple[str, ...], ...], list[str]] = defaultdict(list)
        for service in sorted(said):
            if service.startswith(beginning) and service in self.services:
                alike[tuple(sorted(said[service]))].append(service)
        for rules, services in alike.items():
            yield tuple(services), frozenset(rule[0] for rule in rules), frozenset(rule[1] for rule in rules)

    def _named_regions(self) -> Iterator[tuple[str, str]]:
        for row in self._rows(REGIONS):
            if self._valid(row):
                yield row["ars"], row["name"]

    def _counts(self, row: Mapping[str, str]) -> bool:
        return row.get("art", "") in _MUNICIPAL and self._valid(row)

    def _valid(self, row: Mapping[str, str]) -> bool:
        return begins_on(row["gueltig_ab"]) <= self._on <= ends_on(row["gueltig_bis"])

    def _rows(self, name: str) -> Iterator[dict[str, str]]:
        if name not in self._tables:
            return
        table = open_table(name, self._tables[name])
        for _, cells in table.rows:
            yield dict(zip(table.header, cells, strict=True))


def _with_destinations(answers: Mapping[str, Answer], offered: Offered) -> Iterator[tuple[str, Answer]]:
    """Each answer, or that none of those who are competent, or may be, has a destination there."""
    without: dict[Answer, Answer] = {}
    for ars, answer in answers.items():
        asked = answer.competent if answer.verdict in _HAVE_DESTINATIONS else ()
        if asked and not any(offered.reaches(authority, ars) for authority in asked):
            yield ars, without.setdefault(answer, answer.without_destination())
        else:
            yield ars, answer


def _prefixes_of_roles(tables: Mapping[str, bytes]) -> dict[str, set[str]]:
    """Role → every region a rule for it stands at, whenever."""
    table = open_table(COMPETENCES, tables[COMPETENCES])
    role, region = table.header.index("rolle"), table.header.index("gebiet")
    prefixes: dict[str, set[str]] = defaultdict(set)
    for _, cells in table.rows:
        prefixes[cells[role]].add(cells[region])
    return prefixes
