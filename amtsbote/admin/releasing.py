"""A change set becomes a version of the routing tables: by a second person where a concerned tenant wants one.

It is made to the tables that will be in force on its day, and to every version that is released for a later day:
nothing that was decided is lost. Where both changed rows about the same thing, a person puts them together.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from amtsbote.admin.asking import Answer, Command, read_arguments
from amtsbote.admin.drafts import (
    Numbered,
    TablesChange,
    demand_open,
    demand_own_tables,
    demand_releaser,
    demand_sound,
    found,
    settled,
    told,
)
from amtsbote.admin.office import Office
from amtsbote.admin.people import Person, identity_of, person_of
from amtsbote.admin.referring import known_for_rules
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import AuditRow, Transaction
from amtsbote.errors import StaleState
from amtsbote.model.directory import Directory
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.versions import DraftState, Mirrored, RoutingDraft, RoutingVersion
from routing.difference import Overlapping, Tables, rebased
from routing.tables import Known
from schemas.package import default_rules


@dataclass(frozen=True, slots=True)
class Standing:
    """What a new version is made on."""

    revision: int
    newest: int
    tip: RoutingDocument
    """What is in force on its day."""
    later: tuple[tuple[RoutingVersion, RoutingDocument], ...]
    """What will be on later days, in that order."""


@dataclass(frozen=True, slots=True)
class Release:
    """The versions to add: the first with the change, the others to go on with it."""

    standing: Standing
    change: TablesChange
    effective: date
    carried: tuple[tuple[RoutingVersion, Tables], ...] = ()


def standing_on(tx: Transaction, day: date) -> Standing:
    """Version 0, without tables, where there is none yet."""
    later = tuple((version, tx.routing.document(version.number)) for version in tx.routing.pending(day))
    tip = tx.routing.current(day) or RoutingDocument(0, {})
    return Standing(tx.directory.revision(), tx.routing.newest(), tip, later)


def carried_on(standing: Standing, change: TablesChange, known: Known) -> tuple[tuple[RoutingVersion, Tables], ...]:
    """Every later version with the change. Raises `CommandRefused`, `DeclarationRefused`."""
    carried = []
    for version, document in standing.later:
        tables = _rebased(standing.tip.tables, change.after, document)
        demand_sound(tables, tables, known)
        carried.append((version, tables))
    return tuple(carried)


def on_top(tip: RoutingDocument, base: RoutingDocument, tables: Tables) -> Tables:
    """What the release of a change set would make of the tables in force. Raises `CommandRefused`."""
    return tables if tip.version == base.version else _rebased(base.tables, tables, tip)


def _rebased(base: Tables, changed: Tables, other: RoutingDocument) -> Tables:
    try:
        return rebased(base, changed, other.tables)
    except Overlapping as overlapping:
        raise CommandRefused(
            "overlapping", "draft.overlapping", version=other.version, rows=told(overlapping.meanwhile)
        ) from None


def add_versions(
    tx: Transaction,
    release: Release,
    *,
    author: str,
    reason: str,
    at: datetime,
    releaser: str | None = None,
    draft: int | None = None,
    mirrored: Mirrored | None = None,
) -> int:
    """Returns the number of the first; it is the one that was `mirrored`."""

    def add(tables: Tables, reason: str, effective: date, mirrored: Mirrored | None = None) -> int:
        return tx.routing.add(
            tables,
            at=at,
            author=author,
            reason=reason,
            effective=effective,
            releaser=releaser,
            draft=draft,
            mirrored=mirrored,
        )

    version = add(release.change.after, reason, release.effective, mirrored)
    for later, tables in release.carried:
        add(tables, f"{later.number}: {later.reason} + {reason}", later.effective)
    return version


async def _release(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    number = read_arguments(Numbered, arguments).id
    draft, base, tables = await found(office, number)
    demand_open(draft)
    demand_own_tables(office)
    await _demand_newest(office, draft)
    day = max(draft.proposed.effective or date.min, german_day(office.clock()))
    directory, standing = await office.store.read(lambda tx: (tx.directory.load(), standing_on(tx, day)))
    person = person_of(actor, directory)
    demand_releaser(person)

    def weighed() -> Release:
        wanted = on_top(standing.tip, base, tables)
        demand_sound(wanted, wanted, known_for_rules(office, directory))
        change = TablesChange.of(standing.tip, wanted)
        if not change.rows:
            raise CommandRefused("nothing", "draft.nothing")
        change.demand_scope(person, directory, default_rules(office.packages))
        _demand_second_person(person, draft, change, directory)
        return Release(standing, change, day, carried_on(standing, change, known_for_rules(office, directory)))

    release = await asyncio.to_thread(weighed)
    at = office.clock()

    def unit(tx: Transaction) -> int:
        if (tx.directory.revision(), tx.routing.newest()) != (standing.revision, standing.newest):
            raise StaleState("routing")
        author = draft.proposed.author
        releaser = None if actor == author else actor
        reason = draft.proposed.reason
        version = add_versions(
            tx,
            release,
            author=author,
            reason=reason,
            at=at,
            releaser=releaser,
            draft=number,
            mirrored=draft.proposed.mirrored,
        )
        tx.drafts.settle(number, DraftState.RELEASED, at=at, by=actor, version=version)
        before = {"version": standing.tip.version}
        after = {
            "draft": number,
            "author": author,
            "reason": reason,
            "effective": day.isoformat(),
            "rows": release.change.counts(),
            "carried": [later.number for later, _ in release.carried],
        }
        tx.audit.add(AuditRow(at, actor, "routing.released", str(version), before, after))
        return version

    version = await settled(office, unit)
    await office.changed()
    return {
        "draft": number,
        "version": version,
        "effective": day.isoformat(),
        "rows": release.change.counts(),
        "carried": [later.number for later, _ in release.carried],
    }


async def _demand_newest(office: Office, draft: RoutingDraft) -> None:
    """A snapshot of another node is not released over a newer one of the same node that came after the proposal. Raises
    `CommandRefused`."""
    mirrored = draft.proposed.mirrored
    if mirrored is None:
        return
    last = await office.store.read(lambda tx: tx.routing.mirrored(mirrored.issuer))
    if last is None or last.mirrored is None or last.number <= draft.proposed.base:
        return
    if last.mirrored.version > mirrored.version:
        raise CommandRefused("older", "snapshot.older", version=mirrored.version, known=last.mirrored.version)


def _demand_second_person(person: Person, draft: RoutingDraft, change: TablesChange, directory: Directory) -> None:
    if person.identity != identity_of(draft.proposed.author):
        return
    if tenants := change.consent(directory):
        raise CommandRefused("four-eyes", "draft.four-eyes", id=draft.number, tenants=", ".join(tenants[:20]))


COMMANDS: Final[Mapping[str, Command]] = {"routes.release": _release}
