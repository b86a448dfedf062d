"""Values the tests of the store write: small, complete, with ids that say what they are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from amtsbote.api.persistence import Transaction
from amtsbote.model.callback import Callback, Notice, NoticeKind, Receiver
from amtsbote.model.content import ReplyChannel
from amtsbote.model.deadletter import DeadLetter, LetterAction, LetterEntry, Reason
from amtsbote.model.event import EventKind, EventRecord
from amtsbote.model.ids import (
    AuthorityId,
    CaseId,
    ClientId,
    DeadLetterId,
    DeliveryId,
    DestinationId,
    EventId,
    KeyId,
    MessageId,
    PartId,
    ReceiverId,
    TargetId,
    TenantId,
)
from amtsbote.model.message import Assignment, CaseNote, Delivery, DeliveryState, Message, Part, State
from amtsbote.model.trace import StepRecord
from amtsbote.model.versions import NewDraft

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
DAY = NOON.date()
MINUTE = timedelta(minutes=1)


def a_message(id: str = "m1", **changes: Any) -> Message:  # noqa: A002  (the word of the value)
    message = Message(
        id=MessageId(id),
        case=CaseId(f"case-of-{id}"),
        destination=DestinationId("d1"),
        tenant=TenantId("t1"),
        sender=ClientId("s1"),
        service="99093003001002",
        service_name="Baumfällgenehmigung",
        region="145110000000",
        announced=(PartId("a1"), PartId("a2")),
        state=State.ANNOUNCED,
        held_from=None,
        created_at=NOON,
        submitted_at=None,
    )
    return replace(message, **changes)


def a_part(message: str = "m1", id: str = "data", **changes: Any) -> Part:  # noqa: A002  (the word of the value)
    part = Part(
        message=MessageId(message),
        id=PartId(id),
        size=3,
        sha512="ab" * 64,
        tag="dGFn",
        seal=b"\x00seal",
        inline=b"\xff\x00\x01",
        file=None,
        key=KeyId("kid"),
    )
    return replace(part, **changes)


def in_file(name: str, message: str = "m1", id: str = "data") -> Part:  # noqa: A002  (the word of the value)
    return a_part(message, id, inline=None, file=name)


def an_event(id: str = "e1", message: str = "m1", **changes: Any) -> EventRecord:  # noqa: A002  (as above)
    record = EventRecord(
        id=EventId(id),
        case=CaseId(f"case-of-{message}"),
        message=MessageId(message),
        kind=EventKind.CREATE,
        at=NOON,
        payload=b'{"exact": "bytes"}\xff',
        key=KeyId("kid"),
        jws=None,
    )
    return replace(record, **changes)


def a_receiver(id: str = "r1", **changes: Any) -> Receiver:  # noqa: A002  (as above)
    callback = Callback("https://portal.example/callback", b"\x00secret")
    return replace(Receiver(ReceiverId(id), ClientId("s1"), callback), **changes)


def a_notice(receiver: str = "r1", message: str = "m1", **changes: Any) -> Notice:
    return replace(Notice(ReceiverId(receiver), NoticeKind.NEW_EVENTS, MessageId(message), NOON), **changes)


def a_delivery(id: str = "v1", message: str = "m1", **changes: Any) -> Delivery:  # noqa: A002  (as above)
    delivery = Delivery(
        id=DeliveryId(id),
        message=MessageId(message),
        tenant=TenantId("t1"),
        target=TargetId("folder"),
        primary=True,
        state=DeliveryState.PENDING,
    )
    return replace(delivery, **changes)


def a_letter(id: str = "k1", message: str = "m1", **changes: Any) -> DeadLetter:  # noqa: A002  (as above)
    letter = DeadLetter(
        id=DeadLetterId(id),
        message=MessageId(message),
        delivery=None,
        tenant=TenantId("t1"),
        reason=Reason.SEVERAL_COMPETENT,
        details={"candidates": "a, b"},
        opened_at=NOON,
    )
    return replace(letter, **changes)


def a_line(**changes: Any) -> LetterEntry:
    return replace(LetterEntry(NOON, "uid:7", LetterAction.NOTED, "Rückfrage läuft"), **changes)


def a_note(**changes: Any) -> CaseNote:
    channel = ReplyChannel(KeyId("portal-key"), "gAAE", ("urn:example:bescheid", "urn:example:zwei"))
    return replace(CaseNote(AuthorityId("gba"), "145110000000", channel), **changes)


def an_assignment(**changes: Any) -> Assignment:
    assignment = Assignment(AuthorityId("gba"), None, "14511", "uid:7", "telefonisch geklärt", NOON)
    return replace(assignment, **changes)


def a_step(step: str = "open", **changes: Any) -> StepRecord:
    record = StepRecord(
        step=step, attempt=1, started_at=NOON, microseconds=1234, verdict="ok", details={"part": "data"}
    )
    return replace(record, **changes)


def submitted(tx: Transaction, message: Message) -> None:
    """The message, added and moved to submitted at noon."""
    tx.messages.add(message, None)
    tx.messages.move(message.id, State.ANNOUNCED, State.SUBMITTED, at=NOON)


def a_draft(**changes: Any) -> NewDraft:
    proposed = NewDraft(NOON, "editor:one", "Neue Zuständigkeit", 1, None, "digest")
    return replace(proposed, **changes)
