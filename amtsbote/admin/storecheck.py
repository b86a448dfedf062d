"""Check the store: every part opened chunk by chunk, its digest compared, in batches so that progress can be shown.

A damaged part is never dropped: its message becomes a Klärungsfall, its file moves to `damaged/`, and the answer says
so. A message that is being delivered is held by its delivery itself, which knows what has arrived already.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from pydantic import Field

from amtsbote.admin.asking import Answer, Arguments, read_arguments
from amtsbote.admin.backup import upkeep_of
from amtsbote.admin.office import Office, Upkeep
from amtsbote.admin.restoring import must_open
from amtsbote.api.persistence import AuditRow, Transaction
from amtsbote.errors import Damaged
from amtsbote.mailroom.parts import PartRoom
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.ids import DeadLetterId
from amtsbote.model.job import JobKind
from amtsbote.model.message import Message, Part, State

_BATCH_PARTS: Final = 200
_BATCH_BYTES: Final = 128 * 1024 * 1024

log = structlog.get_logger("amtsbote.admin")


class _After(Arguments):
    after: int = Field(0, ge=0)


async def check(office: Office, actor: str, arguments: Mapping[str, Any]) -> Answer:
    """The next parts. → `total`, `checked` of this batch, `damaged`, and `after` to go on from; None at the end, and
    then `orphans`: how many files no row owns.

    Raises `CommandRefused` when the master key does not open the installation: then nothing would be found intact.
    """
    asked, upkeep = read_arguments(_After, arguments), upkeep_of(office)
    directory = await office.store.read(lambda tx: tx.directory.load())
    await asyncio.to_thread(must_open, office.vault, tuple(directory.keys.values()))
    total, found = await office.store.read(lambda tx: (tx.parts.count(), tx.parts.after(asked.after, _BATCH_PARTS)))
    batch = _batch(found)
    judged = [await _judged(office, upkeep, actor, part) for _, part in batch]
    damaged = [one for one in judged if one is not None]
    answer: Answer = {"total": total, "checked": len(batch), "damaged": damaged}
    if batch:
        return {**answer, "after": batch[-1][0]}
    return {**answer, "after": None, "orphans": await _orphans(office, upkeep)}


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
    """What is wrong with a stored part; None when all of it is there as received. Constant memory."""
    digest, size = hashlib.sha512(), 0
    try:
        for chunk in room.chunks(part):
            digest.update(chunk)
            size += len(chunk)
    except Damaged as damaged:
        return str(damaged)
    except OSError as error:
        return error.strerror or type(error).__name__
    return None if (digest.hexdigest(), size) == (part.sha512, part.size) else "digest"


async def _set_aside(office: Office, upkeep: Upkeep, actor: str, part: Part, fault: str) -> Answer | None:
    """First the Klärungsfall, then the file: a crash between the two is mended by the next check."""
    now, letter = office.clock(), DeadLetterId(upkeep.new_id())
    held = await office.store.write(lambda tx: _held(tx, part, letter, actor, now))
    if held is None:
        return None
    moved = part.file is not None and await asyncio.to_thread(
        upkeep.files.set_aside, part.file, upkeep.folder / "damaged"
    )
    log.error("store.damaged", submission=held.id, case=held.case, part=part.id, because=fault, moved=moved)
    state = held.state.value
    return {"submission": held.id, "part": part.id, "fault": fault, "state": state, "moved": moved}


def _held(tx: Transaction, part: Part, new: DeadLetterId, actor: str, now: datetime) -> Message | None:
    """The message after it was held; None when the part was replaced or dropped meanwhile."""
    present = tx.parts.of(part.message).get(part.id)
    if present is None or present.seal != part.seal:
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


COMMANDS: Final = {"store.check": check}
