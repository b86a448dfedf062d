"""What a change of the routing tables comes to: sound or not, how many rows, within whose scope, with whose consent.

Functions of values alone, so that large tables can be weighed in a process of their own (`apart`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any, Final, Self

from amtsbote.admin.mistakes import DeclarationRefused, Mistake
from amtsbote.admin.people import Person, outside, wanting_consent
from amtsbote.admin.refusals import CommandRefused
from amtsbote.model.directory import Authority, Directory, Tenant
from amtsbote.model.ids import AuthorityId, TenantId
from amtsbote.model.routing import DefaultRule, RoutingDocument
from routing.difference import Overlapping, RowChange, Tables, difference, rebased
from routing.refusal import TableProblem
from routing.tables import Known, RoutingRefused, check

MOST_NAMED: Final = 20
"""Rows a refusal names."""

Counts = dict[str, dict[str, int]]
"""Table → added, changed, removed."""


@dataclass(frozen=True, slots=True)
class People:
    """Of a directory: whom a change may concern today."""

    tenants: Mapping[TenantId, Tenant]
    authorities: Mapping[AuthorityId, Authority]
    today: date

    @classmethod
    def of(cls, directory: Directory, today: date) -> Self:
        return cls(directory.tenants, directory.authorities, today)

    @property
    def directory(self) -> Directory:
        return Directory(0, self.tenants, {}, {}, {}, self.authorities, {}, {})


@dataclass(frozen=True, slots=True)
class Measures:
    """What tables are weighed by."""

    people: People
    known: Known
    defaults: tuple[DefaultRule, ...]
    person: Person | None
    """Whose scope the rows must lie in; None where nobody is asked."""


@dataclass(frozen=True, slots=True)
class Weighed:
    counts: Counts
    consent: tuple[TenantId, ...]
    """Who wants a second person."""


@dataclass(frozen=True, slots=True)
class WeighedRelease:
    tables: Tables
    weighed: Weighed
    carried: tuple[Tables, ...]
    """The versions to come, with the change."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the rows that differ."""

    weighed: Weighed
    total: int
    changes: list[dict[str, Any]]


def weigh(before: RoutingDocument, after: Tables, measures: Measures) -> Weighed:
    """Raises `CommandRefused`, `DeclarationRefused`."""
    demand_sound(after, [name for name in after if after[name] != before.tables.get(name)], measures.known)
    return _weighed(before, after, measures, _changed(before, after))


def weigh_release(
    base: RoutingDocument,
    tables: Tables,
    tip: RoutingDocument,
    later: Sequence[RoutingDocument],
    measures: Measures,
) -> WeighedRelease:
    """What the change from `base` to `tables` makes of those in force and to come. Raises as `weigh`."""
    wanted = on_top(tip, base, tables)
    demand_sound(wanted, wanted, measures.known)
    weighed = _weighed(tip, wanted, measures, _changed(tip, wanted))
    return _carried_on(tip, wanted, weighed, later, measures)


def weigh_declared(
    tip: RoutingDocument, tables: Tables, later: Sequence[RoutingDocument], measures: Measures, *, first: bool
) -> WeighedRelease:
    """Tables that are sound. The very `first` ones need nobody's consent; where somebody must consent to those of today
    nothing is carried on yet."""
    rows = difference(tip.tables, tables)
    weighed = Weighed(_counts(rows), () if first else _consent(rows, measures.people, tip, tables))
    if weighed.consent:
        return WeighedRelease(tables, weighed, ())
    return _carried_on(tip, tables, weighed, later, measures)


def weigh_offered(before: RoutingDocument, after: Tables, measures: Measures, present: People) -> Weighed:
    """There may be nothing new. Scope is judged by the `present` directory, consent by the one of `measures`."""
    new = [name for name in after if after[name] != before.tables.get(name)]
    if new:
        demand_sound(after, new, measures.known)
    rows = difference(before.tables, after)
    _demand_scope(rows, before, after, replace(measures, people=present))
    return Weighed(_counts(rows), _consent(rows, measures.people, before, after))


def weigh_scope(before: RoutingDocument, after: Tables, measures: Measures) -> None:
    """Raises `CommandRefused`, which names the rows a person may not change."""
    _demand_scope(difference(before.tables, after), before, after, measures)


