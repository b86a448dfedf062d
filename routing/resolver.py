"""Find who is competent in two steps: service and circumstances → role, then role, region and day → authority.

Of the rules only those count that stand at the longest region prefix with a rule that holds; what packages say counts
where no rule of the operator holds. The resolver never guesses: what hangs on facts nobody gave has several answers,
and a person decides (architecture 5.9).
"""

from collections.abc import Callable, Iterable, Mapping
from csv import Error as CsvError
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Final, Self

from amtsbote.errors import Misconfigured
from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import (
    DefaultRule,
    Hop,
    Outcome,
    Recipient,
    RouteFound,
    RouteReason,
    RouteTrace,
    RoutingDocument,
    Why,
)
from amtsbote.model.stage import Stage
from routing.book import Book, ByPrefix, Rule, ServiceRules
from routing.cells import FURTHER
from routing.choosing import Chosen, Circumstances, Layers, choose, choose_role, prefixes_of
from routing.layout import NOBODY
from routing.locating import Located, acting_for, locate
from routing.tracing import Part, Question, Way, competence_hop, told

_SEEN: Final[Mapping[Stage, tuple[Stage, ...]]] = {
    Stage.LIVE: (Stage.LIVE,),
    Stage.TEST: (Stage.TEST, Stage.LIVE),
    Stage.OFF: (),
}
"""Stage of a message → stages of the rules it sees, the first come before the others."""
_NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})
_NOTHING: Final[ByPrefix] = {}
_NO_PARTS: Final[Mapping[str, Part]] = MappingProxyType({})
_NO_RULES: Final = ServiceRules.none()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Resolver:
    """One version of the routing tables in memory. Immutable; a new version is a new resolver."""

    version: int
    book: Book
    defaults: tuple[DefaultRule, ...]

    @classmethod
    def load(cls, document: RoutingDocument, defaults: Iterable[DefaultRule] = ()) -> Self:
        """Load a version that `tables.check` let through; Misconfigured when it is damaged all the same."""
        kept = tuple(defaults)
        try:
            book = Book.read(document, kept)
        except (LookupError, ValueError, CsvError) as error:
            raise Misconfigured(
                f"Routing version {document.version} cannot be loaded; apply the tables again.",
                f"Die Zuständigkeitstabellen in Version {document.version} sind nicht lesbar; bitte erneut anwenden.",
            ) from error
        return cls(document.version, book, kept)

    def resolve(
        self,
        service: str,
        region: str,
        on: date,
        stage: Stage = Stage.LIVE,
        facts: Mapping[str, str] = _NO_FACTS,
    ) -> RouteFound:
        """Who is competent for a service at a region (ARS or one of its prefixes) on a day, for a message of `stage`
        with these facts, and who gets it, too.

        A live message sees live rules only. For a test message a test rule takes the place of the live ones of the
        same prefix. Rules that are off take no part.

        A region that is not in the tables on that day is translated where exactly one confirmed successor is known;
        it never falls back to its prefix.
        """
        around = Circumstances(on, facts)
        located = locate(self.book, region, on)
        rules = self.book.roles.get(service, _NO_RULES)
        main = self._main(rules, (region, located), stage, around)
        further, asked = _NO_PARTS, _NO_RULES.further
        if rules.further and main.outcome is Outcome.RESOLVED:
            further, asked = self._further(rules, main.ways[0], located.places[0], stage, around), rules.further
        question = Question(self.version, service, region, around)
        traced = partial(told, question, located, main.ways, further, asked)
        return _answer(main, further, traced)

    def ars_of_ags(self, ags: str, on: date) -> tuple[str, ...]:
        """Every ARS that the tables put beside this AGS on the day; where it has ended, those it had last. Never
        computed."""
        rules = [rule for rule in self.book.ags.get(ags, ()) if rule.begin <= on]
        last = max((rule.end for rule in rules), default=on)
        return tuple(sorted({rule.value for rule in rules if rule.end >= min(last, on)}))

    def key_of(self, region: str, on: date) -> str | None:
        """The key a region has on the day: its own, or that of its only known successor."""
        located = locate(self.book, region, on)
        return located.places[0] if located.reason is None else None

    def switched_off(self, service: str, region: str, on: date) -> tuple[Hop, ...]:
        """The rules that would be looked at on the day if they were not off, longest prefix first."""
        role = self.resolve(service, region, on).role or ""
        by_prefix = self.book.competences[Stage.OFF].get(role, {})
        return tuple(
            competence_hop(role, Chosen(prefix, Stage.OFF, rule))
            for prefix in prefixes_of(region)
            for rule in by_prefix.get(prefix, ())
            if rule.begin <= on <= rule.end
        )

    def _main(self, rules: ServiceRules, asked: tuple[str, Located], stage: Stage, around: Circumstances) -> Part:
        """`asked`: the key as it was given, and what it means on the day."""
        key, located = asked
        if not located.places:
            chosen, _ = choose_role(rules.main, key, around)
            return _nowhere(chosen, located)
        ways: list[Way] = []
        for place in located.places:
            chosen, decided = choose_role(rules.main, place, around)
            for one in chosen:
                ways += self._ways(one, place, stage, around)
            if not decided:
                ways.append(Way(None, place, reason=RouteReason(Why.SERVICE_UNKNOWN)))
        return _judged(tuple(ways), around, located.reason)

    def _further(
        self, rules: ServiceRules, main: Way, place: str, stage: Stage, around: Circumstances
    ) -> dict[str, Part]:
        """Recipient → what is known of it, in the order of the table; only if a rule says something of it here."""
        found: dict[str, Part] = {}
        for name, said in rules.further.items():
            if main.role is not None and name == main.role.rule.recipient:
                continue
            chosen, decided = choose_role(said, place, around)
            wanted = [one for one in chosen if one.rule.about.kind == FURTHER]
            ways = tuple(way for one in wanted for way in self._ways(one, place, stage, around))
            if not wanted or all(way.reason is not None and way.reason.why is Why.NOBODY_HERE for way in ways):
                if chosen:
                    found[name] = Part(ways or tuple(map(Way, chosen)), Outcome.RESOLVED, wanted=False)
            elif decided and len(wanted) == len(chosen) and not _waits_for_a_place(ways):
                found[name] = _of(name, _judged(ways, around, None))
            else:
                found[name] = Part(ways, Outcome.AMBIGUOUS, _open_question(name, around))
        return found

    def _ways(self, role: Chosen, place: str, stage: Stage, around: Circumstances) -> list[Way]:
        """Who may have the role at the place: one way each, and one more if it may be nobody."""
        elsewhere: Located | None = None
        places: tuple[str, ...] = (place,)
        if fact := role.rule.about.place:
            given = around.given(fact)
            if given is None:
                return [Way(role, reason=RouteReason(Why.PLACE_NOT_GIVEN, role.rule.value, named=fact))]
            elsewhere = locate(self.book, given, around.on)
            places = elsewhere.places
        name, acting = role.rule.value, self.book.acting
        layers = self._layers(name, stage)
        ways: list[Way] = []
        if elsewhere is not None and elsewhere.reason is not None:
            ways.append(Way(role, elsewhere=elsewhere, reason=replace(elsewhere.reason, role=name)))
        for at in places:
            region, by = acting_for(self.book, name, at, around.on) if acting else (at, ())
            chosen, decided = choose(layers, region, around)
            ways += [Way(role, at, elsewhere, by, region, one, _nobody(name, at, one.rule)) for one in chosen]
            if not decided:
                ways.append(Way(role, at, elsewhere, by, region, None, RouteReason(Why.NO_RULE, name, at)))
        return ways

    def _layers(self, role: str, stage: Stage) -> Layers:
        competences = self.book.competences
        if stage is Stage.LIVE:
            return ((stage, competences[stage].get(role, _NOTHING)),)
        return tuple((one, competences[one].get(role, _NOTHING)) for one in _SEEN[stage])


