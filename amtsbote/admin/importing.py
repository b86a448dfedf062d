"""What sources of the registry offer, taken in by a running installation: regions and rules as one change set, which
waits to be released like every other; authorities at once, like those of a declaration.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import Field

from amtsbote.admin.asking import Answer, Arguments, Command, read_arguments
from amtsbote.admin.crosscheck import CrossCheck
from amtsbote.admin.declaration import Day
from amtsbote.admin.difference import Change, changes
from amtsbote.admin.drafts import (
    Reason,
    Wish,
    base_of,
    demand_own_tables,
    first_version,
    measures_of,
    new_draft,
    people_of,
    record_draft,
)
from amtsbote.admin.entries import Placed, merged
from amtsbote.admin.mistakes import DeclarationRefused
from amtsbote.admin.office import Office
from amtsbote.admin.people import Person, person_of, second_persons
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.releasing import Standing, standing_on
from amtsbote.admin.weighing import Weighed, weigh_offered
from amtsbote.api.persistence import AuditRow, DirectoryEntry, Transaction, Unit
from amtsbote.errors import StaleState
from amtsbote.model.directory import Directory
from amtsbote.model.ids import AuthorityId
from amtsbote.model.routing import RoutingDocument, german_day
from routing.importing.door import Registry, Vouched, named_in, take_in
from routing.layout import AUTHORITIES, COLUMNS, REQUIRED
from routing.offer import Offer
from routing.regions.outcome import Note

_NO_TABLES: Final = {name: f"{';'.join(COLUMNS[name])}\n".encode() for name in REQUIRED}


class _Import(Arguments):
    offers: Annotated[list[Offer], Field(min_length=1, max_length=100)]
    reason: Reason | None = None
    """None: the sources and their days."""
    effective: Day | None = None
    complete: bool = False
    narrower_first: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class _Basis:
    """What is there before."""

    directory: Directory
    standing: Standing
    base: RoutingDocument

    @property
    def tables(self) -> Mapping[str, bytes]:
        return self.base.tables if self.base.version else _NO_TABLES


@dataclass(frozen=True, slots=True)
class _Plan:
    basis: _Basis
    tables: Mapping[str, bytes]
    weighed: Weighed
    entries: tuple[tuple[Change, DirectoryEntry], ...]
    notes: tuple[Note, ...]

    def told(self) -> Answer:
        return {
            "rows": self.weighed.counts,
            "authorities": dict(Counter(change.action for change, _ in self.entries if not _only_its_day(change))),
            "four_eyes": list(self.weighed.consent),
            "counts": dict(Counter(note.outcome.value for note in self.notes)),
            "notes": [
                {"outcome": note.outcome.value, "key": note.key, "before": note.before, "after": note.after}
                for note in self.notes
            ],
        }


def _only_its_day(change: Change) -> bool:
    """Its source says it again: that is kept, but nobody did anything."""
    return change.action == "changed" and change.fields().keys() == {"stand"}


async def _import(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = await asyncio.to_thread(read_arguments, _Import, arguments)
    base = await base_of(office, None, asked.effective)
    today = german_day(office.clock())
    _demand_past(asked.offers, today)
    basis = await office.store.read(lambda tx: _Basis(tx.directory.load(), standing_on(tx, today), base))
    person = person_of(actor, basis.directory)
    plan = await asyncio.to_thread(_planned, office, asked, basis, person)
    releasers = second_persons(actor, basis.directory)
    told = {"draft": None, "made": False, "version": None, **plan.told(), "releasers": releasers}
    if asked.dry_run or not (plan.weighed.counts or plan.entries):
        return {**told, "recorded": False}
    try:
        unit = await asyncio.to_thread(_recorded, plan, asked, actor, office.clock())
        recorded = await office.store.write(unit)
    except StaleState:
        raise CommandRefused("changed-meanwhile", "office.changed-meanwhile") from None
    await office.changed()
    return {**told, **recorded, "recorded": True}


def _demand_past(offers: Sequence[Offer], today: date) -> None:
    """Every real extract would be older than one of a day to come. Lists of regions are published before their day."""
    early = next((offer for offer in offers if offer.tables and offer.stand > today), None)
    if early is not None:
        raise CommandRefused("usage", "import.stand-to-come", stand=early.stand.isoformat(), today=today.isoformat())


def _planned(office: Office, asked: _Import, basis: _Basis, person: Person) -> _Plan:
    """Raises `DeclarationRefused`, `RoutingRefused`, `RegionsRefused`, `CommandRefused`."""
    vouched = Vouched(complete=asked.complete, narrower_first=asked.narrower_first)
    needed = _needed(basis)
    registry = Registry(basis.tables, basis.directory.authorities)
    for offer in asked.offers:
        registry = take_in(registry, offer, vouched, needed)
    entries, future = _authorities(office, basis.directory, registry)
    if person.editor is not None and entries:
        raise CommandRefused("not-allowed", "import.authorities-not-for-editors")
    new = any(data != basis.base.tables.get(name) for name, data in registry.tables.items())
    if new:
        demand_own_tables(office)
    tables = registry.tables if new else basis.base.tables
    measures, present = measures_of(office, future, person), people_of(office, basis.directory)
    weighed = office.scales.now([basis.base.tables, tables], weigh_offered, basis.base, tables, measures, present)
    return _Plan(basis, tables, weighed, entries, registry.notes)


def _needed(basis: _Basis) -> dict[AuthorityId, str]:
    """Authorities that rules in force or to come name, or a destination; and where."""
    standing = basis.standing
    rules = named_in([standing.tip.tables, *(document.tables for _, document in standing.later)])
    inboxes = {
        one.authority: f"{one.name} ({one.id})"
        for one in basis.directory.destinations.values()
        if one.authority is not None
    }
    return {**inboxes, **rules}


def _authorities(
    office: Office, present: Directory, registry: Registry
) -> tuple[tuple[tuple[Change, DirectoryEntry], ...], Directory]:
    """What changes in the directory, and the directory as it would be. Raises `DeclarationRefused`."""
    there = present.authorities
    wanted = [one for name, one in registry.authorities.items() if there.get(name) != one]
    removed = [one for name, one in there.items() if name not in registry.authorities]
    placed = [Placed(f"{AUTHORITIES} · {one.id}", one) for one in wanted]
    future = merged(present, placed, removed)
    if mistakes := list(CrossCheck(present, future, office).mistakes(placed, removed)) if wanted or removed else []:
        raise DeclarationRefused(AUTHORITIES, mistakes)
    return changes(present, wanted, removed, office.adapters), future


def _recorded(plan: _Plan, asked: _Import, actor: str, at: datetime) -> Unit[Answer]:
    """One transaction: the entries, an audit row for each that has more than a new day, the change set. Raises
    `StaleState`."""
    sources = ", ".join(dict.fromkeys(f"{one.origin} {one.stand}" for one in asked.offers))
    wish = Wish(plan.tables, asked.reason or sources, asked.effective)
    base, counts = plan.basis.base, plan.weighed.counts
    proposed = new_draft(at, actor, base, wish)
    standing = plan.basis.standing

    def unit(tx: Transaction) -> Answer:
        if (tx.directory.revision(), tx.routing.newest()) != (standing.revision, standing.newest):
            raise StaleState("routing")
        for change, entry in plan.entries:
            if change.action == "removed":
                tx.directory.remove(entry)
            else:
                tx.directory.put(entry)
            if not _only_its_day(change):
                action = f"{change.kind}.{change.action}"
                tx.audit.add(AuditRow(at, actor, action, change.id, change.before, change.after))
        if not counts:
            return {}
        if not base.version:
            return {"version": first_version(proposed, plan.tables, counts)(tx)}
        number, made = record_draft(tx, proposed, base, plan.tables, counts)
        return {"draft": number, "made": made}

    return unit


COMMANDS: Final[Mapping[str, Command]] = {"routes.import": _import}
