"""One key after the other: a destination takes a new one, the former opens what was sent before, and then retires."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from amtsbote.admin.asking import Answer, Arguments, Command, Name, read_arguments
from amtsbote.admin.declaration import Uuid
from amtsbote.admin.difference import view
from amtsbote.admin.keyring import (
    OneKey,
    changeable_key,
    changing,
    check_certificates,
    is_current,
    living_key,
    shown_key,
    the_directory,
)
from amtsbote.admin.office import Office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import AuditRow, Transaction
from amtsbote.keys.making import new_service_key
from amtsbote.keys.succession import turned_over
from amtsbote.model.directory import SETTLING, Destination, Directory, KeyEntry, KeyPurpose
from amtsbote.model.ids import DestinationId, KeyId

CLOCK_DOUBT: Final = timedelta(hours=1)
"""How far the clocks of rotation and announcement may have disagreed: what was announced that soon after a rotation and
is not submitted yet still counts as announced before."""


class _Rotate(Arguments):
    destination: Uuid
    to: Name


class _RotateService(Arguments):
    purpose: Literal["events", "addressing", "access-token"]


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
        key = living_key(directory, asked.kid)
        _must_be_done(tx, directory, key, at)
        retired = replace(key, sealed_private=None, retired_at=at)
        tx.directory.put(retired)
        tx.audit.add(AuditRow(at, actor, "key.retired", key.kid, view(key), view(retired)))
        return {"key": shown_key(directory, retired)}

    return await changing(office, unit)


async def _rotate_service(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """The first call makes and publishes a new key, so that whoever keeps copies of the published ones learns it in
    time; the second has it sign. → `ready` after the first, `former` after the second; `current` signs."""
    purpose = KeyPurpose(read_arguments(_RotateService, arguments).purpose)
    at, directory = office.clock(), await office.store.read(the_directory)
    if _next_of(directory, purpose) is not None:
        return await changing(office, lambda tx: _taken_up(tx, purpose, actor, at))
    made = await asyncio.to_thread(new_service_key, purpose, office.vault)
    return await changing(office, lambda tx: _published(tx, made, actor, at))


def _published(tx: Transaction, made: KeyEntry, actor: str, at: datetime) -> Answer:
    directory = tx.directory.load()
    if _next_of(directory, made.purpose) is not None:
        raise CommandRefused("too-early", "keys.too-early", seconds=int(SETTLING.total_seconds()))
    current = directory.keys[directory.service_key(made.purpose)]
    later = at if current.made_at is None else max(at, current.made_at + timedelta(microseconds=1))
    entry = replace(made, made_at=later)
    tx.directory.put(entry)
    tx.audit.add(AuditRow(at, actor, "key.created", entry.kid, None, view(entry)))
    return {"purpose": made.purpose.value, "current": current.kid, "ready": entry.kid, "former": None}


def _taken_up(tx: Transaction, purpose: KeyPurpose, actor: str, at: datetime) -> Answer:
    directory = tx.directory.load()
    following = _next_of(directory, purpose)
    if following is None or following.made_at is None or at < following.made_at + SETTLING:
        raise CommandRefused("too-early", "keys.too-early", seconds=int(SETTLING.total_seconds()))
    former = directory.keys[directory.service_key(purpose)]
    tx.directory.put(replace(former, replaced_at=at))
    kids = {"kid": former.kid}, {"kid": following.kid}
    tx.audit.add(AuditRow(at, actor, "key.rotated", purpose.value, *kids))
    return {"purpose": purpose.value, "current": following.kid, "ready": None, "former": former.kid}


def _next_of(directory: Directory, purpose: KeyPurpose) -> KeyEntry | None:
    """The key of this service that was published to take the place of the current one."""
    current = directory.service_key(purpose)
    waiting = (key for key in directory.keys.values() if key.purpose is purpose and key.follows and key.kid != current)
    return next(waiting, None)


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
    if not key.suits(destination.holding):
        raise CommandRefused("held-elsewhere", "declaration.key-holding", kid=kid)
    if kid in destination.key_pair:
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
    if key.purpose is not KeyPurpose.ENCRYPTION:
        if unsigned := tx.events.unsigned_by(key.kid):
            raise CommandRefused("in-use", "keys.unsigned", kid=key.kid, count=unsigned)
        return
    unfinished = tx.messages.unfinished(DestinationId(key.owner), key.kid, key.replaced_at + CLOCK_DOUBT)
    if unfinished:
        raise CommandRefused("in-use", "keys.unfinished", kid=key.kid, count=unfinished)


COMMANDS: Final[Mapping[str, Command]] = {
    "keys.rotate": _rotate,
    "keys.rotate-service": _rotate_service,
    "keys.retire": _retire,
}
