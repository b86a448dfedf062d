"""The routing tables of one version in memory, in the order in which they are asked."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple, Self, TypeAlias

from amtsbote.model.conditions import Condition, parse
from amtsbote.model.routing import DefaultRule, RoutingDocument, recipient_named
from amtsbote.model.stage import Stage
from routing.cells import MAIN, NOT_HERE, PROPOSED
from routing.layout import (
    ACTING,
    COLUMNS,
    COMPETENCES,
    OPTIONAL,
    PREFIX_LENGTHS,
    REGIONS,
    REQUIRED,
    ROLES,
    SUCCESSORS,
    begins_on,
    ends_on,
)
from routing.rows import PACKAGE


class About(NamedTuple):
    """What few rules have."""

    origin: str = ""
    stand: str = ""
    reason: str = ""
    """Why nobody is competent."""
    kind: str = MAIN
    """Of a role: as in the table."""
    place: str = ""
    """Of a role: the fact that names the place. Of a region that acts: the role for which it does."""


PLAIN: Final = About()


class Rule(NamedTuple):
    """`value` holds from `begin` to `end`, both days included; `line` is its place in the operator's file, 0 for a
    package's word."""

    value: str
    begin: date
    end: date
    line: int
    rank: int = 0
    """Higher goes first."""
    condition: Condition | None = None
    about: About = PLAIN

    @property
    def recipient(self) -> str:
        """Of a rule for a role: who is told apart by it."""
        return recipient_named(self.value, self.about.place)


class Successor(NamedTuple):
    key: str
    """Empty for a region that was dissolved."""
    begin: date
    kind: str
    proposed: bool
    line: int
    about: About


Rules: TypeAlias = tuple[Rule, ...]
ByPrefix: TypeAlias = dict[str, Rules]
"""Region prefix → its rules, the first in rank before the others."""


class RoleRules(NamedTuple):
    """What is said of one choice of roles. No word of a package counts where one of the operator holds."""

    own: ByPrefix
    packages: ByPrefix

    @classmethod
    def none(cls) -> Self:
        return cls({}, {})

    @property
    def layers(self) -> tuple[ByPrefix, ...]:
        """Those that say something, in the order in which they are heard."""
        return tuple(filter(None, self))


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """Which roles a service leads to."""

    main: RoleRules
    further: dict[str, RoleRules]
    """Further recipient (`recipient_named`) → whether it gets the message, too."""

    @classmethod
    def none(cls) -> Self:
        return cls(RoleRules.none(), {})


@dataclass(frozen=True, slots=True)
class Book:
    names: Mapping[str, Rules]
    """Region key → its name."""
    prefixes: Mapping[str, set[tuple[date, date]]]
    """Shorter region key → when a region beneath it is valid."""
    ags: Mapping[str, Rules]
    """AGS → ARS."""
    successors: Mapping[str, tuple[Successor, ...]]
    """Key → what has become of it, the latest first."""
    acting: ByPrefix
    """Region → who acts there."""
    roles: Mapping[str, ServiceRules]
    competences: Mapping[Stage, Mapping[str, ByPrefix]]
    """Stage of the rule → role → region prefix → authority."""

    @classmethod
    def read(cls, document: RoutingDocument, defaults: Iterable[DefaultRule]) -> Self:
        """LookupError or ValueError when a table is damaged."""
        tables = {name: document.tables[name] for name in REQUIRED} | dict(document.tables)
        names, ags = _regions(tables[REGIONS])
        return cls(
            names,
            _prefixes(names),
            ags,
            _successors(tables.get(SUCCESSORS, b"")),
            _acting(tables.get(ACTING, b"")),
            roles_of(tables[ROLES], defaults),
            _competences(tables[COMPETENCES]),
        )


