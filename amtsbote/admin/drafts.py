"""Change sets of the routing tables: proposed with a reason on a version, looked at, thrown away; never in force by
themselves. `releasing` makes a version of one."""

import asyncio
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, Final
from unicodedata import category

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from amtsbote.admin.asking import Answer, Arguments, Command, Listed, read_arguments
from amtsbote.admin.declaration import Day
from amtsbote.admin.office import Office
from amtsbote.admin.people import Person, person_of, second_persons
from amtsbote.admin.referring import known_for_rules
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.routes import VersionNumber, document_of
from amtsbote.admin.weighing import Counts, Measures, People, page_of, weigh, weigh_scope
from amtsbote.api.persistence import AuditRow, Transaction, Unit
from amtsbote.errors import NotFound, StaleState
from amtsbote.model.directory import Directory
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.shown import jsonable
from amtsbote.model.versions import DraftState, Mirrored, NewDraft, RoutingDraft
from routing.difference import Tables
from routing.layout import COLUMNS, open_table
from schemas.package import default_rules


def _one_line(text: str) -> str:
    if any(category(character) == "Cc" for character in text):
        raise CommandRefused("arguments", "draft.reason-control")
    return text


Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), AfterValidator(_one_line)
]


def _bytes(value: object) -> bytes:
    """What comes as JSON is base64; within the process tables are what they are."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise ValueError("must be base64")
    return b64decode(value, validate=True)


class _Proposal(Arguments):
    tables: dict[str, Annotated[bytes, BeforeValidator(_bytes)]]
    reason: Reason
    effective: Day | None = None
    base: VersionNumber | None = None
    """The version that was changed; None: the one in force on the day."""


class _Rollback(Arguments):
    version: VersionNumber
    reason: Reason
    effective: Day | None = None


class Numbered(Arguments):
    id: int = Field(ge=1, le=2**53)


class _Drafts(Listed):
    state: DraftState | None = None


class _Difference(Listed):
    id: int = Field(ge=1, le=2**53)


@dataclass(frozen=True, slots=True)
class Wish:
    """All tables as somebody wants them, and why."""

    tables: Tables
    reason: str
    effective: date | None
    mirrored: Mirrored | None = None
    """The snapshot of another node they are taken from."""


def people_of(office: Office, directory: Directory) -> People:
    return People.of(directory, german_day(office.clock()))


def measures_of(office: Office, directory: Directory, person: Person | None = None) -> Measures:
    """What tables are weighed by."""
    return Measures(
        people_of(office, directory),
        known_for_rules(office, directory),
        tuple(default_rules(office.packages)),
        person,
    )


async def _propose(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = await asyncio.to_thread(read_arguments, _Proposal, arguments)
    unknown = sorted(asked.tables.keys() - COLUMNS.keys())
    if unknown or not asked.tables:
        name = repr(unknown[0][:50]) if unknown else "–"
        raise CommandRefused("not-found", "office.table-unknown", id=name, known=", ".join(COLUMNS))
    if asked.base is None and asked.effective is not None:
        await _demand_one_base(office, asked.effective)
    base = await base_of(office, asked.base, asked.effective)
    wish = Wish({**base.tables, **asked.tables}, asked.reason, asked.effective)
    return await proposed(office, actor, base, wish)


async def _rollback(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """A change set with the tables of an earlier version; what has happened since stays in the history."""
    asked = read_arguments(_Rollback, arguments)
    base = await base_of(office, None, asked.effective)
    earlier = await document_of(office, asked.version)
    wish = Wish(instead_of(base.tables, earlier.tables), asked.reason, asked.effective)
    return await proposed(office, actor, base, wish)


def instead_of(present: Tables, wanted: Tables) -> Tables:
    """All tables as a change set has them that wants these and no others."""
    emptied = {name: _without_rows(name, data) for name, data in present.items() if name not in wanted}
    return {**emptied, **wanted}


def _without_rows(name: str, data: bytes) -> bytes:
    return (";".join(open_table(name, data).header) + "\n").encode()


async def _demand_one_base(office: Office, effective: date) -> None:
    """Raises `CommandRefused` where another version will be in force on the day than today: whoever changed the tables
    of today would take away what has been released for later, and nobody could tell."""
    today = german_day(office.clock())
    now, then = await office.store.read(
        lambda tx: (tx.routing.version(today), tx.routing.version(max(today, effective)))
    )
    if now != then:
        raise CommandRefused("refused", "draft.base-open", now=now, then=then, day=effective.isoformat())


async def base_of(office: Office, version: int | None, effective: date | None) -> RoutingDocument:
    """Version 0, without tables, where there is none yet."""
    if version is not None:
        return await document_of(office, version)
    day = max(effective or date.min, german_day(office.clock()))
    return await office.store.read(lambda tx: tx.routing.current(day)) or RoutingDocument(0, {})


async def proposed(office: Office, actor: str, base: RoutingDocument, wish: Wish) -> Answer:
    """Keep a change set; the very first tables are in force at once. Raises `CommandRefused`, `DeclarationRefused`."""
    demand_own_tables(office)
    directory = await office.store.read(lambda tx: tx.directory.load())
    measures = measures_of(office, directory, person_of(actor, directory))
    weighed = await office.scales([base.tables, wish.tables], weigh, base, wish.tables, measures)
    draft = await asyncio.to_thread(new_draft, office.clock(), actor, base, wish)
    if not base.version:
        version = await settled(office, first_version(draft, wish.tables, weighed.counts))
        await office.changed()
        return {"draft": None, "version": version, "rows": weighed.counts, "four_eyes": [], "releasers": []}
    number, made = await office.store.write(lambda tx: record_draft(tx, draft, base, wish.tables, weighed.counts))
    return {
        "draft": number,
        "made": made,
        "version": None,
        "base": base.version,
        "effective": jsonable(wish.effective),
        "rows": weighed.counts,
        "four_eyes": list(weighed.consent),
        "releasers": second_persons(actor, directory),
    }


def new_draft(at: datetime, author: str, base: RoutingDocument, wish: Wish) -> NewDraft:
    digest = sha256(f"{base.version} {wish.effective}".encode())
    for name, data in sorted(wish.tables.items()):
        digest.update(f" {name} {sha256(data).hexdigest()}".encode())
    return NewDraft(at, author, wish.reason, base.version, wish.effective, digest.hexdigest(), wish.mirrored)


def record_draft(
    tx: Transaction, proposed: NewDraft, base: RoutingDocument, tables: Tables, counts: Counts
) -> tuple[int, bool]:
    """Its number, and whether it is new: the same proposal twice is one."""
    known = tx.drafts.open_with(proposed.digest)
    if known is not None:
        return known, False
    changed = {name: data for name, data in tables.items() if data != base.tables.get(name)}
    number = tx.drafts.add(proposed, changed)
    after = {"reason": proposed.reason, "base": proposed.base, "effective": jsonable(proposed.effective)}
    rows = {**after, "rows": counts, **_taken_from(proposed.mirrored)}
    tx.audit.add(AuditRow(proposed.at, proposed.author, "draft.proposed", str(number), None, rows))
    return number, True


def first_version(proposed: NewDraft, tables: Tables, counts: Counts) -> Unit[int]:
    """The very first version: nothing is there yet that could be protected."""

    def unit(tx: Transaction) -> int:
        if tx.routing.newest():
            raise StaleState("routing")
        version = tx.routing.add(
            tables, at=proposed.at, author=proposed.author, reason=proposed.reason, mirrored=proposed.mirrored
        )
        after = {"reason": proposed.reason, "rows": counts, **_taken_from(proposed.mirrored)}
        tx.audit.add(AuditRow(proposed.at, proposed.author, "routing.released", str(version), None, after))
        return version

    return unit


def _taken_from(mirrored: Mirrored | None) -> Answer:
    """What an audit row says of it."""
    return {} if mirrored is None else {"mirrored": jsonable(mirrored)}


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Drafts, arguments)
    total, found = await office.store.read(lambda tx: tx.drafts.page(asked.state, asked.page))
    return {"total": total, "offset": asked.offset, "drafts": [shown(draft) for draft in found]}


def shown(draft: RoutingDraft) -> Answer:
    said = jsonable(draft)
    return {"id": said.pop("number"), **said.pop("proposed"), **said}


async def found(office: Office, number: int) -> tuple[RoutingDraft, RoutingDocument, Tables]:
    """A change set, its base, and all tables as it wants them. Raises `CommandRefused`."""
    try:
        draft, tables = await office.store.read(lambda tx: (tx.drafts.get(number), tx.drafts.tables(number)))
    except NotFound:
        raise CommandRefused("not-found", "draft.unknown", id=number) from None
    base = await document_of(office, draft.proposed.base)
    return draft, base, {**base.tables, **tables}


async def _difference(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Difference, arguments)
    draft, base, tables = await found(office, asked.id)
    directory = await office.store.read(lambda tx: tx.directory.load())
    page = await office.scales(
        [base.tables, tables], page_of, base, tables, people_of(office, directory), asked.offset, asked.limit
    )
    return {
        "draft": shown(draft),
        "rows": page.weighed.counts,
        "four_eyes": list(page.weighed.consent),
        "total": page.total,
        "offset": asked.offset,
        "changes": page.changes,
    }


async def _discard(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """By who proposed it, or by who could release it."""
    number = read_arguments(Numbered, arguments).id
    draft, base, tables = await found(office, number)
    directory = await office.store.read(lambda tx: tx.directory.load())
    person = person_of(actor, directory)
    if actor != draft.proposed.author:
        demand_releaser(person)
        await office.scales([base.tables, tables], weigh_scope, base, tables, measures_of(office, directory, person))
    at = office.clock()

    def unit(tx: Transaction) -> None:
        tx.drafts.settle(number, DraftState.DISCARDED, at=at, by=actor)
        tx.audit.add(AuditRow(at, actor, "draft.discarded", str(number), None, {"author": draft.proposed.author}))

    await settled(office, unit)
    return {"draft": number}


def demand_own_tables(office: Office) -> None:
    """Raises `CommandRefused` where the tables of another node hold."""
    if office.mirror.issuer is not None:
        raise CommandRefused("mirror", "draft.mirror", issuer=office.mirror.issuer)


def demand_open(draft: RoutingDraft) -> None:
    if draft.state is not DraftState.OPEN:
        raise CommandRefused("settled", "draft.settled", id=draft.number)


def demand_releaser(person: Person) -> None:
    if not person.may_release:
        raise CommandRefused("not-allowed", "draft.may-not-release")


async def settled(office: Office, unit: Any) -> Any:
    """Write what ends a change set or makes the first version. Raises `CommandRefused` when somebody was faster."""
    try:
        return await office.store.write(unit)
    except StaleState:
        raise CommandRefused("changed-meanwhile", "draft.changed-meanwhile") from None


COMMANDS: Final[Mapping[str, Command]] = {
    "routes.propose": _propose,
    "routes.rollback": _rollback,
    "routes.drafts": _list,
    "routes.difference": _difference,
    "routes.discard": _discard,
}
