"""How an answer came about, written down when somebody asks for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Final, NamedTuple

from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import Hop, Outcome, Recipient, RouteReason, RouteTrace
from amtsbote.model.stage import Stage
from routing.book import About, RoleRules, Rule
from routing.cells import FURTHER, NOT_HERE
from routing.choosing import Chosen, Circumstances, prefixes_of
from routing.layout import ACTING, COMPETENCES, NOBODY, REGIONS, ROLES, SUCCESSORS
from routing.locating import Located, border, shown_key

NOTHING: Final = "–"
"""Right side of a hop where no rule decided."""
LEADS: Final = "→"
LEADS_NOT: Final = "↛"
"""Of a rule whose condition does not hold."""
FEDERATION: Final = "Bund"
"""How a trace shows the empty prefix."""
PACKAGES: Final = "packages"
"""How a trace names the word of a service package, beside the names of tables."""
FACTS: Final = "facts"
"""How it names a fact of the message."""
_LEVELS: Final[Mapping[int, str]] = {
    0: "bund",
    2: "land",
    3: "regierungsbezirk",
    5: "kreis",
    9: "verband",
    12: "gemeinde",
}


class Way(NamedTuple):
    """One possibility: a role, and who has it at a place."""

    role: Chosen | None
    """None where no rule leads to a role."""
    place: str = ""
    elsewhere: Located | None = None
    """Where the role goes by a place the message names."""
    acting: tuple[tuple[str, Rule], ...] = ()
    region: str = ""
    """Of the authorities that are asked: those of the place, or of who acts there."""
    competence: Chosen | None = None
    reason: RouteReason | None = None
    """Why this leads to nobody."""

    def recipient(self) -> Recipient | None:
        if self.role is None or self.competence is None or self.competence.rule.value == NOBODY:
            return None
        rule = self.role.rule
        return Recipient(rule.value, AuthorityId(self.competence.rule.value), self.place, rule.about.place)


class Part(NamedTuple):
    """What was found out about one recipient."""

    ways: tuple[Way, ...]
    """Every possibility."""
    outcome: Outcome
    reason: RouteReason | None = None
    wanted: bool = True
    """Of a further recipient: whether there is one."""

    def recipients(self) -> list[Recipient | None]:
        """Who it may be, each once."""
        found = [way.recipient() for way in self.ways]
        return found if len(found) == 1 else list(dict.fromkeys(found))


class Question(NamedTuple):
    version: int
    service: str
    region: str
    around: Circumstances


def told(
    question: Question,
    located: Located,
    main: tuple[Way, ...],
    further: Mapping[str, Part],
    asked: Mapping[str, RoleRules],
) -> RouteTrace:
    """`asked`: further recipients whose rules were looked at; those not in `further` came to nothing."""
    hops = [*_once(_role_hop(question, way) for way in main), *region_hops(question.region, located)]
    hops += _once(hop for way in main for hop in _way_hops(way))
    for name, part in further.items():
        found = _once(hop for way in part.ways for hop in (_role_hop(question, way), *_way_hops(way)))
        hops += [replace(hop, recipient=name) for hop in found]
    own = {way.role.rule.recipient for way in main if way.role is not None}
    for name, rules in asked.items():
        if name not in further and name not in own:
            hops += _unmet_hops(question, rules, located.places[0])
    return RouteTrace(
        question.version,
        shown_key(question.service),
        shown_key(question.region),
        question.around.on,
        tuple(hops),
        question.around.used(),
    )


def _once(hops: Iterable[Hop]) -> list[Hop]:
    return list(dict.fromkeys(hops))


def _role_hop(question: Question, way: Way, arrow: str = LEADS) -> Hop:
    service = shown_key(question.service)
    if way.role is None:
        return Hop(ROLES, f"{service} → {NOTHING}", 0)
    prefix, _, rule = way.role
    role = f"{NOTHING} ({rule.value})" if rule.about.kind == NOT_HERE else rule.value
    table = ROLES if rule.line else PACKAGES
    left = f"{service} + {prefix}" if prefix else service
    return _hop(table, f"{left}{_condition(rule)} {arrow} {role}", rule.line, prefix, rule.about)


def _unmet_hops(question: Question, rules: RoleRules, place: str) -> Iterator[Hop]:
    """No rule for the role may hold: every one that counts on the day has a condition that does not."""
    on = question.around.on
    for by_prefix, prefix in product(rules.layers, prefixes_of(place)):
        for rule in by_prefix.get(prefix, ()):
            if rule.condition is not None and rule.about.kind == FURTHER and rule.begin <= on <= rule.end:
                hop = _role_hop(question, Way(Chosen(prefix, Stage.LIVE, rule)), LEADS_NOT)
                yield replace(hop, recipient=rule.recipient, unmet=rule.condition.text)


def _way_hops(way: Way) -> Iterator[Hop]:
    if way.elsewhere is not None and way.role is not None:
        yield Hop(FACTS, f"{way.role.rule.about.place} → {way.place or NOTHING}", 0)
        if way.place:
            yield from region_hops(way.place, way.elsewhere)
    for prefix, rule in way.acting:
        yield _hop(ACTING, f"{prefix} → {rule.value}", rule.line, prefix, rule.about)
    if way.role is None or not way.region:
        return
    role = way.role.rule.value
    if way.competence is None:
        yield Hop(COMPETENCES, f"{role} + {way.region} → {NOTHING}", 0)
    else:
        yield competence_hop(role, way.competence)


def competence_hop(role: str, chosen: Chosen) -> Hop:
    prefix, stage, rule = chosen
    right = f"{NOTHING} „{rule.about.reason}“" if rule.value == NOBODY else rule.value
    mark = "" if stage is Stage.LIVE else f" ({stage})"
    text = f"{role} + {prefix or FEDERATION}{_condition(rule)} → {right}{mark}"
    return _hop(COMPETENCES, text, rule.line, prefix, rule.about)


def region_hops(key: str, located: Located) -> Iterator[Hop]:
    row, shown = located.row, shown_key(key)
    if located.places == (key,):
        name = f"{key}…" if row is None else f"{key} {row.value}"
        yield Hop(REGIONS, name, 0) if row is None else _hop(REGIONS, name, row.line, key, row.about)
        return
    if row is not None:
        text = f"{shown} {row.value} ({border(row.begin)}/{border(row.end)}) → {NOTHING}"
        yield _hop(REGIONS, text, row.line, key, row.about)
    elif not located.became:
        yield Hop(REGIONS, f"{shown} → {NOTHING}", 0)
    for old, successor in located.became:
        text = f"{old} → {successor.key or NOTHING} ({border(successor.begin)}/..){'?' if successor.proposed else ''}"
        yield _hop(SUCCESSORS, text, successor.line, old, successor.about)


def _hop(table: str, text: str, line: int, prefix: str, about: About) -> Hop:
    return Hop(table, text, line, _LEVELS.get(len(prefix), ""), about.origin, about.stand)


def _condition(rule: Rule) -> str:
    return f" [{rule.condition.text}]" if rule.condition is not None else ""