def _nobody(role: str, region: str, rule: Rule) -> RouteReason | None:
    return RouteReason(Why.NOBODY_HERE, role, region, rule.about.reason) if rule.value == NOBODY else None


def _nowhere(roles: list[Chosen], located: Located) -> Part:
    """The place is not known; the role may be."""
    reason = located.reason or RouteReason(Why.REGION_UNKNOWN)
    if len(roles) == 1:
        reason = replace(reason, role=roles[0].rule.value)
    return Part(tuple(map(Way, roles)) or (Way(None),), Outcome.UNRESOLVED, reason)


def _judged(ways: tuple[Way, ...], around: Circumstances, divided: RouteReason | None) -> Part:
    """One answer if every way leads to it."""
    if divided is None and len(ways) == 1:
        reason = ways[0].reason
        return Part(ways, Outcome.RESOLVED if reason is None else Outcome.UNRESOLVED, reason)
    found = [way.recipient() for way in ways]
    role = ways[0].role.rule.value if ways[0].role is not None else ""
    if not any(found):
        return Part(ways, Outcome.UNRESOLVED, divided or ways[0].reason)
    if divided is not None:
        return Part(ways, Outcome.AMBIGUOUS, replace(divided, role=role))
    if len({one and (one.authority, one.region) for one in found}) == 1:
        return Part(ways, Outcome.RESOLVED)
    doubt = next((way.reason for way in ways if way.elsewhere is not None and not way.place), None)
    return Part(ways, Outcome.AMBIGUOUS, _open_question(role, around, doubt))


def _of(name: str, part: Part) -> Part:
    return part if part.reason is None else part._replace(reason=replace(part.reason, role=name))


def _waits_for_a_place(ways: tuple[Way, ...]) -> bool:
    return any(way.reason is not None and way.reason.why is Why.PLACE_NOT_GIVEN for way in ways)


def _open_question(role: str, around: Circumstances, doubt: RouteReason | None = None) -> RouteReason:
    """`doubt`: why the place a fact names is not certain."""
    if missing := around.missing():
        return RouteReason(Why.FACT_NOT_GIVEN, role, named=", ".join(missing))
    if around.unclear:
        return RouteReason(Why.FACT_NOT_COMPARABLE, role, named=", ".join(sorted(around.unclear)))
    return doubt or RouteReason(Why.SEVERAL_RULES, role)


def _answer(main: Part, further: Mapping[str, Part], traced: Callable[[], RouteTrace]) -> RouteFound:
    possible = main.recipients()
    primary = possible[0] if possible and main.outcome is Outcome.RESOLVED else None
    if primary is None:
        return _no_answer(main, possible, traced)
    also: dict[AuthorityId, Recipient] = {}
    for name, part in further.items():
        if part.outcome is not Outcome.RESOLVED:
            return _no_answer(part, possible, traced, name)
        found = part.recipients()[0] if part.wanted else None
        if found is not None and found.authority != primary.authority:
            also.setdefault(found.authority, found)
    return RouteFound(Outcome.RESOLVED, primary, tuple(also.values()), (), None, tuple(possible), traced)


def _no_answer(
    part: Part, possible: list[Recipient | None], traced: Callable[[], RouteTrace], recipient: str = ""
) -> RouteFound:
    """`recipient`: the further one that keeps it open."""
    named = {one.authority for one in part.recipients() if one is not None}
    candidates = tuple(sorted(named)) if part.outcome is Outcome.AMBIGUOUS else ()
    return RouteFound(part.outcome, None, (), candidates, part.reason, tuple(possible), traced, recipient)
