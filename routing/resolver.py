"""Find the competent authority in two steps: service → role, then role and region → authority.

Of the rules for a role only those count that stand at the longest region prefix with a rule valid on the day. The
resolver never guesses: none and several are answers (architecture 5.9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from amtsbote.errors import Misconfigured
from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import Hop, RouteFound, RouteTrace, RoutingDocument
from amtsbote.model.stage import Stage
from routing.layout import (
    COMPETENCES,
    PREFIX_LENGTHS,
    REGIONS,
    ROLES,
    begins_on,
    ends_on,
    open_table,
)

NOTHING: Final = "–"
"""Right side of a hop where no rule decided."""
_SEEN: Final[Mapping[Stage, tuple[Stage, ...]]] = {
    Stage.LIVE: (Stage.LIVE,),
    Stage.TEST: (Stage.TEST, Stage.LIVE),
    Stage.OFF: (),
}
"""Stage of a message → stages of the rules it sees, the first come before the others."""
LONGEST_KEY: Final = 14
PACKAGES: Final = "packages"
"""How a trace names the word of a service package, beside the names of tables."""
FEDERATION: Final = "Bund"
"""How a trace shows the empty prefix."""


class Rule(NamedTuple):
    """`value` holds from `begin` to `end`, both days included; `line` is its place in the operator's file."""

    value: str
    begin: date
    end: date
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Resolver:
    """One version of the routing tables in memory. Immutable; a new version is a new resolver."""

    version: int
    _names: Mapping[str, list[Rule]]
    """Region key → its name."""
    _prefixes: Mapping[str, set[tuple[date, date]]]
    """Shorter region key → when a region beneath it is valid."""
    _ags: Mapping[str, list[Rule]]
    """AGS → ARS."""
    _roles: Mapping[str, list[Rule]]
    """Service → role."""
    _competences: Mapping[Stage, Mapping[str, Mapping[str, list[Rule]]]]
    """Stage of the rule → role → region prefix → authority."""
    defaults: Mapping[str, str]
    """Service → role, for services the table of roles does not name at all."""

    @classmethod
    def load(cls, document: RoutingDocument, defaults: Mapping[str, str] = MappingProxyType({})) -> Self:
        """Load a version that `tables.check` let through; Misconfigured when it is damaged all the same. `defaults`:
        the roles that service packages name."""
        try:
            names, ags = _regions(document.tables[REGIONS])
            roles = _roles(document.tables[ROLES])
            competences = _competences(document.tables[COMPETENCES])
        except (LookupError, ValueError) as error:
            raise Misconfigured(
                f"Routing version {document.version} cannot be loaded; apply the tables again.",
                f"Die Zuständigkeitstabellen in Version {document.version} sind nicht lesbar; bitte erneut anwenden.",
            ) from error
        return cls(document.version, names, _prefixes(names), ags, roles, competences, defaults)

    def resolve(self, service: str, region: str, on: date, stage: Stage = Stage.LIVE) -> RouteFound:
        """Who is competent for a service at a region (ARS or one of its prefixes) on a day, for a message of `stage`.

        A live message sees live rules only. For a test message a test rule takes the place of the live ones of the
        same prefix. Rules that are off take no part.

        A region that is not in the tables on that day has no authority: a stale key never falls back to its prefix.
        """
        role, hop = self._role(service, on)
        hops = [hop]
        found: list[Rule] = []
        if role is not None:
            known, hop = self._region(region, on)
            hops.append(hop)
            if known:
                prefix, layer, found = self._competent((role, region), on, _SEEN[stage])
                hops += _competence_hops(role, prefix, layer, found)
        authorities = tuple(sorted({AuthorityId(rule.value) for rule in found}))
        trace = RouteTrace(self.version, _shown(service), _shown(region), on, tuple(hops))
        return RouteFound(role, authorities, trace)

    def ars_of_ags(self, ags: str, on: date) -> tuple[str, ...]:
        """Every ARS that the tables put beside this AGS on the day; never computed."""
        return tuple(sorted(rule.value for rule in _valid(self._ags.get(ags, ()), on)))

    def _role(self, service: str, on: date) -> tuple[str | None, Hop]:
        """Checked tables have one role at most; if there were two, nobody would be asked. A package's word counts only
        for a service the tables say nothing of, now or ever."""
        if service not in self._roles and (role := self.defaults.get(service)):
            return role, Hop(PACKAGES, f"{service} → {role}", 0)
        match _valid(self._roles.get(service, ()), on):
            case [rule]:
                return rule.value, Hop(ROLES, f"{service} → {rule.value}", rule.line)
            case _:
                return None, Hop(ROLES, f"{_shown(service)} → {NOTHING}", 0)

    def _region(self, region: str, on: date) -> tuple[bool, Hop]:
        """Whether the region exists on the day, with the row that says so; an expired row is named with its dates."""
        rules = self._names.get(region, ())
        for rule in _valid(rules, on):
            return True, Hop(REGIONS, f"{region} {rule.value}", rule.line)
        if any(begin <= on <= end for begin, end in self._prefixes.get(region, ())):
            return True, Hop(REGIONS, f"{region}…", 0)
        if rules:
            nearest = max(rules, key=lambda rule: (rule.begin <= on, rule.end))
            dates = f"{_border(nearest.begin)}/{_border(nearest.end)}"
            return False, Hop(REGIONS, f"{region} {nearest.value} ({dates}) → {NOTHING}", nearest.line)
        return False, Hop(REGIONS, f"{_shown(region)} → {NOTHING}", 0)

    def switched_off(self, service: str, region: str, on: date) -> tuple[Hop, ...]:
        """The rules that would be looked at on the day if they were not off, longest prefix first."""
        role, _ = self._role(service, on)
        prefixes = [region[:length] for length in PREFIX_LENGTHS if length <= len(region)]
        by_prefix = self._competences[Stage.OFF].get(role or "", {})
        return tuple(
            hop
            for prefix in prefixes
            if (found := _valid(by_prefix.get(prefix, ()), on))
            for hop in _competence_hops(role or "", prefix, Stage.OFF, found)
        )

    def _competent(self, asked: tuple[str, str], on: date, seen: Sequence[Stage]) -> tuple[str, Stage, list[Rule]]:
        """The longest prefix with a rule valid on the day, the first of the `seen` stages that has one there, and all
        its rules valid then; else the region and none. `asked`: role and region."""
        role, region = asked
        layers = [(stage, self._competences[stage].get(role, {})) for stage in seen]
        for length in PREFIX_LENGTHS:
            for stage, by_prefix in layers:
                if found := _valid(by_prefix.get(region[:length], ()), on):
                    return region[:length], stage, found
        return region, Stage.LIVE, []


