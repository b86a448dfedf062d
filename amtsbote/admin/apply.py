"""Apply a declaration: plan it against the present directory, show the difference, record it in one unit.

The plan is made twice, once to be shown and once to be recorded; what is recorded must rest on the revision that was
shown, so a person confirms exactly what happens. Only the recorded plan's keys are kept.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amtsbote.admin.bundle import Bundle
from amtsbote.admin.certified import Certifier
from amtsbote.admin.crosscheck import CrossCheck
from amtsbote.admin.difference import Change, changes, table_change
from amtsbote.admin.entries import Reading, merged, removed_entries
from amtsbote.admin.mistakes import DeclarationRefused, Mistake, mistake
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.rules import broken_rules
from amtsbote.api.persistence import AuditRow, DirectoryEntry, Transaction, Unit
from amtsbote.errors import StaleState
from amtsbote.keys.succession import turned_over
from amtsbote.model.directory import Client, Directory
from amtsbote.model.ids import DestinationId
from amtsbote.model.routing import RoutingDocument, german_day
from routing.tables import Known, RoutingRefused, check


@dataclass(frozen=True, slots=True)
class Basis:
    """What a plan was made against."""

    revision: int
    routing: int


@dataclass(frozen=True, slots=True)
class Plan:
    basis: Basis
    source: str
    """The declaration's file name: why a new version of the tables was made."""
    entries: tuple[tuple[Change, DirectoryEntry], ...]
    tables: Mapping[str, bytes] | None
    """All routing tables of the new version; None when they stay as they are."""
    table_changes: tuple[Change, ...]
    kept: Mapping[DestinationId, tuple[str, ...]]
    """Destinations their subscribers manage → fields that stay although the declaration says something else."""

    @property
    def changes(self) -> tuple[Change, ...]:
        return (*(change for change, _ in self.entries), *self.table_changes)

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
    return {**plan.shown(), "recorded": {"revision": recorded.revision, "routing": recorded.routing}}


async def _planned(office: Office, bundle: Bundle) -> Plan:
    today = german_day(office.clock())
    directory, document = await office.store.read(lambda tx: (tx.directory.load(), tx.routing.current(today)))
    return await asyncio.to_thread(plan, office, bundle, directory, document)


def plan(office: Office, bundle: Bundle, directory: Directory, document: RoutingDocument | None) -> Plan:
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
    tables = _tables(bundle, document)
    in_tables, more = _table_mistakes(tables, document, directory, future, bundle.declaration.routes.named())
    mistakes = [
        *certifier.mistakes,
        *CrossCheck(directory, future, office).mistakes(wanted, removed),
        *in_tables,
    ]
    if mistakes:
        raise DeclarationRefused(bundle.name, mistakes, more)
    before = document.tables if document is not None else {}
    table_changes = [table_change(name, before.get(name), content) for name, content in tables.items()]
    really = tuple(change for change in table_changes if change is not None)
    return Plan(
        Basis(directory.revision, document.version if document is not None else 0),
        bundle.name,
        changes(directory, turned_over(directory, entries, office.clock()), removed, office.adapters),
        tables if really else None,
        really,
        reading.destinations.kept,
    )


def record(plan: Plan, actor: str, at: datetime) -> Unit[Basis]:
    """One transaction: every entry, the routing tables, one audit row per change. Raises `StaleState`."""

    def unit(tx: Transaction) -> Basis:
        today = german_day(at)
        if Basis(tx.directory.revision(), tx.routing.version(today)) != plan.basis:
            raise StaleState("directory")
        for change, entry in plan.entries:
            if change.action == "removed":
                tx.directory.remove(entry)
            else:
                tx.directory.put(entry)
        if plan.tables is not None:
            tx.routing.add(plan.tables, at=at, author=actor, reason=plan.source)
        for change in plan.changes:
            tx.audit.add(AuditRow(at, actor, f"{change.kind}.{change.action}", change.id, change.before, change.after))
        return Basis(tx.directory.revision(), tx.routing.version(today))

    return unit


def _tables(bundle: Bundle, document: RoutingDocument | None) -> dict[str, bytes]:
    """The tables as they would be: those declared, and the present ones of those that are not."""
    present = dict(document.tables) if document is not None else {}
    return {**present, **{name: bundle.files[file] for name, file in bundle.declaration.routes.named().items()}}


def _table_mistakes(
    tables: Mapping[str, bytes],
    document: RoutingDocument | None,
    present: Directory,
    future: Directory,
    files: Mapping[str, str],
) -> tuple[list[Mistake], int]:
    """Those in a declared table have its file (`files`) as place; and how many more there are.

    Tables that stay as they are were checked when they came, as long as no authority goes: it takes seconds.
    """
    same = tables == (document.tables if document is not None else {})
    if not tables or (same and present.authorities.keys() <= future.authorities.keys()):
        return [], 0
    try:
        check(RoutingDocument(0, tables), Known(future.authorities.keys()))
    except RoutingRefused as refused:
        mistakes = [
            Mistake(files.get(problem.table, "[routes]"), problem.text("de"), problem.text("en"))
            for problem in refused.problems
        ]
        return mistakes, refused.total - len(mistakes)
    return [], 0
