"""Apply a declaration: plan it against the present directory, show the difference, record it in one unit.

The plan is made twice, once to be shown and once to be recorded; what is recorded must rest on the revision that was
shown, so a person confirms exactly what happens. Only the recorded plan's keys are kept.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from amtsbote.admin.bundle import Bundle
from amtsbote.admin.certified import Certifier
from amtsbote.admin.crosscheck import CrossCheck
from amtsbote.admin.difference import Change, changes, table_change
from amtsbote.admin.drafts import Wish, demand_own_tables, measures_of, new_draft, people_of, record_draft
from amtsbote.admin.entries import Placed, Reading, merged, removed_entries
from amtsbote.admin.mistakes import DeclarationRefused, Mistake, mistake
from amtsbote.admin.office import Office
from amtsbote.admin.people import OPERATOR, second_persons
from amtsbote.admin.referring import known_for_rules
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.releasing import Release, Standing, add_versions, standing_on
from amtsbote.admin.rules import broken_rules
from amtsbote.admin.weighing import problems_of, weigh_declared
from amtsbote.admin.wishes import unmet_wishes_of_further, with_wishes
from amtsbote.api.persistence import AuditRow, DirectoryEntry, Transaction, Unit
from amtsbote.errors import StaleState
from amtsbote.keys.succession import turned_over
from amtsbote.model.directory import Client, Directory
from amtsbote.model.ids import DestinationId, TenantId
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.shown import jsonable
from routing.following import further_recipients
from routing.layout import COMPETENCES, ROLES
from routing.tables import Known
from schemas.package import default_rules


@dataclass(frozen=True, slots=True)
class Basis:
    """What a plan was made against."""

    revision: int
    routing: int
    """The newest version of the tables, in force or not."""


@dataclass(frozen=True, slots=True)
class PlannedTables:
    """A version of all routing tables; only proposed where tenants must consent."""

    release: Release
    consent: tuple[TenantId, ...]
    releasers: tuple[str, ...]
    """Who may be the second person, by name."""


@dataclass(frozen=True, slots=True)
class Recorded:
    revision: int
    routing: int
    draft: int | None
    """The change set that waits for a second person."""


@dataclass(frozen=True, slots=True)
class Plan:
    basis: Basis
    source: str
    """The declaration's file name: why a new version of the tables was made."""
    entries: tuple[tuple[Change, DirectoryEntry], ...]
    tables: "PlannedTables | None"
    """None when they stay as they are."""
    table_changes: tuple[Change, ...]
    kept: Mapping[DestinationId, tuple[str, ...]]
    """Destinations their subscribers manage → fields that stay although the declaration says something else."""

    @property
    def changes(self) -> tuple[Change, ...]:
        return (*(change for change, _ in self.entries), *self.table_changes)

    @property
    def consent(self) -> tuple[TenantId, ...]:
        """Who wants a second person for the routing tables: then they are proposed, not changed."""
        return self.tables.consent if self.tables is not None else ()

    @property
    def recorded(self) -> tuple[Change, ...]:
        """What changes when the plan is recorded."""
        return tuple(change for change, _ in self.entries) if self.consent else self.changes

    @property
    def without_secret(self) -> tuple[str, ...]:
        """New clients nobody has given a secret."""
        clients = (entry for _, entry in self.entries if isinstance(entry, Client))
        return tuple(client.id for client in clients if not client.secret_hashes)

    def shown(self) -> dict[str, Any]:
        """The difference, JSON-ready."""
        return {
            "basis": {"revision": self.basis.revision, "routing": self.basis.routing},
            "changes": [
                {"action": one.action, "kind": one.kind, "id": one.id, "fields": one.fields()} for one in self.changes
            ],
            "without_secret": list(self.without_secret),
            "four_eyes": list(self.consent),
            "releasers": list(self.tables.releasers) if self.tables is not None else [],
            "kept": [{"id": name, "fields": list(fields)} for name, fields in self.kept.items()],
        }


async def preview(office: Office, bundle: Bundle) -> dict[str, Any]:
    """What applying would change. Raises `DeclarationRefused`."""
    return (await _planned(office, bundle)).shown()


async def apply(office: Office, actor: str, bundle: Bundle, basis: Basis) -> dict[str, Any]:
    """Record what `preview` showed for the same `basis`. Raises `DeclarationRefused`, or `CommandRefused` when somebody
    else changed something since."""
    plan = await _planned(office, bundle)
    if plan.basis != basis:
        raise CommandRefused("changed-meanwhile", "office.changed-meanwhile")
    missing = [mistake("", "declaration.secret-unknown", id=client) for client in plan.without_secret]
    if missing:
        raise DeclarationRefused(bundle.name, missing)
    try:
        recorded = await office.store.write(record(plan, actor, office.clock()))
    except StaleState:
        raise CommandRefused("changed-meanwhile", "office.changed-meanwhile") from None
    await office.changed()
    return {**plan.shown(), "recorded": jsonable(recorded)}


async def _planned(office: Office, bundle: Bundle) -> Plan:
    today = german_day(office.clock())
    directory, standing = await office.store.read(lambda tx: (tx.directory.load(), standing_on(tx, today)))
    return await asyncio.to_thread(plan, office, bundle, directory, standing)


