"""Check the store: every part opened chunk by chunk, its digest compared, then every dossier, then every other secret
under the master key; in batches, so that progress can be shown and memory does not grow.

A damaged part is never dropped: its message becomes a Klärungsfall, its file moves to `damaged/`, and the answer says
so. A message that is being delivered is held by its delivery itself, which knows what has arrived already.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import structlog
from pydantic import Field

from amtsbote.admin.asking import Answer, Arguments, read_arguments
from amtsbote.admin.backup import upkeep_of
from amtsbote.admin.office import Office, Upkeep
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.bodies import Bodies
from amtsbote.api.persistence import AuditRow, Transaction
from amtsbote.errors import Damaged, StorageFailed
from amtsbote.keys.callbacks import callback_context
from amtsbote.keys.making import sealing_context
from amtsbote.keys.vault import Vault
from amtsbote.mailroom.parts import PartRoom
from amtsbote.model.callback import Receiver
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.directory import Directory
from amtsbote.model.ids import DeadLetterId, MessageId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Message, Part, State
from amtsbote.runner.dossier import dossier_context

_BATCH_PARTS: Final = 200
_BATCH_BYTES: Final = 128 * 1024 * 1024

log = structlog.get_logger("amtsbote.admin")


class _After(Arguments):
    after: int = Field(0, ge=0)


async def check_parts(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """The next parts. → `total`, `checked` of this batch, `damaged`, and `after` to go on from; None at the end, and
    then `orphans`: how many files no row owns.

    Raises `CommandRefused` when the master key does not open the installation: then nothing would be found intact.
    """
    asked, upkeep = read_arguments(_After, arguments), upkeep_of(office)
    directory = await office.store.read(lambda tx: tx.directory.load())
    await asyncio.to_thread(_demand_own_master_key, office.vault, directory)
    total, found = await office.store.read(lambda tx: (tx.parts.count(), tx.parts.after(asked.after, _BATCH_PARTS)))
    batch = _batch(found)
    judged = [await _judged(office, upkeep, actor, part) for _, part in batch]
    damaged = [one for one in judged if one is not None]
    answer: Answer = {"total": total, "checked": len(batch), "damaged": damaged}
    if batch:
        return {**answer, "after": batch[-1][0]}
    return {**answer, "after": None, "orphans": await _orphans(office, upkeep)}


async def check_dossiers(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """The next dossiers, answered like parts. What is damaged is told; whoever works on the message next, holds it."""
    asked = read_arguments(_After, arguments)
    found = await office.store.read(lambda tx: tx.messages.dossiers(asked.after, _BATCH_PARTS))
    shut = await asyncio.to_thread(_shut, found, office.vault)
    damaged = [await _told(office, message) for message in shut]
    answer: Answer = {"checked": len(found), "damaged": [one for one in damaged if one is not None]}
    return {**answer, "after": found[-1][0] if found else None}


def _shut(found: Sequence[tuple[int, MessageId, bytes]], vault: Vault) -> Sequence[tuple[MessageId, bytes]]:
    """The dossiers that do not open."""
    shut = []
    for _, message, sealed in found:
        try:
            vault.unwrap(sealed, dossier_context(message))
        except Damaged:
            shut.append((message, sealed))
    return shut


async def _told(office: Office, one: tuple[MessageId, bytes]) -> Answer | None:
    """None when the dossier was written anew meanwhile."""
    name, sealed = one
    message, present = await office.store.read(lambda tx: (tx.messages.get(name), tx.messages.dossier(name)))
    if present != sealed:
        return None
    log.error("store.damaged", submission=message.id, case=message.case, part="dossier", because="dossier", moved=False)
    return {"submission": name, "part": "dossier", "fault": "dossier", "state": message.state.value, "moved": False}


async def check_secrets(office: Office, _: str, arguments: Mapping[str, Any]) -> Answer:
    """The next secrets that belong to no message: callbacks of clients, and before the first of them private keys and
    callbacks of destinations. → `checked`, `shut` with `secret` and `of` each, and `after`."""
    asked = read_arguments(_After, arguments)
    found = await office.store.read(lambda tx: tx.receivers.after(asked.after, _BATCH_PARTS))
    secrets = [_of_receiver(receiver) for _, receiver in found]
    if asked.after == 0:
        secrets += _of_directory(await office.store.read(lambda tx: tx.directory.load()))
    shut = await asyncio.to_thread(lambda: [secret for secret in secrets if not secret.opens(office.vault)])
    for secret in shut:
        log.error("store.shut", secret=secret.kind, of=secret.of)
    answer: Answer = {"checked": len(secrets), "shut": [{"secret": one.kind.value, "of": one.of} for one in shut]}
    return {**answer, "after": found[-1][0] if found else None}


class SecretKind(StrEnum):
    """What belongs to no message and lies under the master key."""

    PRIVATE_KEY = "private-key"
    DESTINATION_CALLBACK = "destination-callback"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class _Secret:
    kind: SecretKind
    of: str
    wrapped: bytes
    context: str

    def opens(self, vault: Vault) -> bool:
        try:
            vault.unwrap(self.wrapped, self.context)
        except Damaged:
            return False
        return True


def _of_receiver(receiver: Receiver) -> _Secret:
    return _Secret(SecretKind.CALLBACK, receiver.id, receiver.callback.sealed_secret, callback_context(receiver.id))


def _of_directory(directory: Directory) -> list[_Secret]:
    keys = _private_keys(directory)
    called = [(one.id, one.callback) for one in directory.destinations.values() if one.callback is not None]
    kind = SecretKind.DESTINATION_CALLBACK
    return keys + [_Secret(kind, of, one.sealed_secret, callback_context(of)) for of, one in called]


def _private_keys(directory: Directory) -> list[_Secret]:
    held = [(key, key.sealed_private) for key in directory.keys.values() if key.sealed_private is not None]
    contexts = [sealing_context(key.kid, key.purpose, key.tenant) for key, _ in held]
    return [
        _Secret(SecretKind.PRIVATE_KEY, key.kid, sealed, of) for (key, sealed), of in zip(held, contexts, strict=True)
    ]


def _demand_own_master_key(vault: Vault, directory: Directory) -> None:
    """With a foreign one nothing would open; a single private key that does not is told by `check_secrets`."""
    keys = _private_keys(directory)
    if keys and not any(key.opens(vault) for key in keys):
        raise CommandRefused("master-key", "restore.master-key")


def _batch(found: Sequence[tuple[int, Part]]) -> Sequence[tuple[int, Part]]:
    """So many that an answer comes soon; at least one."""
    read = 0
    for place, (_, part) in enumerate(found, 1):
        read += part.size
        if read >= _BATCH_BYTES:
            return found[:place]
    return found


async def _judged(office: Office, upkeep: Upkeep, actor: str, part: Part) -> Answer | None:
    fault = await asyncio.to_thread(fault_of, part, upkeep.parts)
    return None if fault is None else await _set_aside(office, upkeep, actor, part, fault)


def fault_of(part: Part, room: PartRoom) -> str | None:
    """What is wrong with a stored part; None when all of it is there as received. Constant memory.

    Raises `StorageFailed` when the disk does not answer now: that is no verdict on the part.
    """
    digest, size = hashlib.sha512(), 0
    try:
        for chunk in room.chunks(part):
            digest.update(chunk)
            size += len(chunk)
    except Damaged as damaged:
        return str(damaged)
    except OSError as error:
        raise StorageFailed(f"a body file cannot be read now: {error.strerror}") from error
    return None if (digest.hexdigest(), size) == (part.sha512, part.size) else "digest"


async def _set_aside(office: Office, upkeep: Upkeep, actor: str, part: Part, fault: str) -> Answer | None:
    """First the Klärungsfall, then the file: a crash between the two is mended by the next check."""
    now, letter = office.clock(), DeadLetterId(upkeep.new_id())
    held = await office.store.write(lambda tx: _held(tx, part, letter, actor, now))
    if held is None:
        return None
    moved = part.file is not None and await asyncio.to_thread(_aside, upkeep.files, part.file)
    log.error("store.damaged", submission=held.id, case=held.case, part=part.id, because=fault, moved=moved)
    state = held.state.value
    return {"submission": held.id, "part": part.id, "fault": fault, "state": state, "moved": moved}


def _aside(files: Bodies, name: str) -> bool:
    """A file that cannot be moved now is told as not moved: the others are still to be checked."""
    try:
        return files.set_aside(name)
    except StorageFailed:
        return False


def _held(tx: Transaction, part: Part, new: DeadLetterId, actor: str, now: datetime) -> Message | None:
    """The message after it was held; None when the part was replaced or dropped meanwhile."""
    present = tx.parts.of(part.message).get(part.id)
    if present is None or (present.file, present.inline) != (part.file, part.inline):
        return None
    message = tx.messages.get(part.message)
    known = any(
        letter.settled_at is None and letter.reason is Reason.PART_DAMAGED and letter.details.get("part") == part.id
        for letter in tx.deadletters.of(message.id)
    )
    if message.state not in {State.SUBMITTED, State.HELD} or known:
        return message
    if message.state is State.SUBMITTED:
        tx.jobs.drop(JobKind.PROCESS, message.id)
        tx.messages.move(message.id, State.SUBMITTED, State.HELD, at=now)
    details = {"part": str(part.id)}
    tx.deadletters.open(DeadLetter(new, message.id, None, message.tenant, Reason.PART_DAMAGED, details, now))
    tx.audit.add(AuditRow(now, actor, "part-damaged", message.id, None, details))
    return tx.messages.get(message.id)


async def _orphans(office: Office, upkeep: Upkeep) -> int:
    """A file that was just kept gets its row a moment later: only what still has none counts."""
    owned = await office.store.read(lambda tx: tx.parts.files())
    orphans = await asyncio.to_thread(upkeep.files.orphans, owned)
    owned = await office.store.read(lambda tx: tx.parts.files())
    return len(set(orphans) - owned)


COMMANDS: Final = {
    "store.check": check_parts,
    "store.check-dossiers": check_dossiers,
    "store.check-secrets": check_secrets,
}
