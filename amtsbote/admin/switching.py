"""Switch a destination or a client on or off: one audited change each, refused when it would not fit the rest.

Nothing is deleted: messages and signed events refer to both for good.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from amtsbote.admin.asking import Answer, Command, One, read_arguments
from amtsbote.admin.difference import id_of, view
from amtsbote.admin.office import Office
from amtsbote.admin.participants import unknown_entry
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import AuditRow, Transaction, Unit
from amtsbote.errors import StaleState
from amtsbote.model.directory import Client, ClientRole, Destination, DestinationStatus, Directory
from amtsbote.model.ids import ClientId, DestinationId
from routing.destinations import ambiguities

Switched = TypeVar("Switched", Client, Destination)


async def _destination(status: DestinationStatus, office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    name = read_arguments(One, arguments).id
    directory = await office.store.read(lambda tx: tx.directory.load())
    before = directory.destinations.get(DestinationId(name))
    if before is None:
        raise unknown_entry("destination", name)
    after = replace(before, status=status)
    if after.status is not before.status:
        await asyncio.to_thread(_demand_unambiguous, directory, after)
    return await _switch(office, actor, directory.revision, before, after)


def _demand_unambiguous(directory: Directory, after: Destination) -> None:
    """A destination switched on may serve the same authority, service and region as another one does meanwhile."""
    known = set(ambiguities(directory))
    future = replace(directory, destinations={**directory.destinations, after.id: after})
    new = [one for one in ambiguities(future) if one not in known]
    if new:
        refused = CommandRefused("ambiguous", "office.ambiguous", reason=new[0].text("en"))
        refused.de = new[0].text("de")
        raise refused


async def _client(owner: tuple[ClientRole, bool], office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """`owner`: the role its clients have, and whether they may ask for tokens from now on."""
    role, active = owner
    name = read_arguments(One, arguments).id
    directory = await office.store.read(lambda tx: tx.directory.load())
    before = directory.clients.get(ClientId(name))
    if before is None or before.role is not role:
        raise unknown_entry("client", name)
    return await _switch(office, actor, directory.revision, before, replace(before, active=active))


async def _switch(office: Office, actor: str, revision: int, before: Switched, after: Switched) -> Answer:
    """Recorded only on the directory that was looked at. Raises `CommandRefused` when it changed meanwhile."""
    kind = "client" if isinstance(after, Client) else "destination"
    if before != after:
        row = AuditRow(office.clock(), actor, f"{kind}.changed", id_of(after), view(before), view(after))
        try:
            await office.store.write(_recorded(revision, after, row))
        except StaleState:
            raise CommandRefused("changed-meanwhile", "office.changed-meanwhile") from None
        await office.changed()
    return {"changed": before != after, kind: {"id": id_of(after), **view(after)}}


def _recorded(revision: int, entry: Client | Destination, row: AuditRow) -> Unit[None]:
    def unit(tx: Transaction) -> None:
        if tx.directory.revision() != revision:
            raise StaleState("directory")
        tx.directory.put(entry)
        tx.audit.add(row)

    return unit


COMMANDS: Final[Mapping[str, Command]] = {
    "destinations.activate": partial(_destination, DestinationStatus.ACTIVE),
    "destinations.deactivate": partial(_destination, DestinationStatus.INACTIVE),
    "portals.client-on": partial(_client, (ClientRole.SENDER, True)),
    "portals.client-off": partial(_client, (ClientRole.SENDER, False)),
    "tenants.client-on": partial(_client, (ClientRole.SUBSCRIBER, True)),
    "tenants.client-off": partial(_client, (ClientRole.SUBSCRIBER, False)),
}
