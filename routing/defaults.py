"""What the service packages say of routing, and where the operator says something else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from amtsbote.model.routing import DefaultRule, RoutingDocument, recipient_named
from routing.book import RoleRules, Rule, ServiceRules, roles_of
from routing.cells import MAIN
from routing.layout import ROLES


@dataclass(frozen=True, slots=True)
class Override:
    """A row of the table of roles that goes before a default, in all of its region or in a part of it."""

    line: int
    region: str
    role: str
    kind: str
    condition: str
    begin: date
    end: date


@dataclass(frozen=True, slots=True)
class Standing:
    """A default, and the rows that go before it: now, or later."""

    default: DefaultRule
    overridden: tuple[Override, ...]

    @property
    def everywhere(self) -> bool:
        """Whether it decides nothing any more, as far as rows without condition and dates tell."""
        return any(
            self.default.region.startswith(row.region)
            and not row.condition
            and row.begin == date.min
            and row.end == date.max
            for row in self.overridden
        )


def standings(defaults: Iterable[DefaultRule], document: RoutingDocument, today: date) -> tuple[Standing, ...]:
    said = {} if ROLES not in document.tables else roles_of(document.tables[ROLES], ())
    return tuple(Standing(one, tuple(_before(one, said.get(one.service), today))) for one in defaults)


def _before(default: DefaultRule, said: ServiceRules | None, today: date) -> Iterator[Override]:
    if said is None:
        return
    name = recipient_named(default.role, default.place)
    rules = said.main if default.kind == MAIN else said.further.get(name, RoleRules.none())
    for region, several in rules.own.items():
        if region.startswith(default.region) or default.region.startswith(region):
            yield from (_override(region, rule) for rule in several if rule.end >= today)


def _override(region: str, rule: Rule) -> Override:
    condition = rule.condition.text if rule.condition is not None else ""
    return Override(rule.line, region, rule.value, rule.about.kind, condition, rule.begin, rule.end)
