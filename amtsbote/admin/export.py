"""The whole directory and the routing tables as a declaration: `apply` reads it back as no change.

Neither secrets nor private keys leave the installation. What is not written is named, so that whoever reads the file
elsewhere knows what to add.
"""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import StringConstraints

from amtsbote.admin.asking import Answer, Arguments, Command, read_arguments
from amtsbote.admin.hidden import shown_options
from amtsbote.admin.office import Office
from amtsbote.admin.toml import toml_document
from amtsbote.api.adapter import AdapterKind
from amtsbote.jose.jwk import load_public, thumbprint
from amtsbote.model.directory import (
    Authority,
    Client,
    ClientRole,
    Deadlines,
    Destination,
    Directory,
    Editor,
    KeyEntry,
    Portal,
    Status,
    Target,
    Tenant,
)
from amtsbote.model.ids import KeyId
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.shown import HIDDEN
from amtsbote.model.term import Term

Table = dict[str, Any]


class _Export(Arguments):
    folder: Annotated[str, StringConstraints(pattern=r"^[^/\x00]+$", max_length=255)]
    """Folder beside the declaration in which its files will lie."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """Collects tables, files, and what cannot be written."""

    directory: Directory
    adapters: Mapping[str, AdapterKind]
    folder: str
    files: dict[str, bytes] = field(default_factory=dict)
    """Name as the declaration says it → content."""
    missing: dict[str, list[str]] = field(default_factory=dict)
    """What the declaration does not hold → whose."""

    def declaration(self, document: RoutingDocument | None) -> str:
        """TOML. Tables come in the order of their ids, so that two exports can be compared."""
        known = self.directory
        tables = document.tables if document is not None else {}
        written = [self._destination(one) for _, one in sorted(known.destinations.items())]
        return toml_document(
            {
                "tenants": [
                    {**_tenant(one), **self._clients(ClientRole.SUBSCRIBER, one.id)}
                    for _, one in sorted(known.tenants.items())
                ],
                "portals": [self._portal(one) for _, one in sorted(known.portals.items())],
                "targets": [self._target(one) for _, one in sorted(known.targets.items())],
                "authorities": [_authority(one) for _, one in sorted(known.authorities.items())],
                "destinations": [one for one in written if one is not None],
                "editors": [
                    {**_editor(one), **self._clients(ClientRole.EDITOR, one.id)}
                    for _, one in sorted(known.editors.items())
                ],
                "routes": {name: self._file(f"{name}.csv", tables[name]) for name in sorted(tables)},
            }
        )

    def _clients(self, role: ClientRole, owner: str) -> Table:
        clients = [one for _, one in sorted(self.directory.clients.items()) if (one.role, one.owner) == (role, owner)]
        for client in clients:
            self._miss("secrets", client.id)
        return {"clients": [_client(one) for one in clients]} if clients else {}

    def _portal(self, portal: Portal) -> Table:
        if portal.signing_keys:
            self._miss("signing-keys", portal.id)
        keys = {"signing_keys": sorted(portal.signing_keys)} if portal.signing_keys else {}
        return {"id": portal.id, "name": portal.name, **keys, **self._clients(ClientRole.SENDER, portal.id)}

    def _target(self, target: Target) -> Table:
        options = shown_options(target, self.adapters.get(target.adapter))
        if HIDDEN in options.values():
            self._miss("options", target.id)
        return {
            "id": target.id,
            "tenant": target.tenant,
            "adapter": target.adapter,
            "stage": target.stage.value,
            **({"schemas": target.schemas} if target.schemas else {}),
            "options": options,
        }

    def _destination(self, one: Destination) -> Table | None:
        keys = {"encryption_key": one.encryption_key, "signing_key": one.signing_key}
        written = {name: self._key(f"{one.id}-{name.partition('_')[0]}.pem", kid) for name, kid in keys.items() if kid}
        if None in written.values():
            self._miss("uncertified", one.id)
            return None
        if one.callback is not None:
            self._miss("callback-secrets", one.id)
        return {
            "id": one.id,
            "tenant": one.tenant,
            "name": one.name,
            "holding": one.holding.value,
            "reach": one.reach.value,
            "stage": one.stage.value,
            **({"authority": one.authority} if one.authority is not None else {}),
            **({"serves": one.serves} if one.serves else {}),
            **({"subscriber": one.subscriber} if one.subscriber is not None else {}),
            **({"status": one.status.value} if one.status is not Status.ACTIVE else {}),
            **written,
            "metadata_versions": one.metadata_versions,
            "oldest_metadata_version": one.oldest_metadata_version,
            "signature_policy": {verdict.value: action.value for verdict, action in one.signature_policy.items()},
            "contact": dict(one.contact),
            **({} if one.deadlines == Deadlines() else {"deadlines": _deadlines(one.deadlines)}),
            "reply_channels": {name: dict(members) for name, members in one.reply_channels.items()},
            **({"callback": {"url": one.callback.url}} if one.callback is not None else {}),
            "services": [_service(offered) for offered in one.services],
        }

    def _key(self, name: str, kid: KeyId) -> Table | None:
        """A key by the file of its certificates; None while it has none."""
        key = self.directory.keys.get(kid)
        if key is None or not key.chain:
            return None
        if key.sealed_private is not None:
            self._miss("private-keys", key.owner)
        named = {} if kid == thumbprint(load_public(key.public)) else {"kid": kid}
        return {"chain": self._file(name, _pem(key)), **named}

    def _file(self, name: str, content: bytes) -> str:
        path = f"{self.folder}/{name}"
        self.files[path] = content
        return path

    def _miss(self, what: str, whose: str) -> None:
        found = self.missing.setdefault(what, [])
        if whose not in found:
            found.append(whose)


def _tenant(tenant: Tenant) -> Table:
    terms = [_term(term) for term in tenant.schemas]
    special = {**({"schemas": terms} if terms else {}), **({} if tenant.four_eyes else {"four_eyes": False})}
    return {"id": tenant.id, "name": tenant.name, "land": tenant.land, **special}


def _authority(one: Authority) -> Table:
    stand = {"stand": one.stand} if one.stand is not None else {}
    origin = {"origin": one.origin, **stand} if one.origin else {}
    return {"id": one.id, "tenant": one.tenant, "name": one.name, "targets": one.targets, **origin}


def _editor(editor: Editor) -> Table:
    limits = {"services": editor.services, "tenants": editor.tenants}
    return {
        "id": editor.id,
        "name": editor.name,
        **({"user": editor.user} if editor.user is not None else {}),
        "regions": editor.regions,
        **{name: values for name, values in limits.items() if values},
        **({"may_release": True} if editor.may_release else {}),
    }


def _term(term: Term) -> Table:
    days = {"valid_from": term.valid_from, "valid_to": term.valid_to}
    return {"uri": term.uri, **{name: day for name, day in days.items() if day is not None}}


def _client(client: Client) -> Table:
    """What differs from the defaults of a declaration."""
    special = {
        "active": (client.active, True),
        "test": (client.test, False),
        "regions": (client.regions, ()),
        "manages": (client.manages, False),
    }
    return {"id": client.id, **{name: value for name, (value, default) in special.items() if value != default}}


def _deadlines(deadlines: Deadlines) -> Table:
    return {
        "told_after": [span.days for span in deadlines.told_after],
        "rejected_after": deadlines.rejected_after.days,
        "accepted_kept": deadlines.accepted_kept.days,
        "rejected_kept": deadlines.rejected_kept.days,
        "announced_kept": deadlines.announced_kept.days,
    }


def _service(offered: Any) -> Table:
    """A service without regions is offered everywhere: the empty prefix says so in a declaration."""
    schemas = [{"uri": schema.uri, "mime_type": schema.mime_type} for schema in offered.schemas]
    return {"service": offered.service, "name": offered.name, "regions": offered.regions or ("",), "schemas": schemas}


def _pem(key: KeyEntry) -> bytes:
    return b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in key.chain)


async def _export(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    folder = read_arguments(_Export, arguments).folder
    today = german_day(office.clock())
    directory, document = await office.store.read(lambda tx: (tx.directory.load(), tx.routing.current(today)))
    exporter = Exporter(directory, office.adapters, folder)
    declaration = await asyncio.to_thread(exporter.declaration, document)
    return {
        "revision": directory.revision,
        "routing": document.version if document is not None else 0,
        "declaration": declaration,
        "files": {name: base64.b64encode(content).decode() for name, content in exporter.files.items()},
        "missing": exporter.missing,
    }


COMMANDS: Final[Mapping[str, Command]] = {"export": _export}
