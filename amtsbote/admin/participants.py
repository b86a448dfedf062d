"""Look at who takes part: tenants, portals, destinations, authorities, targets, editors. Nothing secret is shown."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from amtsbote.admin.asking import Answer, Command, Listed, Name, One, read_arguments
from amtsbote.admin.difference import id_of, view
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import DirectoryEntry
from amtsbote.model.directory import (
    Authority,
    Client,
    ClientRole,
    Destination,
    Directory,
    Editor,
    Portal,
    Reach,
    Target,
    Tenant,
)
from amtsbote.model.stage import Stage
from amtsbote.text.catalogue import say

NOUNS: Final[Mapping[str, str]] = {
    "tenants": "tenant",
    "portals": "portal",
    "destinations": "destination",
    "authorities": "authority",
    "targets": "target",
    "editors": "editor",
}
"""Noun of the command, which is its mapping in the directory → kind of entry."""


class _Wish(Listed):
    tenant: Name | None = None
    """Only what belongs to this tenant. Portals belong to none, tenants to themselves."""
    stage: Stage | None = None


def unknown_entry(kind: str, name: str) -> CommandRefused:
    refused = CommandRefused("not-found", "office.entry-unknown", kind=say(f"kind.{kind}", "en"), id=name)
    refused.de = say("office.entry-unknown", "de", kind=say(f"kind.{kind}", "de"), id=name)
    return refused


async def _list(noun: str, office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Wish, arguments)
    directory = await office.store.read(lambda tx: tx.directory.load())
    found = [entry for entry in _entries(directory, noun).values() if _wanted(entry, asked)]
    found.sort(key=id_of)
    page = found[asked.offset : asked.offset + asked.limit]
    return {
        "total": len(found),
        "offset": asked.offset,
        noun: [{"id": id_of(entry), **view(entry, office.adapters)} for entry in page],
    }


async def _show(noun: str, office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    name = read_arguments(One, arguments).id
    directory = await office.store.read(lambda tx: tx.directory.load())
    entry = _entries(directory, noun).get(name)
    if entry is None:
        raise unknown_entry(NOUNS[noun], name)
    return {
        NOUNS[noun]: {"id": name, **view(entry, office.adapters)},
        "clients": [_client(one) for one in _clients(directory, entry)],
        "related": {kind: sorted(ids) for kind, ids in related(directory, entry).items()},
    }


def _entries(directory: Directory, noun: str) -> Mapping[str, DirectoryEntry]:
    entries: Mapping[str, DirectoryEntry] = getattr(directory, noun)
    return entries


def _wanted(entry: DirectoryEntry, asked: _Wish) -> bool:
    owner = entry.id if isinstance(entry, Tenant) else getattr(entry, "tenant", None)
    return asked.tenant in {None, owner} and asked.stage in {None, getattr(entry, "stage", None)}


def _clients(directory: Directory, entry: DirectoryEntry) -> list[Any]:
    roles = {Tenant: ClientRole.SUBSCRIBER, Portal: ClientRole.SENDER, Editor: ClientRole.EDITOR}
    role = roles.get(type(entry))
    return [one for one in directory.clients.values() if one.role is role and one.owner == id_of(entry)]


def _client(client: Client) -> Answer:
    shown = {"id": client.id, "active": client.active, "secrets": len(client.secret_hashes)}
    if client.role is ClientRole.SENDER:
        return {**shown, "test": client.test, "regions": list(client.regions)}
    return {**shown, "manages": client.manages} if client.role is ClientRole.SUBSCRIBER else shown


def related(directory: Directory, entry: DirectoryEntry) -> dict[str, list[str]]:
    """What a person asks next about an entry: noun → ids that belong to it or use it."""
    match entry:
        case Tenant():
            nouns = ("destinations", "authorities", "targets")
            return {noun: _of_tenant(directory, noun, entry) for noun in nouns}
        case Destination():
            return {"authorities": [one.id for one in directory.authorities.values() if _reaches(entry, one)]}
        case Authority():
            return {"destinations": [one.id for one in directory.destinations.values() if _reaches(one, entry)]}
        case Target():
            return {"authorities": [one.id for one in directory.authorities.values() if entry.id in one.targets]}
    return {}


def _of_tenant(directory: Directory, noun: str, tenant: Tenant) -> list[str]:
    return [id_of(one) for one in _entries(directory, noun).values() if getattr(one, "tenant", None) == tenant.id]


def _reaches(destination: Destination, authority: Authority) -> bool:
    if destination.reach is Reach.DIRECT:
        return destination.authority == authority.id
    return authority.tenant in destination.serves


def _commands(verb: str, command: Callable[..., Any]) -> dict[str, Command]:
    return {f"{noun}.{verb}": partial(command, noun) for noun in NOUNS}


COMMANDS: Final[Mapping[str, Command]] = {**_commands("list", _list), **_commands("show", _show)}
