"""An answer of an authority becomes a reply of its case: decided, encrypted for the portal, kept in one commit.

The reply's id is made of the target and the item: whoever meets the same item again, after any crash, finds the reply.
Nothing of the answer is written here but its ciphertext.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID, uuid5

from amtsbote.api.answer import ANSWER_SCHEMA, write_answer
from amtsbote.api.envelope import Enclosure, Envelope, Packing, PartProof, Signer
from amtsbote.api.persistence import Transaction, Unit
from amtsbote.api.returning import Document, Receipt, ReceiptState, Refusal, Returned
from amtsbote.api.threads import OwnThreads
from amtsbote.errors import NotFound, StaleState
from amtsbote.mailroom.sides import is_open
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.directory import Directory, Target
from amtsbote.model.event import Event, EventKind
from amtsbote.model.ids import DeadLetterId, EventId, MessageId, PartId
from amtsbote.model.job import Job
from amtsbote.model.message import Direction, Message, MessageKind, Part, State
from amtsbote.pipeline import Recorder
from amtsbote.pipeline.answer import UNKNOWN, Answered, Asked, Room, answer_message, handed
from amtsbote.pipeline.steps import Declined
from amtsbote.runner.origin import Origin, close_origin
from amtsbote.runner.receipts import receipt_of, standing_of
from amtsbote.runner.workshop import Workshop, log

_REPLIES: Final = UUID("5c1f2a6e-8a36-4c55-9f0e-9a2f7f0b6d11")
_LETTERS: Final = UUID("b7a4c1de-0d0b-4a5e-8d1c-3e7f5c9a2f40")
_AS_JWE: Final = (3, 4)
"""Base64url makes four bytes of three."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Encrypted and kept in parts; no row owns them yet."""

    parts: tuple[Part, ...]
    announced: tuple[PartId, ...]

    def told(self) -> dict[str, str]:
        return {"parts": str(len(self.parts)), "bytes": str(sum(part.size for part in self.parts))}


class _Proof:
    """For a part that is encrypted here while it is kept."""

    def __init__(self, packing: Packing, part: PartId) -> None:
        self._packing, self._part = packing, part

    def feed(self, chunk: bytes) -> None:
        """Nothing to check."""

    def finish(self) -> PartProof:
        return self._packing.proof(self._part)


async def pass_on(item: Returned, target: Target, job: Job, shop: Workshop) -> Receipt | Refusal:
    """What the target's software is to be told. Raises whatever is in the way now; then nothing was kept."""
    reply = _reply_of(item.item, target)
    tools = shop.tools()
    if (kept := await shop.store.read(partial(_kept, reply, item, tools.envelope))) is not None:
        return kept
    asked = await shop.store.read(partial(_asked, item, tools.directory))
    record = shop.recorder(job)
    try:
        answered = record.step("answer", answer_message, item, asked, target, _room(shop))
    except Declined as declined:
        await _decline(item, asked, target, declined, record, shop)
        return declined.refusal
    sealed = await record.step_async("seal", _seal, answered, reply, shop.targets.reading(target.id), shop)
    message = _message(reply, answered, sealed, shop)
    try:
        await shop.store.write(_reply(message, answered, sealed, target, record, shop))
    except StaleState:  # somebody whose lease had run out was faster with the same item
        await shop.parts.forget(*(part.file for part in sealed.parts))
    else:
        shop.answered(target.stage, target.id, ReceiptState.PASSED_ON)
    shop.wake()
    log.info("collect.passed_on", target=target.id, reply=reply, submission=answered.message.id, case=message.case)
    return Receipt(reply, answered.message.id, item.label, ReceiptState.PASSED_ON, message.created_at)


async def known(item: str, target: Target, shop: Workshop) -> Receipt | None:
    """What has become of an item that was passed on before; None of every other one."""
    reply, envelope = _reply_of(item, target), shop.tools().envelope
    try:
        receipt, _ = await shop.store.read(partial(receipt_of, reply, shop.vault, envelope))
    except NotFound:
        return None
    return receipt


async def give_up(item: Returned | None, target: Target, job: Job, shop: Workshop) -> Refusal:
    """After the last attempt: what its people are told. Where it can be read what the item answers, a person is asked
    too, because the applicant waits."""
    declined = Declined("given-up", person=True, attempts=job.attempt)
    if item is not None:
        asked = await shop.store.read(partial(_asked, item, shop.tools().directory))
        if asked is not None and handed(asked, target):
            await _decline(item, asked, target, declined, shop.recorder(job), shop)
    return declined.refusal


def _reply_of(item: str, target: Target) -> MessageId:
    return MessageId(str(uuid5(_REPLIES, f"{target.id}/{item}")))


def _kept(reply: MessageId, item: Returned, envelope: Envelope, tx: Transaction) -> Receipt | None:
    """What has become of it, if it was kept before."""
    standing = standing_of(tx, reply, envelope)
    if standing is None:
        return None
    return Receipt(reply, _named(item, tx), item.label, standing.state, standing.at, standing.problems)


