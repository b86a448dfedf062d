"""Clients of portals, tenants and editors: let them in or lock them out, replace a secret, limit what they may do.

A secret is made by whoever calls and shown there once; only its SHA-256 comes here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from amtsbote.admin.asking import Answer, Command, One, read_arguments
from amtsbote.admin.declaration import RegionKey
from amtsbote.admin.office import Office
from amtsbote.admin.participants import unknown_entry
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.switching import switch
from amtsbote.model.directory import MOST_REGIONS, MOST_SECRETS, Client, ClientRole
from amtsbote.model.ids import ClientId

Change = Callable[[Client, Any], Client]


class _Secret(One):
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Drop(One):
    newer: bool = False
    """The one that came last instead of the one before it."""


class _Regions(One):
    regions: tuple[RegionKey, ...] = Field((), max_length=MOST_REGIONS)


async def _changed(
    role: ClientRole, model: type[One], change: Change, office: Office, actor: str, arguments: Mapping[str, Any]
) -> Answer:
    """`change` makes the client as it is to be, of the client as it is and what was asked."""
    asked = read_arguments(model, arguments)
    directory = await office.store.read(lambda tx: tx.directory.load())
    before = directory.clients.get(ClientId(asked.id))
    if before is None or before.role is not role:
        raise unknown_entry("client", asked.id)
    return await switch(office, actor, directory.revision, before, change(before, asked))


def _admitted(client: Client, _: One) -> Client:
    return replace(client, active=True)


def _locked_out(client: Client, _: One) -> Client:
    return replace(client, active=False)


def _with_secret(client: Client, asked: _Secret) -> Client:
    if asked.sha256 in client.secret_hashes:
        return client
    if len(client.secret_hashes) >= MOST_SECRETS:
        raise CommandRefused("wrong-state", "office.client-secrets-full", id=client.id)
    return replace(client, secret_hashes=(*client.secret_hashes, asked.sha256))


def _without_secret(client: Client, asked: _Drop) -> Client:
    if len(client.secret_hashes) < MOST_SECRETS:
        raise CommandRefused("wrong-state", "office.client-last-secret", id=client.id)
    older, newer = client.secret_hashes
    return replace(client, secret_hashes=(older,) if asked.newer else (newer,))


def _limited(client: Client, asked: _Regions) -> Client:
    return replace(client, regions=tuple(dict.fromkeys(asked.regions)))


def _managing(client: Client, _: One) -> Client:
    return replace(client, manages=True)


def _not_managing(client: Client, _: One) -> Client:
    return replace(client, manages=False)


def _commands(noun: str, role: ClientRole, **changes: tuple[type[One], Change]) -> dict[str, Command]:
    named = {name.replace("_", "-"): how for name, how in changes.items()}
    return {f"{noun}.client-{name}": partial(_changed, role, model, change) for name, (model, change) in named.items()}


_BOTH: Final[Mapping[str, tuple[type[One], Change]]] = {
    "on": (One, _admitted),
    "off": (One, _locked_out),
    "add_secret": (_Secret, _with_secret),
    "drop_secret": (_Drop, _without_secret),
}
COMMANDS: Final[Mapping[str, Command]] = {
    **_commands("portals", ClientRole.SENDER, **_BOTH, regions=(_Regions, _limited)),
    **_commands("tenants", ClientRole.SUBSCRIBER, **_BOTH, manage_on=(One, _managing), manage_off=(One, _not_managing)),
    **_commands("editors", ClientRole.EDITOR, **_BOTH),
}
