"""One key after the other: a destination takes a new one, the former opens what was sent before, and then retires."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from amtsbote.admin.asking import Answer, Arguments, Command, Name, read_arguments
from amtsbote.admin.declaration import Uuid
from amtsbote.admin.difference import view
from amtsbote.admin.keyring import (
    OneKey,
    changeable_key,
    changing,
    check_certificates,
    is_current,
    shown_key,
)
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import AuditRow, DirectoryEntry, Transaction
from amtsbote.model.directory import Destination, Directory, KeyEntry, KeyPurpose
from amtsbote.model.ids import DestinationId, KeyId

SETTLING: Final = timedelta(minutes=1)
"""How long every node has to take over a rotation before the former key may go."""
CLOCK_DOUBT: Final = timedelta(hours=1)
"""How far the clocks of rotation and submission may have disagreed: what was announced that soon after a rotation still
counts as announced before."""


class _Rotate(Arguments):
    destination: Uuid
    to: Name


async def _rotate(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    asked = read_arguments(_Rotate, arguments)
    at = office.clock()

    def unit(tx: Transaction) -> Answer:
        directory = tx.directory.load()
        before = directory.destinations.get(DestinationId(asked.destination))
        if before is None:
            raise CommandRefused("not-found", "keys.destination-unknown", id=asked.destination)
        key = _fitting(directory, before, asked.to)
        check_certificates(office, key)
        after, former = _taking(before, key)
        for entry in turned_over(directory, [after], at):
            tx.directory.put(entry)
        tx.audit.add(AuditRow(at, actor, "key.rotated", before.id, {"kid": former}, {"kid": key.kid}))
        return {"destination": before.id, "purpose": key.purpose.value, "current": key.kid, "former": former}

    return await changing(office, unit)


async def _retire(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """Destroy the private half. The public half stays, so that old events verify."""
    asked = read_arguments(OneKey, arguments)
    at = office.clock()

    def unit(tx: Transaction) -> Answer:
        directory = tx.directory.load()
        key = changeable_key(directory, asked.kid)
        _must_be_done(tx, directory, key, at)
        retired = replace(key, sealed_private=None, retired_at=at)
        tx.directory.put(retired)
        tx.audit.add(AuditRow(at, actor, "key.retired", key.kid, view(key), view(retired)))
        return {"key": shown_key(directory, retired)}

    return await changing(office, unit)


def turned_over(present: Directory, entries: Sequence[DirectoryEntry], at: datetime) -> tuple[DirectoryEntry, ...]:
    """`entries` that shall be recorded, and with them the keys that their destinations leave or take up again."""
    wanted = {one.id: one for one in entries if isinstance(one, Destination)}
    before = {key for name in wanted if name in present.destinations for key in _keys_of(present.destinations[name])}
    after = {key for one in wanted.values() for key in _keys_of(one)}
    keys = {**present.keys, **{one.kid: one for one in entries if isinstance(one, KeyEntry)}}
    marked = {kid: replace(keys[kid], replaced_at=at) for kid in before - after if kid in keys}
    again = {kid: replace(keys[kid], replaced_at=None) for kid in after - before if kid in keys and kid in present.keys}
    marked |= {kid: key for kid, key in again.items() if keys[kid].replaced_at is not None}
    others = (one for one in entries if not (isinstance(one, KeyEntry) and one.kid in marked))
    return (*others, *marked.values())


def _keys_of(destination: Destination) -> tuple[KeyId, KeyId]:
    return destination.encryption_key, destination.signing_key


def _taking(destination: Destination, key: KeyEntry) -> tuple[Destination, KeyId]:
    """The destination with the key as its current one, and the key it had."""
    if key.purpose is KeyPurpose.ENCRYPTION:
        return replace(destination, encryption_key=key.kid), destination.encryption_key
    return replace(destination, signing_key=key.kid), destination.signing_key


def _fitting(directory: Directory, destination: Destination, kid: str) -> KeyEntry:
    """The key, if the destination may take it. Whether it is certified is checked by whoever asks."""
    key = changeable_key(directory, kid)
    if key.owner != destination.id or key.tenant != destination.tenant:
        raise CommandRefused("other-owner", "keys.other-owner", kid=kid, owner=key.owner)
    if kid in _keys_of(destination):
        raise CommandRefused("current", "keys.already-current", kid=kid)
    return key


def _must_be_done(tx: Transaction, directory: Directory, key: KeyEntry, at: datetime) -> None:
    """Nobody needs the private half any more. A key that never was its destination's current one nobody could use."""
    if is_current(directory, key):
        raise CommandRefused("current", "keys.still-current", kid=key.kid)
    if key.replaced_at is None:
        return
    if at < key.replaced_at + SETTLING:
        raise CommandRefused("too-early", "keys.too-early", seconds=int(SETTLING.total_seconds()))
    if key.purpose is KeyPurpose.SIGNATURE:
        if unsigned := tx.events.unsigned_by(key.kid):
            raise CommandRefused("in-use", "keys.unsigned", kid=key.kid, count=unsigned)
        return
    unfinished = tx.messages.unfinished(DestinationId(key.owner), key.replaced_at + CLOCK_DOUBT)
    if unfinished:
        raise CommandRefused("in-use", "keys.unfinished", kid=key.kid, count=unfinished)


COMMANDS: Final[Mapping[str, Command]] = {"keys.rotate": _rotate, "keys.retire": _retire}
