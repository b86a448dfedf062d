"""What a change set is tried on: whole documents, and the submissions of the last days without their content.

The trial itself is the asker's: it takes the tables of a country twice, and the service has other things to do.
"""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final

from pydantic import Field

from amtsbote.admin.asking import MOST_LISTED, Answer, Arguments, Command, read_arguments
from amtsbote.admin.drafts import demand_open, found
from amtsbote.admin.office import Office
from amtsbote.admin.people import Person, person_of
from amtsbote.admin.routes import VersionNumber, document_of
from amtsbote.admin.weighing import on_top
from amtsbote.model.directory import Directory, Holding, Reach
from amtsbote.model.replay import PastSubmission
from amtsbote.model.routing import RoutingDocument, german_day, within
from routing.inboxes import Inboxes
from schemas.package import default_rules


class _Document(Arguments):
    version: VersionNumber | None = None
    draft: int | None = Field(None, ge=1, le=2**53)
    """Its tables as its release would make them."""


class _Submissions(Arguments):
    days: int = Field(30, ge=1, le=3660)
    after: int = Field(0, ge=0, le=2**53)


async def _document(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Document, arguments)
    if asked.draft is None:
        return await asyncio.to_thread(_told, office, await document_of(office, asked.version), None)
    draft, base, tables = await found(office, asked.draft)
    demand_open(draft)
    day = max(draft.proposed.effective or date.min, german_day(office.clock()))
    tip = await office.store.read(lambda tx: tx.routing.current(day)) or base
    wanted = await office.scales([tip.tables, base.tables, tables], on_top, tip, base, tables)
    return await asyncio.to_thread(_told, office, RoutingDocument(tip.version, wanted), draft.proposed.effective)


async def _inboxes(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """Where portals are sent at present: what everybody may ask the routing API for."""
    read_arguments(Arguments, arguments)
    directory = await office.store.read(lambda tx: tx.directory.load())
    found = Inboxes.of(directory.destinations.values(), directory.authorities.values())
    return await asyncio.to_thread(found.document)


def _told(office: Office, document: RoutingDocument, effective: date | None) -> Answer:
    return {
        "version": document.version,
        "effective": effective and effective.isoformat(),
        "tables": {name: b64encode(data).decode() for name, data in document.tables.items()},
        "defaults": [asdict(rule) for rule in default_rules(office.packages)],
    }


async def _submissions(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """One page of those in the asker's scope; `next` is where to go on."""
    asked = read_arguments(_Submissions, arguments)
    since = office.clock() - timedelta(days=asked.days)
    directory, past = await office.store.read(
        lambda tx: (tx.directory.load(), tx.messages.past(since, asked.after, MOST_LISTED))
    )
    person = person_of(actor, directory)
    addressed = [one for one in past if _is_addressed_here(one, directory) and _may_see(person, one, directory)]
    shown = [_shown(one, _place(one, directory)) for one in addressed]
    return {"submissions": shown, "next": past[-1].number if len(past) == MOST_LISTED else None}


def _shown(one: PastSubmission, place: str) -> Answer:
    return {
        "id": one.id,
        "service": one.service,
        "region": place,
        "date": german_day(one.submitted_at).isoformat(),
        "stage": one.stage.value,
        "facts": dict(one.facts),
    }


def _is_addressed_here(one: PastSubmission, directory: Directory) -> bool:
    """What is opened at the subscriber's goes where the portal sent it, whatever the tables say."""
    destination = directory.destinations.get(one.destination)
    return destination is None or destination.holding is Holding.BROKER


def _may_see(person: Person, one: PastSubmission, directory: Directory) -> bool:
    editor = person.editor
    if editor is None:
        return True
    place = _place(one, directory)
    return (
        any(within(place, region) for region in editor.regions)
        and (not editor.services or one.service.startswith(editor.services))
        and (not editor.tenants or one.tenant in editor.tenants)
    )


def _place(one: PastSubmission, directory: Directory) -> str:
    """As the pipeline takes it: what was asked with, else the only region of a direct destination."""
    if one.region is not None:
        return one.region
    destination = directory.destinations.get(one.destination)
    offered = destination.offers(one.service) if destination is not None else None
    if destination is None or destination.reach is not Reach.DIRECT or offered is None or len(offered.regions) != 1:
        return ""
    return offered.regions[0]


COMMANDS: Final[Mapping[str, Command]] = {
    "routes.document": _document,
    "routes.inboxes": _inboxes,
    "routes.submissions": _submissions,
}
