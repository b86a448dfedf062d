"""A change set becomes a version of the routing tables: by a second person where a concerned tenant wants one.

It is made to the tables that will be in force on its day, and to every version that is released for a later day:
nothing that was decided is lost. Where both changed rows about the same thing, a person puts them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from amtsbote.admin.asking import Answer, Command, read_arguments
from amtsbote.admin.drafts import (
    Numbered,
    demand_open,
    demand_own_tables,
    demand_releaser,
    found,
    measures_of,
    settled,
)
from amtsbote.admin.office import Office
from amtsbote.admin.people import Person, identity_of, person_of
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.weighing import Counts, WeighedRelease, weigh_release
from amtsbote.api.persistence import AuditRow, Transaction
from amtsbote.errors import StaleState
from amtsbote.model.ids import TenantId
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.versions import DraftState, Mirrored, RoutingDraft, RoutingVersion
from routing.difference import Tables


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
    tables: Tables
    counts: Counts
    effective: date
    carried: tuple[tuple[RoutingVersion, Tables], ...] = ()

    @classmethod
    def of(cls, standing: Standing, weighed: WeighedRelease, day: date) -> Self:
        carried = tuple(zip((version for version, _ in standing.later), weighed.carried, strict=False))
        return cls(standing, weighed.tables, weighed.weighed.counts, day, carried)


def standing_on(tx: Transaction, day: date) -> Standing:
    """Version 0, without tables, where there is none yet."""
    later = tuple((version, tx.routing.document(version.number)) for version in tx.routing.pending(day))
    tip = tx.routing.current(day) or RoutingDocument(0, {})
    return Standing(tx.directory.revision(), tx.routing.newest(), tip, later)


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

    version = add(release.tables, reason, release.effective, mirrored)
    for later, tables in release.carried:
        add(tables, f"{later.number}: {later.reason} + {reason}", later.effective)
    return version


async def _release(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    answer = await _released(office, actor, read_arguments(Numbered, arguments).id)
    await office.changed()  # loads what is in force now, when the tables that were compared are no longer needed
    return answer


async def _released(office: Office, actor: str, number: int) -> Answer:
    draft, base, tables = await found(office, number)
    demand_open(draft)
    demand_own_tables(office)
    day = max(draft.proposed.effective or date.min, german_day(office.clock()))
    directory, standing, last = await office.store.read(
        lambda tx: (tx.directory.load(), standing_on(tx, day), _last_of_issuer(tx, draft))
    )
    if base.version == standing.tip.version:
        base = standing.tip  # held once
    _demand_newest(draft, last)
    person = person_of(actor, directory)
    demand_releaser(person)
    documents = [document for _, document in standing.later]
    measures = measures_of(office, directory, person)
    versions = [base.tables, tables, standing.tip.tables, *(document.tables for document in documents)]
    found_out = await office.scales(versions, weigh_release, base, tables, standing.tip, documents, measures)
    _demand_second_person(person, draft, found_out.weighed.consent)
    release = Release.of(standing, found_out, day)
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
            "rows": release.counts,
            "carried": [later.number for later, _ in release.carried],
        }
        tx.audit.add(AuditRow(at, actor, "routing.released", str(version), before, after))
        return version

    version = await settled(office, unit)
    return {
        "draft": number,
        "version": version,
        "effective": day.isoformat(),
        "rows": release.counts,
        "carried": [later.number for later, _ in release.carried],
    }


def _last_of_issuer(tx: Transaction, draft: RoutingDraft) -> RoutingVersion | None:
    mirrored = draft.proposed.mirrored
    return None if mirrored is None else tx.routing.mirrored(mirrored.issuer)


def _demand_newest(draft: RoutingDraft, last: RoutingVersion | None) -> None:
    """A snapshot of another node is not released over a newer one of the same node that came after the proposal. Raises
    `CommandRefused`."""
    mirrored = draft.proposed.mirrored
    if mirrored is None or last is None or last.mirrored is None or last.number <= draft.proposed.base:
        return
    if last.mirrored.version > mirrored.version:
        raise CommandRefused("older", "snapshot.older", version=mirrored.version, known=last.mirrored.version)


def _demand_second_person(person: Person, draft: RoutingDraft, tenants: Sequence[TenantId]) -> None:
    if tenants and person.identity == identity_of(draft.proposed.author):
        raise CommandRefused("four-eyes", "draft.four-eyes", id=draft.number, tenants=", ".join(tenants[:20]))


COMMANDS: Final[Mapping[str, Command]] = {"routes.release": _release}