def plan(office: Office, bundle: Bundle, directory: Directory, standing: Standing) -> Plan:
    """Compute what would change. Reads nothing else and writes nothing; new RSA keys cost 0.3 s each."""
    broken = broken_rules(bundle.declaration)
    if broken:
        raise DeclarationRefused(bundle.name, broken)
    certifier = Certifier(bundle.files, directory.keys, office.vault, office.anchors, office.clock())
    reading = Reading(bundle, directory, certifier)
    wanted = reading.entries()
    removed = removed_entries(bundle, directory)
    entries = [placed.entry for placed in wanted]
    future = merged(directory, wanted, removed)
    tables = _tables(bundle, standing.tip)
    known = known_for_rules(office, future)
    in_tables, more = _table_mistakes(office, tables, standing, directory, known, bundle.declaration.routes.named())
    mistakes = [
        *certifier.mistakes,
        *CrossCheck(directory, future, office).mistakes(wanted, removed),
        *(in_tables or _further_wishes(office, future, wanted, tables, standing)),
    ]
    if mistakes:
        raise DeclarationRefused(bundle.name, mistakes, more)
    before = standing.tip.tables
    table_changes = [table_change(name, before.get(name), content) for name, content in tables.items()]
    really = tuple(change for change in table_changes if change is not None)
    if really:
        demand_own_tables(office)
    return Plan(
        Basis(directory.revision, standing.newest),
        bundle.name,
        changes(directory, turned_over(directory, entries, office.clock()), removed, office.adapters),
        _tables_planned(office, tables, standing, directory, future) if really else None,
        really,
        reading.destinations.kept,
    )


def _further_wishes(
    office: Office, future: Directory, wanted: Sequence[Placed], tables: Mapping[str, bytes], standing: Standing
) -> Iterator[Mistake]:
    """The tables are sound, and are read only where somebody wishes for something."""
    wishing = with_wishes(future)
    if not wishing:
        return
    today = german_day(office.clock())
    further = further_recipients(tables, default_rules(office.packages), wishing, today)
    changed = any(tables.get(name) != standing.tip.tables.get(name) for name in (ROLES, COMPETENCES))
    yield from unmet_wishes_of_further(future, office.forms, wanted, further, "[routes]" if changed else None)


def _tables_planned(
    office: Office, tables: Mapping[str, bytes], standing: Standing, present: Directory, future: Directory
) -> "PlannedTables":
    """A tenant that wants a second person now does not stop wanting one by the same declaration. The very first
    version needs nobody: there is nothing yet to protect."""
    wanting = {name: one for name, one in present.tenants.items() if one.four_eyes}
    concerned = replace(
        future,
        tenants={**future.tenants, **wanting},
        authorities={**present.authorities, **future.authorities},
    )
    measures = replace(measures_of(office, future), people=people_of(office, concerned))
    documents = [document for _, document in standing.later]
    versions = [tables, standing.tip.tables, *(document.tables for document in documents)]
    found = office.scales.now(
        versions, weigh_declared, standing.tip, tables, documents, measures, first=not standing.newest
    )
    release = Release.of(standing, found, german_day(office.clock()))
    return PlannedTables(release, found.weighed.consent, tuple(second_persons(OPERATOR, future)))


def record(plan: Plan, actor: str, at: datetime) -> Unit["Recorded"]:
    """One transaction: every entry, the routing tables or a change set with them, one audit row per change. Raises
    `StaleState`."""

    def unit(tx: Transaction) -> Recorded:
        if Basis(tx.directory.revision(), tx.routing.newest()) != plan.basis:
            raise StaleState("directory")
        for change, entry in plan.entries:
            if change.action == "removed":
                tx.directory.remove(entry)
            else:
                tx.directory.put(entry)
        draft = None
        if plan.tables is not None and plan.tables.consent:
            base, wanted = plan.tables.release.standing.tip, plan.tables.release.tables
            proposed = new_draft(at, actor, base, Wish(wanted, plan.source, None))
            draft, _ = record_draft(tx, proposed, base, wanted, plan.tables.release.counts)
        elif plan.tables is not None:
            add_versions(tx, plan.tables.release, author=actor, reason=plan.source, at=at)
        for change in plan.recorded:
            tx.audit.add(AuditRow(at, actor, f"{change.kind}.{change.action}", change.id, change.before, change.after))
        return Recorded(tx.directory.revision(), tx.routing.newest(), draft)

    return unit


def _tables(bundle: Bundle, document: RoutingDocument) -> dict[str, bytes]:
    """The tables as they would be: those declared, and the present ones of those that are not."""
    return {**document.tables, **{name: bundle.files[file] for name, file in bundle.declaration.routes.named().items()}}


def _table_mistakes(
    office: Office,
    tables: Mapping[str, bytes],
    standing: Standing,
    present: Directory,
    known: Known,
    files: Mapping[str, str],
) -> tuple[list[Mistake], int]:
    """Those in a declared table have its file (`files`) as place; and how many more there are.

    Tables that stay as they are were checked when they came, as long as no authority goes: it takes seconds. One that
    goes must be missed neither by those in force nor by those to come.
    """
    all_stay = present.authorities.keys() <= set(known.authorities or ())
    others = [] if all_stay else [standing.tip.tables, *(document.tables for _, document in standing.later)]
    asked = others if tables == standing.tip.tables else [tables, *others]
    versions = [one for one in asked if one]
    problems, total = office.scales.now(versions, problems_of, versions, known)
    mistakes = [
        Mistake(files.get(problem.table, "[routes]"), problem.text("de"), problem.text("en")) for problem in problems
    ]
    return mistakes, total - len(mistakes)