def page_of(before: RoutingDocument, after: Tables, people: People, offset: int, limit: int) -> Page:
    rows = difference(before.tables, after)
    changes = [
        {"table": one.table, "line": one.line, "action": one.action, "before": one.before, "after": one.after}
        for one in rows[offset : offset + limit]
    ]
    return Page(Weighed(_counts(rows), _consent(rows, people, before, after)), len(rows), changes)


def on_top(tip: RoutingDocument, base: RoutingDocument, tables: Tables) -> Tables:
    """What the release of a change set would make of the tables in force. Raises `CommandRefused`."""
    return tables if tip.version == base.version else _rebased(base.tables, tables, tip)


def demand_sound(tables: Tables, given: Iterable[str], known: Known) -> None:
    """Raises `DeclarationRefused` with every mistake. `given`: the tables that are new."""
    problems, total = problems_of([tables], known)
    if total:
        mistakes = [Mistake("", problem.text("de"), problem.text("en")) for problem in problems]
        raise DeclarationRefused(", ".join(sorted(given)), mistakes, total - len(mistakes))


def problems_of(versions: Sequence[Tables], known: Known) -> tuple[tuple[TableProblem, ...], int]:
    """Those of the first that has some, and how many there are."""
    try:
        for tables in versions:
            check(RoutingDocument(0, tables), known)
    except RoutingRefused as refused:
        return refused.problems, refused.total
    return (), 0


def told(changes: Sequence[RowChange]) -> str:
    """The first of them, one per line, as they stand in the table."""
    named = (f"  {one.table}, {one.line}: {' → '.join(map(_written, one.sides))}" for one in changes)
    more = ["  …"] if len(changes) > MOST_NAMED else []
    return "\n".join([*islice(named, MOST_NAMED), *more])


def _written(row: Mapping[str, str]) -> str:
    return ";".join(row.values()).rstrip(";")


def _changed(before: RoutingDocument, after: Tables) -> tuple[RowChange, ...]:
    rows = difference(before.tables, after)
    if not rows:
        raise CommandRefused("nothing", "draft.nothing")
    return rows


def _weighed(before: RoutingDocument, after: Tables, measures: Measures, rows: Sequence[RowChange]) -> Weighed:
    _demand_scope(rows, before, after, measures)
    return Weighed(_counts(rows), _consent(rows, measures.people, before, after))


def _carried_on(
    tip: RoutingDocument,
    after: Tables,
    weighed: Weighed,
    later: Sequence[RoutingDocument],
    measures: Measures,
) -> WeighedRelease:
    """With every later version as it is with the change, which may mean other services and neighbours there: scope and
    consent are those of all of them. Raises `CommandRefused`, `DeclarationRefused`."""
    carried, consent = [], set(weighed.consent)
    for document in later:
        tables = _rebased(tip.tables, after, document)
        demand_sound(tables, tables, measures.known)
        rows = difference(document.tables, tables)
        _demand_scope(rows, document, tables, measures, "draft.out-of-scope-later")
        consent.update(_consent(rows, measures.people, document, tables))
        carried.append(tables)
    return WeighedRelease(after, Weighed(weighed.counts, tuple(sorted(consent))), tuple(carried))


def _demand_scope(
    rows: Sequence[RowChange],
    before: RoutingDocument,
    after: Tables,
    measures: Measures,
    sentence: str = "draft.out-of-scope",
) -> None:
    if measures.person is None:
        return
    documents = [before.tables, after]
    strange = outside(measures.person, rows, measures.people.directory, documents, measures.defaults)
    if strange:
        raise CommandRefused("out-of-scope", sentence, count=len(strange), rows=told(strange), version=before.version)


def _consent(rows: Sequence[RowChange], people: People, before: RoutingDocument, after: Tables) -> tuple[TenantId, ...]:
    return tuple(wanting_consent(rows, people.directory, [before.tables, after], people.today))


def _counts(rows: Sequence[RowChange]) -> Counts:
    actions = Counter((one.table, one.action) for one in rows)
    counts: Counts = {}
    for (table, action), count in actions.items():
        counts.setdefault(table, {})[action] = count
    return counts


def _rebased(base: Tables, changed: Tables, other: RoutingDocument) -> Tables:
    try:
        return rebased(base, changed, other.tables)
    except Overlapping as overlapping:
        raise CommandRefused(
            "overlapping", "draft.overlapping", version=other.version, rows=told(overlapping.meanwhile)
        ) from None
