"""Look at keys, and bring them into the house: made here, certified, imported; their public halves given out."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import StringConstraints

from amtsbote.admin.asking import Answer, Arguments, Command, Name, read_arguments
from amtsbote.admin.declaration import Uuid
from amtsbote.admin.difference import view
from amtsbote.admin.keyring import (
    OneKey,
    changeable_key,
    changing,
    check_certificates,
    known_key,
    leaf_key,
    read_pem_chain,
    shown_certificate,
    shown_key,
    the_directory,
)
from amtsbote.admin.masterkey import COMMANDS as MASTER_KEY
from amtsbote.admin.masterkey import shown_master_key
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.rotation import COMMANDS as ROTATION
from amtsbote.api.persistence import AuditRow, Transaction
from amtsbote.errors import Misconfigured
from amtsbote.jose.jwk import load_public, public_jwk
from amtsbote.keys.making import Belonging, import_private, import_public, new_certifiable_key
from amtsbote.model.directory import Directory, Holding, KeyEntry, KeyPurpose
from amtsbote.model.ids import DestinationId, TenantId

Pem = Annotated[str, StringConstraints(max_length=100_000)]


class _List(Arguments):
    destination: Uuid | None = None


class _New(Arguments):
    destination: Uuid
    purpose: Literal["encryption", "signature"]
    tenant: Name | None = None
    """Needed as long as there is no such destination."""


class _Certify(OneKey):
    chain: Pem


class _Import(_New):
    chain: Pem
    private: Pem | None = None


async def _list(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_List, arguments)
    directory = await office.store.read(the_directory)
    wanted = [key for key in directory.keys.values() if asked.destination in (None, key.owner)]
    wanted.sort(key=lambda key: (key.owner, key.purpose, key.kid))
    keys = [shown_key(directory, key) for key in wanted]
    return {"keys": keys, "master_key": await shown_master_key(office)}


async def _show(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(OneKey, arguments)
    directory = await office.store.read(the_directory)
    key = known_key(directory, asked.kid)
    return {"key": shown_key(directory, key), "chain": [shown_certificate(der) for der in key.chain]}


async def _export_public(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(OneKey, arguments)
    key = known_key(await office.store.read(the_directory), asked.kid)
    public = load_public(key.public).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    chain = b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in key.chain)
    jwk = public_jwk(key.public, key.purpose, key.chain, key.kid)
    return {"kid": key.kid, "jwk": jwk, "pem": public.decode(), "chain": chain.decode()}


async def _create(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """Make an RSA key and the request for its certificate; the private half is sealed before it is stored."""
    asked = read_arguments(_New, arguments)
    directory = await office.store.read(the_directory)
    belonging, holding = _belonging(directory, asked)
    if holding is Holding.END_TO_END:
        raise CommandRefused("held-elsewhere", "keys.held-elsewhere", id=asked.destination)
    organisation = directory.tenants[belonging.tenant].name
    made, request = await asyncio.to_thread(new_certifiable_key, belonging, organisation, office.vault)
    added = await _add(office, actor, made, asked, "key.created")
    return {**added, "request": request.decode()}


async def _import(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Import, arguments)
    belonging, holding = _belonging(await office.store.read(the_directory), asked)
    if holding is Holding.BROKER and asked.private is None:
        raise CommandRefused("private", "keys.private-needed")
    if holding is Holding.END_TO_END and asked.private is not None:
        raise CommandRefused("held-elsewhere", "keys.held-elsewhere", id=asked.destination)
    entry = await asyncio.to_thread(_imported, office, asked, belonging)
    return await _add(office, actor, entry, asked, "key.imported")


async def _certify(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Certify, arguments)
    chain, at = read_pem_chain(asked.chain), office.clock()

    def unit(tx: Transaction) -> Answer:
        directory = tx.directory.load()
        key = changeable_key(directory, asked.kid)
        certified = replace(key, chain=chain)
        check_certificates(office, certified)
        tx.directory.put(certified)
        tx.audit.add(AuditRow(at, actor, "key.certified", key.kid, view(key), view(certified)))
        return {"key": shown_key(directory, certified)}

    return await changing(office, unit)


def _imported(office: Office, asked: _Import, belonging: Belonging) -> KeyEntry:
    """The key of the files, checked. Reading a private key takes a third of a second."""
    chain = read_pem_chain(asked.chain)
    purpose, owner, tenant = belonging.purpose, belonging.owner, belonging.tenant
    if asked.private is None:
        entry = import_public(leaf_key(chain), purpose=purpose, owner=owner, tenant=tenant, chain=chain)
    else:
        try:
            private = asked.private.encode()
            entry = import_private(
                private, purpose=purpose, owner=owner, tenant=tenant, chain=chain, vault=office.vault
            )
        except Misconfigured:
            raise CommandRefused("private", "keys.private-unreadable") from None
    check_certificates(office, entry)
    return entry


async def _add(office: Office, actor: str, made: KeyEntry, asked: _New, action: str) -> Answer:
    at = office.clock()
    entry = replace(made, made_at=at)

    def unit(tx: Transaction) -> Answer:
        directory = tx.directory.load()
        _, holding = _belonging(directory, asked)
        if not entry.suits(holding):  # declared since the key was begun
            raise CommandRefused("held-elsewhere", "keys.held-elsewhere", id=asked.destination)
        if entry.kid in directory.keys:
            user = directory.keys[entry.kid].owner or "amtsbote"
            raise CommandRefused("key-known", "keys.known", kid=entry.kid, user=user)
        tx.directory.put(entry)
        tx.audit.add(AuditRow(at, actor, action, entry.kid, None, view(entry)))
        return {"key": shown_key(directory, entry)}

    return await changing(office, unit)


def _belonging(directory: Directory, asked: _New) -> tuple[Belonging, Holding]:
    """Whom the key is for. A destination that is not declared yet is taken for one whose keys are held here."""
    destination = directory.destinations.get(DestinationId(asked.destination))
    tenant = asked.tenant or (destination.tenant if destination is not None else None)
    if tenant is None:
        raise CommandRefused("not-found", "keys.tenant-needed", id=asked.destination)
    if destination is not None and tenant != destination.tenant:
        raise CommandRefused("other-owner", "keys.other-tenant", id=destination.id, tenant=destination.tenant)
    if TenantId(tenant) not in directory.tenants:
        raise CommandRefused("not-found", "keys.tenant-unknown", id=tenant)
    holding = destination.holding if destination is not None else Holding.BROKER
    return Belonging(KeyPurpose(asked.purpose), asked.destination, TenantId(tenant)), holding


COMMANDS: Final[Mapping[str, Command]] = {
    "keys.list": _list,
    "keys.show": _show,
    "keys.export-public": _export_public,
    "keys.create": _create,
    "keys.import": _import,
    "keys.certify": _certify,
    **ROTATION,
    **MASTER_KEY,
}