def _named(item: Returned, tx: Transaction) -> MessageId:
    """Raises `NotFound`."""
    if item.answers_delivery is not None:
        return tx.deliveries.get(item.answers_delivery).message
    return item.answers or MessageId("")


def _asked(item: Returned, directory: Directory, tx: Transaction) -> Asked | None:
    """What the item answers, whoever it belongs to; None when nobody here knows it."""
    try:
        message = tx.messages.get(_named(item, tx))
    except NotFound:
        return None
    channels = (note.reply_channel for _, note in tx.messages.notes(message.case))
    channel = next((channel for channel in channels if channel is not None), None)
    destination, deliveries = directory.destinations[message.destination], tx.deliveries.of(message.id)
    return Asked(message, destination, deliveries, is_open(tx, message), channel)


def _room(shop: Workshop) -> Room:
    more, of = _AS_JWE
    return Room(shop.limits.attachments, shop.limits.attachments_total // of * more)


async def _decline(
    item: Returned, asked: Asked | None, target: Target, declined: Declined, record: Recorder, shop: Workshop
) -> None:
    """Write down why, and ask a person where the applicant would wait in vain. What was not handed to this target stays
    untouched: it may be somebody else's."""
    reason = declined.refusal.reason
    log.warning("collect.declined", target=target.id, reason=reason)
    if asked is None or reason == UNKNOWN:
        return
    message = asked.message
    details = {"target": target.id, "because": reason, "kind": item.kind.value}
    why, now = Reason.REPLY_IMPOSSIBLE, shop.clock()
    letter = DeadLetter(DeadLetterId(shop.new_id()), message.id, None, message.tenant, why, details, now)

    def unit(tx: Transaction) -> None:
        tx.traces.add(message.id, record.records)
        known = any(one.reason is why and one.settlement is None for one in tx.deadletters.of(message.id))
        if declined.person and not known:
            tx.deadletters.open(letter)

    await shop.store.write(unit)


async def _seal(answered: Answered, reply: MessageId, threads: OwnThreads, shop: Workshop) -> _Sealed:
    """Read, encrypt and keep every document in constant memory, then metadata and data; or nothing at all."""
    enclosures = [_enclosure(document) for document in answered.returned.documents]
    packing = shop.tools().envelope.pack(enclosures, answered.channel, shop.new_id)
    parts: list[Part] = []
    try:
        for part, ciphertext in packing.ciphertexts():
            body = _aside(ciphertext, threads, shop.patience)
            parts.append(await shop.parts.receive(reply, part, body, _Proof(packing, part)))
        data = write_answer(answered.document(packing.enclosed()))
        key = answered.destination.signing_key
        signer = Signer(key, partial(shop.sign, key))
        closed = await shop.computing(packing.close, ANSWER_SCHEMA, data, signer)
        for part, (token, proof) in closed.items():
            parts.append(await shop.parts.keep(reply, part, token, proof))
    except BaseException:
        await shop.parts.forget(*(part.file for part in parts))
        raise
    return _Sealed(tuple(parts), packing.parts)


def _enclosure(document: Document) -> Enclosure:
    about = (document.name, document.mime_type, "attachment", document.description)
    return Enclosure(*about, document.size, document.chunks)


async def _aside(chunks: Iterator[bytes], threads: OwnThreads, patience: timedelta) -> AsyncIterator[bytes]:
    """Reads where a target that hangs holds nobody else up."""
    while True:
        async with asyncio.timeout(patience.total_seconds()):
            chunk = await threads.run(partial(next, chunks, None))
        if chunk is None:
            return
        yield chunk


def _reply(
    message: Message, answered: Answered, sealed: _Sealed, target: Target, record: Recorder, shop: Workshop
) -> Unit[None]:
    """One transaction: message, parts, both events, trace."""
    tags = {part.id: part.tag for part in sealed.parts}
    events = [
        Event.of(message, kind, id=EventId(shop.new_id()), at=message.created_at, tags=said)
        for kind, said in ((EventKind.CREATE, {}), (EventKind.SUBMIT, tags))
    ]
    origin = Origin(target.id, answered.returned.label, answered.message.id)
    sealed_origin = close_origin(origin, message.id, shop.vault)

    def unit(tx: Transaction) -> None:
        tx.messages.add(message, answered.destination.subscriber)
        tx.messages.keep_dossier(message.id, sealed_origin)
        for part in sealed.parts:
            tx.parts.put(part)
        for event in events:
            shop.log.write(tx, event, message)
        tx.traces.add(message.id, record.records)

    return unit


def _message(reply: MessageId, answered: Answered, sealed: _Sealed, shop: Workshop) -> Message:
    """It takes over everything of the message it answers that is not its own."""
    now = shop.clock()
    return replace(
        answered.message,
        id=reply,
        announced=sealed.announced,
        state=State.SUBMITTED,
        held_from=None,
        created_at=now,
        submitted_at=now,
        kind=MessageKind.REPLY,
        direction=Direction.TO_PORTAL,
        notified=frozenset(),
        callback=None,
    )
