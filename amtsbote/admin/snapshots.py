"""The routing tables for other nodes: sign those in force, and take over what another node has signed."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from amtsbote.admin.asking import Answer, Arguments, Command, read_arguments
from amtsbote.admin.office import Office
from amtsbote.admin.referring import known_for_rules
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.routes import document_of
from amtsbote.api.persistence import AuditRow, Transaction, Unit
from amtsbote.errors import StaleState
from amtsbote.jose.jwk import keys_of_set
from amtsbote.jose.jws import compact
from amtsbote.keys.keystore import KeyStore
from amtsbote.model.directory import Directory, KeyPurpose
from amtsbote.model.ids import KeyId
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.versions import Mirrored
from routing.snapshots import Head, SnapshotRefused, read
from routing.tables import check


class _Signed(Arguments):
    content: str
    """The file, in base64."""
    keys: dict[str, Any]
    """The JWK set whose keys are believed."""


async def _export(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """The signed head of the version in force; its tables are asked for one by one."""
    read_arguments(Arguments, arguments)
    document = await document_of(office)
    about, directory = await office.store.read(lambda tx: (tx.routing.about(document.version), tx.directory.load()))
    head = Head.of(
        document.tables,
        issuer=office.routing_issuer,
        version=document.version,
        effective=about.effective,
        created=office.clock(),
    )
    signature = await asyncio.to_thread(_signed, office, directory, head)
    return {"members": head.members(), "signature": signature}


def _signed(office: Office, directory: Directory, head: Head) -> str:
    key = directory.service_key(KeyPurpose.ADDRESSING)
    data = head.to_sign(key)
    return compact(data, KeyStore(office.vault, [directory.keys[key]]).sign(key, data))


@dataclass(frozen=True, slots=True)
class _Present:
    """What is here before a snapshot is taken over."""

    directory: Directory
    newest: int
    mirrored: tuple[int, int] | None
    """The last one from the same issuer: its number here, and there."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """Signed by a key that is believed, and whole."""

    head: Head
    key: KeyId
    tables: Mapping[str, bytes]

    def told(self) -> Answer:
        head = self.head
        return {"issuer": head.issuer, "version": head.version, "kid": self.key, "sha256": head.digest}


async def _mirror(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """Take the tables over as a version of ours; `routing` is its number, None when it has been taken over before."""
    asked = await asyncio.to_thread(read_arguments, _Signed, arguments)
    snapshot = await asyncio.to_thread(_read, asked)
    if snapshot.head.issuer == office.routing_issuer:
        raise SnapshotRefused("own", version=snapshot.head.version)
    present = await office.store.read(
        lambda tx: _Present(tx.directory.load(), tx.routing.newest(), tx.routing.mirrored(snapshot.head.issuer))
    )
    if await _is_here(office, snapshot, present.mirrored):
        return {**snapshot.told(), "routing": None}
    known = known_for_rules(office, present.directory)
    await asyncio.to_thread(check, RoutingDocument(0, snapshot.tables), known)
    try:
        number = await office.store.write(_taken_over(snapshot, present, actor, office.clock()))
    except StaleState:
        raise CommandRefused("changed-meanwhile", "office.changed-meanwhile") from None
    await office.changed()
    return {**snapshot.told(), "routing": number}


def _taken_over(snapshot: _Snapshot, present: _Present, actor: str, at: datetime) -> Unit[int]:
    """Adds the version and its audit row: written there, released here by a second person. Raises `StaleState`."""
    head = snapshot.head

    def unit(tx: Transaction) -> int:
        if (tx.directory.revision(), tx.routing.newest()) != (present.directory.revision, present.newest):
            raise StaleState("routing")
        number = tx.routing.add(
            snapshot.tables,
            at=at,
            author=head.issuer,
            reason=f"{head.issuer} {head.version}",
            releaser=actor,
            effective=max(head.effective, german_day(at)),
            mirrored=Mirrored(head.issuer, head.version),
        )
        before = None if present.mirrored is None else {"version": present.mirrored[1]}
        tx.audit.add(AuditRow(at, actor, "routing.mirrored", str(number), before, snapshot.told()))
        return number

    return unit


def _read(asked: _Signed) -> _Snapshot:
    try:
        content = base64.b64decode(asked.content, validate=True)
    except binascii.Error:
        raise SnapshotRefused("form") from None
    opened = read(BytesIO(content), keys_of_set(asked.keys, KeyPurpose.ADDRESSING))
    return _Snapshot(opened.head, opened.key, dict(opened.tables))


async def _is_here(office: Office, snapshot: _Snapshot, last: tuple[int, int] | None) -> bool:
    """Whether this very version has been taken over. Raises `SnapshotRefused` for an older one, and for another one of
    the same number."""
    version = snapshot.head.version
    if last is None or last[1] < version:
        return False
    number, known = last
    if known > version:
        raise SnapshotRefused("older", version=version, known=known)
    here = await office.store.read(lambda tx: tx.routing.document(number))
    if here.tables != snapshot.tables:
        raise SnapshotRefused("other", version=version)
    return True


COMMANDS: Final[Mapping[str, Command]] = {"routes.export": _export, "routes.mirror": _mirror}