def _stored(name: str, data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows of a checked table with their lines, cells as in `COLUMNS` and `OPTIONAL`, empty where the column is
    missing. Faster than `layout.open_table`, because nobody hostile has written it."""
    if not data and name not in REQUIRED:
        return
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
    header = next((cells for cells in reader if any(cells)), [])
    optional = {column: header.index(column) if column in header else -1 for column in OPTIONAL[name]}
    pick = itemgetter(*(header.index(column) for column in COLUMNS[name]), *optional.values())
    before = reader.line_num
    for cells in reader:
        line, before = before + 1, reader.line_num
        if any(cells):
            cells.append("")  # what a missing column is
            yield line, pick(cells)


def _about(origin: str, stand: str, reason: str = "", kind: str = MAIN, place: str = "") -> About:
    plain = not (origin or stand or reason or place) and kind == MAIN
    return PLAIN if plain else _kept(origin, stand, reason, kind, place)


@lru_cache(maxsize=10_000)
def _kept(*cells: str) -> About:
    """One copy of what many rows say alike."""
    return About(*cells)


def _put(rules: dict[str, Rules], key: str, rule: Rule) -> None:
    before = rules.get(key)
    rules[key] = (rule,) if before is None else (*before, rule)


def _ranked(rules: dict[str, Rules]) -> dict[str, Rules]:
    """Those of one key by rank, equal ones in the order of their lines."""
    for key, several in rules.items():
        if len(several) > 1:
            rules[key] = tuple(sorted(several, key=lambda rule: -rule.rank))
    return rules


def _regions(data: bytes) -> tuple[dict[str, Rules], dict[str, Rules]]:
    """ARS → names, and AGS → ARS, each with dates."""
    names: dict[str, Rules] = {}
    ags_keys: dict[str, Rules] = {}
    for line, (ars, ags, name, begin, end, _, _, origin, stand) in _stored(REGIONS, data):
        days, about = (begins_on(begin), ends_on(end)), _about(origin, stand)
        _put(names, ars, Rule(name, *days, line, 0, None, about))
        if ags:
            _put(ags_keys, ags, Rule(ars, *days, line, 0, None, about))
    return names, ags_keys


def _prefixes(names: Mapping[str, Rules]) -> dict[str, set[tuple[date, date]]]:
    """Prefixes of all regions, with the times at which one of their regions is valid. Most have one, unlimited."""
    known: dict[str, set[tuple[date, date]]] = {}
    for ars, rules in names.items():
        times = {(rule.begin, rule.end) for rule in rules}
        for length in PREFIX_LENGTHS:
            if 0 < length < len(ars):
                known.setdefault(ars[:length], set()).update(times)
    return known


def _successors(data: bytes) -> dict[str, tuple[Successor, ...]]:
    known: dict[str, list[Successor]] = {}
    for line, (old, new, begin, kind, confirmed, origin, stand) in _stored(SUCCESSORS, data):
        about = _about(origin, stand)
        known.setdefault(old, []).append(Successor(new, begins_on(begin), kind, confirmed == PROPOSED, line, about))
    return {old: tuple(sorted(rows, key=lambda row: (-row.begin.toordinal(), row.line))) for old, rows in known.items()}


def _acting(data: bytes) -> dict[str, Rules]:
    """Those for one role before those for all."""
    rules: dict[str, Rules] = {}
    for line, (region, acting, role, begin, end, origin, stand) in _stored(ACTING, data):
        about = _about(origin, stand, place=role)
        _put(rules, region, Rule(acting, begins_on(begin), ends_on(end), line, int(bool(role)), None, about))
    return _ranked(rules)


def roles_of(data: bytes, defaults: Iterable[DefaultRule]) -> dict[str, ServiceRules]:
    """Service → its rules, those of the table and the defaults."""
    services: dict[str, ServiceRules] = {}
    for line, (service, role, begin, end, region, kind, condition, place, priority, origin, stand) in _stored(
        ROLES, data
    ):
        about = _about(origin, stand, "", kind or MAIN, place)
        rule = Rule(role, begins_on(begin), ends_on(end), line, int(priority or 0), _condition(condition), about)
        _add_role(services.setdefault(service, ServiceRules.none()), region, rule)
    for default in defaults:
        about = About(PACKAGE + default.package, "", "", default.kind, default.place)
        rule = Rule(default.role, date.min, date.max, 0, 0, _condition(default.condition), about)
        _add_role(services.setdefault(default.service, ServiceRules.none()), default.region, rule)
    for one in services.values():
        _withdraw(one)
        for rules in (one.main, *one.further.values()):
            for by_prefix in rules:
                _ranked(by_prefix)
    return services


def _add_role(service: ServiceRules, region: str, rule: Rule) -> None:
    main = rule.about.kind == MAIN
    rules = service.main if main else service.further.setdefault(rule.recipient, RoleRules.none())
    _put(rules.packages if rule.about.origin.startswith(PACKAGE) else rules.own, region, rule)


def _withdraw(service: ServiceRules) -> None:
    """What says that a role does not get the message, and names no place, holds for the role at every place."""
    for rules in service.further.values():
        _, one = next(rule for by_prefix in rules for rule in _each(by_prefix))
        if one.about.place and one.value in service.further:
            for everywhere, by_prefix in zip(service.further[one.value], rules, strict=True):
                for region, rule in _each(everywhere):
                    if rule.about.kind == NOT_HERE:
                        _put(by_prefix, region, rule)


def _each(by_prefix: ByPrefix) -> Iterator[tuple[str, Rule]]:
    return ((region, rule) for region, several in by_prefix.items() for rule in several)


def _condition(text: str) -> Condition | None:
    return parse(text) if text else None


def _competences(data: bytes) -> dict[Stage, dict[str, ByPrefix]]:
    """Hundreds of thousands of rows from a few thousand different strings: each string is kept once."""
    competences: dict[Stage, dict[str, ByPrefix]] = {stage: {} for stage in Stage}
    stages = {"": Stage.LIVE, **{stage.value: stage for stage in Stage}}
    once: dict[str, str] = {}
    for line, cells in _stored(COMPETENCES, data):
        role, prefix, authority, begin, end, stage, condition, priority, reason, origin, stand = cells
        rule = Rule(
            once.setdefault(authority, authority),
            begins_on(begin) if begin else date.min,
            ends_on(end) if end else date.max,
            line,
            int(priority) if priority else 0,
            parse(condition) if condition else None,
            _about(origin, stand, reason) if origin or stand or reason else PLAIN,
        )
        by_prefix = competences[stages[stage]].setdefault(role, {})
        before = by_prefix.get(prefix)
        by_prefix[once.setdefault(prefix, prefix)] = (rule,) if before is None else (*before, rule)
    for by_role in competences.values():
        for by_prefix in by_role.values():
            _ranked(by_prefix)
    return competences