def _competence_hops(role: str, prefix: str, stage: Stage, found: list[Rule]) -> list[Hop]:
    left, mark = f"{role} + {prefix or FEDERATION} → ", "" if stage is Stage.LIVE else f" ({stage})"
    if not found:
        return [Hop(COMPETENCES, left + NOTHING, 0)]
    return [Hop(COMPETENCES, f"{left}{rule.value}{mark}", rule.line) for rule in found]


def _valid(rules: Sequence[Rule], on: date) -> list[Rule]:
    return [rule for rule in rules if rule.begin <= on <= rule.end]


def _shown(key: str) -> str:
    """A key as a trace may show it. What is not made of digits came from outside and is not repeated."""
    return key if len(key) <= LONGEST_KEY and key.isascii() and key.isdigit() else "?"


def _border(day: date) -> str:
    """As in ISO 8601 intervals; `..` is open."""
    return ".." if day in {date.min, date.max} else day.isoformat()


def _regions(data: bytes) -> tuple[dict[str, list[Rule]], dict[str, list[Rule]]]:
    """ARS → names, and AGS → ARS, each with dates."""
    names: dict[str, list[Rule]] = {}
    ags_keys: dict[str, list[Rule]] = {}
    for line, (ars, ags, name, begin, end, *_) in open_table(REGIONS, data).picked():
        names.setdefault(ars, []).append(Rule(name, begins_on(begin), ends_on(end), line))
        if ags:
            ags_keys.setdefault(ags, []).append(Rule(ars, begins_on(begin), ends_on(end), line))
    return names, ags_keys


def _prefixes(names: Mapping[str, list[Rule]]) -> dict[str, set[tuple[date, date]]]:
    """Prefixes of all regions, with the times at which one of their regions is valid. Most have one, unlimited."""
    known: dict[str, set[tuple[date, date]]] = {}
    for ars, rules in names.items():
        times = {(rule.begin, rule.end) for rule in rules}
        for length in PREFIX_LENGTHS:
            if 0 < length < len(ars):
                known.setdefault(ars[:length], set()).update(times)
    return known


def _roles(data: bytes) -> dict[str, list[Rule]]:
    roles: dict[str, list[Rule]] = {}
    for line, (service, role, begin, end, *_) in open_table(ROLES, data).picked():
        roles.setdefault(service, []).append(Rule(role, begins_on(begin), ends_on(end), line))
    return roles


def _competences(data: bytes) -> dict[Stage, dict[str, dict[str, list[Rule]]]]:
    """Hundreds of thousands of rows from a few thousand different strings: each string is kept once."""
    competences: dict[Stage, dict[str, dict[str, list[Rule]]]] = {stage: {} for stage in Stage}
    stages: dict[str, Stage] = {"": Stage.LIVE, **{stage.value: stage for stage in Stage}}
    once: dict[str, str] = {}
    for line, (role, prefix, authority, begin, end, stage, *_) in open_table(COMPETENCES, data).picked():
        rule = Rule(once.setdefault(authority, authority), begins_on(begin), ends_on(end), line)
        by_prefix = competences[stages[stage]].setdefault(role, {})
        by_prefix.setdefault(once.setdefault(prefix, prefix), []).append(rule)
    return competences
