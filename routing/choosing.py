"""Which rules decide: by the longest prefix of a region, then by rank, then by their conditions. Of roles, those of the
operator are asked before those of the packages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

from amtsbote.model.conditions import Condition
from amtsbote.model.stage import Stage
from routing.book import ByPrefix, RoleRules, Rule, Rules
from routing.layout import PREFIX_LENGTHS

Layers: TypeAlias = tuple[tuple[Stage, ByPrefix], ...]
"""Rules of several stages; those of the first go before the others at each prefix."""


@dataclass(slots=True)
class Circumstances:
    """What is known when a question is asked."""

    on: date
    facts: Mapping[str, str]
    asked: set[str] = field(default_factory=set)
    """Facts that rules asked for."""
    unclear: set[str] = field(default_factory=set)
    """Those that are given and cannot be compared with what a rule says, as `5.000,00` with a number."""

    def holds(self, condition: Condition) -> bool | None:
        self.asked |= condition.facts
        verdict = condition.holds(self.facts, self.on)
        if verdict is None:
            self.unclear |= condition.unclear(self.facts)
        return verdict

    def given(self, fact: str) -> str | None:
        self.asked.add(fact)
        return self.facts.get(fact)

    def used(self) -> dict[str, str]:
        return {name: self.facts[name] for name in sorted(self.asked) if name in self.facts}

    def missing(self) -> list[str]:
        return sorted(name for name in self.asked if name not in self.facts)


class Chosen(NamedTuple):
    """The rule that decides, or those of which one does."""

    prefix: str
    stage: Stage
    rule: Rule


def prefixes_of(region: str) -> Sequence[str]:
    """The region and its prefixes, longest first."""
    length = len(region)
    if length == PREFIX_LENGTHS[0]:
        return region, region[:9], region[:5], region[:3], region[:2], ""
    return [region[:digits] for digits in PREFIX_LENGTHS if digits <= length]


def choose(layers: Layers, region: str, around: Circumstances) -> tuple[list[Chosen], bool]:
    """Every rule that may decide, and whether one of them certainly does. When none does for certain, it may be that no
    rule decides."""
    possible: list[Chosen] = []
    for prefix in prefixes_of(region):
        for stage, by_prefix in layers:
            rules = by_prefix.get(prefix)
            if rules is None:
                continue
            found, decided = among(rules, around)
            possible += [Chosen(prefix, stage, rule) for rule in found]
            if decided:
                return possible, True
    return possible, False


def choose_role(rules: RoleRules, region: str, around: Circumstances) -> tuple[list[Chosen], bool]:
    """The same for a role, which has no stage."""
    possible: list[Chosen] = []
    for by_prefix in rules.layers:
        found, decided = choose(((Stage.LIVE, by_prefix),), region, around)
        possible += found
        if decided:
            return possible, True
    return possible, False


def among(rules: Rules, around: Circumstances) -> tuple[Sequence[Rule], bool]:
    """The same among the rules of one prefix. One that holds ends the search at its rank; whether equal ones hold, too,
    is not for us to decide between."""
    if len(rules) == 1 and rules[0].condition is None:
        decided = rules[0].begin <= around.on <= rules[0].end
        return (rules if decided else ()), decided
    possible: list[Rule] = []
    rank: int | None = None
    for rule in rules:
        if rank is not None and rule.rank != rank:
            break
        if not rule.begin <= around.on <= rule.end:
            continue
        verdict = True if rule.condition is None else around.holds(rule.condition)
        if verdict is not False:
            possible.append(rule)
        if verdict:
            rank = rule.rank
    return possible, rank is not None
