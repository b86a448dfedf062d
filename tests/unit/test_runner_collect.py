"""The way back: what a Fachverfahren gives becomes a reply of its case, once; or its people hear why not."""

import errno
import os
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import jwcrypto.jwk
import pytest
from application_kit import Application, Spoil, reply_channel
from house_for_tests import DIRECT, NOON, PORTAL, House, with_entries
from keyring_for_tests import as_jwk
from reply_kit import OpenedReply, open_reply

from adapters.memory import MemoryAdapter, MemoryTarget
from amtsbote.api import Document, Receipt, ReceiptState, Refusal, Retry, Returned, Unfit, Unread
from amtsbote.api.persistence import Page, Scope, Transaction
from amtsbote.api.returnkit import Given
from amtsbote.errors import ItemChanged, StorageFull
from amtsbote.mailroom import Announcement
from amtsbote.model.answer import AnswerKind
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.directory import Target
from amtsbote.model.event import Event, EventKind, SaidProblem
from amtsbote.model.ids import DeliveryId, EventId, MessageId, TargetId, TenantId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import DeliveryState, Direction, Message, MessageKind, State
from amtsbote.model.stage import Stage
from amtsbote.runner.collect import AT_ONCE, CollectionWatch, collect_job
from amtsbote.runner.deliver import deliver_job
from amtsbote.runner.process import process_job
from amtsbote.runner.receipts import tell_job
from amtsbote.runner.take import take_job
from schemas.registry import SchemaRegistry

FIT_CONNECT: Any = {"fitConnect": {"processStandards": ("urn:amtsbote:standard:antwort:1.0",)}}
NOBODY = "6f6a3f0c-2f0e-4f44-8a55-3f6a6e6f0001"
REPLY_KEY = "hamburg-replies"
EVERYTHING = Page(0, 100)


@pytest.fixture(autouse=True)
def schemas(house: House, bundled_schemas: SchemaRegistry) -> None:
    house.schemas = bundled_schemas
    offer(house, FIT_CONNECT)


@pytest.fixture(autouse=True)
def office(house: House) -> MemoryTarget:
    """The software behind every target of Chemnitz."""
    target = MemoryTarget()
    house.adapters["test"] = MemoryAdapter(target)
    return target


def offer(house: House, channels: Any) -> None:
    direct = replace(house.directory.destinations[DIRECT], reply_channels=channels)
    house.directory = with_entries(house.directory, destinations=[direct])


async def delivered(house: House, *, reply_key: bool = True) -> Message:
    """An application that Chemnitz has."""
    key = jwcrypto.jwk.JWK.from_pyca(house.keys.rsa(REPLY_KEY).public_key()) if reply_key else None
    message = await house.submitted(Application(DIRECT, reply_key=key))
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    for _ in range(2):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
    assert await house.state(message) is State.ACCEPTED
    return message


def answer(message: Message, item: str = "i1", given: Given | None = None, **changes: Any) -> Returned:
    given = given or Given()
    documents = tuple(
        Document(name, "application/pdf", None, len(content), lambda content=content: iter((content,)))  # type: ignore[misc]
        for name, content in given.documents
    )
    whole = Returned(item, f"Akte {item}", message.id, None, given.kind, given.subject, given.text, documents)
    return replace(whole, **changes)


async def look(house: House, target: str = "main") -> Job:
    """One run of the collect job, with everything it says."""
    await house.store.write(lambda tx: tx.jobs.drop(JobKind.COLLECT, target))
    await house.store.write(lambda tx: tx.jobs.add(JobKind.COLLECT, target, house.clock()))
    job = await house.claimed(JobKind.COLLECT)
    await collect_job(job, house.shop)
    return job


async def replies(house: House) -> tuple[Message, ...]:
    scope = Scope("sender", PORTAL)
    query: Any = lambda tx: tx.messages.waiting(MessageKind.REPLY, Direction.TO_PORTAL, None, EVERYTHING)  # noqa: E731
    _, found = await house.store.read(query, scope=scope)
    return tuple(found)


async def read_by_portal(house: House, reply: Message) -> OpenedReply:
    _, parts = await house.receiving.fetch(house.client(), MessageKind.REPLY, reply.id)
    tokens = {str(name): b"".join(house.parts.chunks(part)) for name, part in parts.items()}
    key = as_jwk(house.keys.rsa(REPLY_KEY))
    return open_reply(tokens, key, house.keys.signing_jwk("chemnitz-signing"))


async def test_an_answer_becomes_a_reply_that_the_portal_opens(house: House, office: MemoryTarget) -> None:
    message = await delivered(house)
    office.answers["i1"] = answer(message)

    await look(house)

    [reply] = await replies(house)
    assert (reply.kind, reply.direction, reply.state) == (MessageKind.REPLY, Direction.TO_PORTAL, State.SUBMITTED)
    assert (reply.case, reply.destination, reply.sender) == (message.case, DIRECT, PORTAL)
    read = await read_by_portal(house, reply)
    assert read.documents == dict(Given().documents)
    assert read.answer["answers"] == message.id
    assert (read.answer["kind"], read.answer["subject"], read.answer["text"]) == (
        "bescheid",
        Given().subject,
        Given().text,
    )
    receipt = Receipt(reply.id, message.id, "Akte i1", ReceiptState.PASSED_ON, NOON)
    assert office.settled == {"i1": None}
    assert office.receipts == {reply.id: receipt}


async def test_both_events_say_what_was_sent(house: House, office: MemoryTarget) -> None:
    office.answers["i1"] = answer(await delivered(house))

    await look(house)

    [reply] = await replies(house)
    create, submit = await house.events(reply)
    assert (create.kind, submit.kind) == (EventKind.CREATE, EventKind.SUBMIT)
    parts = await house.store.read(lambda tx: tx.parts.of(reply.id))
    assert len(parts) == 4
    assert all(part.tag in submit.payload.decode() for part in parts.values())
    assert f"reply:{reply.id}".encode() in submit.payload
    assert [(one.step, one.verdict) for one in await house.store.read(lambda tx: tx.traces.of(reply.id))] == [
        ("answer", "ok"),
        ("seal", "ok"),
    ]


async def test_an_answer_may_name_the_delivery(house: House, office: MemoryTarget) -> None:
    message = await delivered(house)
    [delivery] = [
        one for one in await house.store.read(lambda tx: tx.deliveries.of(message.id)) if one.target == "main"
    ]
    office.answers["i1"] = answer(message, answers=None, answers_delivery=delivery.id)

    await look(house)

    assert [reply.case for reply in await replies(house)] == [message.case]


async def test_a_target_with_a_copy_may_answer_too(house: House, office: MemoryTarget) -> None:
    office.answers["i1"] = answer(await delivered(house))

    await look(house, "copy")

    assert len(await replies(house)) == 1


async def test_no_plaintext_is_written(house: House, office: MemoryTarget) -> None:
    marked = b"%PDF-1.7 nobody else may read this" * 20_000
    office.answers["i1"] = answer(await delivered(house), given=Given(documents=(("b.pdf", marked),)))

    await look(house)

    assert house.body_files()
    for file in house.folder.rglob("*"):
        assert not file.is_file() or b"nobody else may read this" not in file.read_bytes(), file


async def test_the_same_item_again_is_the_same_reply(house: House, office: MemoryTarget) -> None:
    """As after a crash between the commit and the acknowledgement."""
    office.answers["i1"] = answer(await delivered(house))
    await look(house)
    [reply] = await replies(house)
    files = house.body_files()
    office.settled.clear()
    office.receipts.clear()

    await look(house)

    assert [one.id for one in await replies(house)] == [reply.id]
    assert list(office.receipts) == [reply.id]
    assert house.body_files() == files
    assert house.answered == [(Stage.LIVE, "main", "passed-on")]


async def test_the_same_item_of_two_targets_are_two_replies(house: House, office: MemoryTarget) -> None:
    office.answers["i1"] = answer(await delivered(house))
    await look(house)
    office.settled.clear()

    await look(house, "copy")

    assert len(await replies(house)) == 2


async def test_an_item_that_somebody_else_has_just_kept_leaves_nothing(
    house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = Given(documents=(("b.pdf", b"x" * 300_000),))
    office.answers["i1"] = answer(await delivered(house), given=large)
    await look(house)
    files = house.body_files()
    office.settled.clear()
    monkeypatch.setattr("amtsbote.runner.reply._kept", lambda *_: None)  # his commit is not seen yet

    await look(house)

    assert len(await replies(house)) == 1
    assert house.body_files() == files
    assert office.settled == {"i1": None}


async def test_the_key_of_the_latest_message_is_used(house: House, office: MemoryTarget) -> None:
    """A portal that sends once more to the case may have a new key."""
    message = await delivered(house, reply_key=False)
    office.answers["i1"] = answer(message)
    key = jwcrypto.jwk.JWK.from_pyca(house.keys.rsa(REPLY_KEY).public_key())
    application = Application(DIRECT, reply_key=key)
    ready = house.sealed(application)
    wish = Announcement(DIRECT, application.service, "Baum", application.region, message.case, ())
    later = await house.sending.announce(house.client(), wish)
    await house.submit(later, ready)
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    await look(house)

    [reply] = await replies(house)
    assert (await read_by_portal(house, reply)).answer["answers"] == message.id


class TestDeclining:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"answers": MessageId(NOBODY)}, "unknown-submission"),
            ({"answers": None, "answers_delivery": DeliveryId(NOBODY)}, "unknown-submission"),
            ({"kind": AnswerKind.REACTION}, "wrong-kind"),
            ({"documents": tuple(Document("x", "a/b", None, 1, lambda: iter((b"x",))) for _ in range(4))}, "too-many"),
            ({"documents": (Document("x", "a/b", None, 1_500_000_001, lambda: iter(())),)}, "too-large"),
        ],
    )  # fmt: skip
    async def test_what_is_not_possible_is_refused_with_a_reason(
        self, house: House, office: MemoryTarget, changes: dict[str, Any], reason: str
    ) -> None:
        office.answers["i1"] = answer(await delivered(house), **changes)

        await look(house)

        assert refused(office) == reason
        assert house.answered == [(Stage.LIVE, "main", "declined")]
        assert await replies(house) == ()
        assert house.body_files() == []

    async def test_what_another_target_was_handed_does_not_exist_here(self, house: House, office: MemoryTarget) -> None:
        message = await delivered(house)
        office.answers["i1"] = answer(message)

        await look(house, "land")

        assert refused(office) == "unknown-submission"
        assert "answer" not in [one.step for one in await house.store.read(lambda tx: tx.traces.of(message.id))]

    async def test_what_is_not_yet_delivered_cannot_be_answered(self, house: House, office: MemoryTarget) -> None:
        message = await house.submitted(Application(DIRECT))
        await process_job(await house.claimed(JobKind.PROCESS), house.shop)
        office.answers["i1"] = answer(message)

        await look(house)

        assert refused(office) == "unknown-submission"

    @pytest.mark.parametrize("deleted", [False, True])
    async def test_what_a_person_has_rejected_is_not_answered(
        self, house: House, office: MemoryTarget, deleted: bool
    ) -> None:
        """One target had it already, and keeps it longer than we do."""
        message = await house.submitted(Application(DIRECT))
        await process_job(await house.claimed(JobKind.PROCESS), house.shop)
        event = Event.of(message, EventKind.REJECT, id=EventId(house.ids()), at=NOON)

        def unit(tx: Transaction) -> None:
            for delivery in tx.deliveries.of(message.id):
                tx.deliveries.move(delivery.id, DeliveryState.PENDING, DeliveryState.DELIVERED, failure=None)
            states = [State.DELIVERING, State.HELD, State.REJECTED, *([State.DELETED] if deleted else [])]
            for source, to in pairwise(states):
                tx.messages.move(message.id, source, to, at=NOON)
            house.log.write(tx, event, message)

        await house.store.write(unit)
        office.answers["i1"] = answer(message)

        await look(house)

        assert refused(office) == "not-open"

    async def test_a_target_that_went_into_test_does_not_answer_what_is_live(
        self, house: House, office: MemoryTarget
    ) -> None:
        office.answers["i1"] = answer(await delivered(house))
        main = replace(house.directory.targets[TargetId("main")], stage=Stage.TEST)
        house.directory = with_entries(house.directory, targets=[main])

        await look(house)

        assert refused(office) == "wrong-stage"

    async def test_a_reply_cannot_be_answered(self, house: House, office: MemoryTarget) -> None:
        """Not by the side that gave it."""
        office.answers["i1"] = answer(await delivered(house))
        await look(house)
        [reply] = await replies(house)
        office.answers["i2"] = answer(reply, "i2")

        await look(house)

        assert refused(office, "i2") == "unknown-submission"

    @pytest.mark.parametrize("cause", ["no-key", "not-offered"])
    async def test_where_the_portal_cannot_be_reached_a_person_has_to_know(
        self, house: House, office: MemoryTarget, cause: str
    ) -> None:
        message = await delivered(house, reply_key=cause != "no-key")
        if cause == "not-offered":
            offer(house, {})
        office.answers |= {"i1": answer(message, "i1"), "i2": answer(message, "i2")}

        await look(house)

        assert (refused(office, "i1"), refused(office, "i2")) == (cause, cause)
        [letter] = await house.store.read(lambda tx: tx.deadletters.of(message.id))
        assert letter.reason is Reason.REPLY_IMPOSSIBLE
        assert letter.details == {"target": "main", "because": cause, "kind": "decision"}
        assert letter.tenant == TenantId("chemnitz")
        steps = [(one.step, one.verdict) for one in await house.store.read(lambda tx: tx.traces.of(message.id))]
        assert steps[-2:] == [("answer", "rejected"), ("answer", "rejected")]
        assert await house.state(message) is State.ACCEPTED

    async def test_a_portal_that_reads_other_answers_gets_none(self, house: House, office: MemoryTarget) -> None:
        """And its submission was taken all the same."""
        jwk = jwcrypto.jwk.JWK.from_pyca(house.keys.rsa(REPLY_KEY).public_key())
        other = {"fitConnect": {**reply_channel(jwk), "processStandards": ["urn:example:bescheid"]}}
        named = Spoil(before={"metadata": lambda document: document | {"replyChannel": other}})
        message = await house.submitted(Application(DIRECT), named)
        await process_job(await house.claimed(JobKind.PROCESS), house.shop)
        for _ in range(2):
            await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
        assert await house.state(message) is State.ACCEPTED
        office.answers["i1"] = answer(message)

        await look(house)

        assert refused(office) == "other-standard"
        [letter] = await open_letters(house, message)
        assert letter.details["because"] == "other-standard"
        assert await replies(house) == ()

    async def test_what_is_unfit_is_refused_with_its_own_reason(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        why = Refusal("no-status", "Es fehlt etwas.", "Something is missing.")

        async def collect(self: MemoryAdapter, limit: int, skip: Collection[str]) -> list[Unfit]:
            return [Unfit("i1", "Akte 1", why)]

        monkeypatch.setattr(MemoryAdapter, "collect", collect)

        await look(house)

        assert office.settled == {"i1": why}


def refused(office: MemoryTarget, item: str = "i1") -> str:
    """Why; in words for people in both languages."""
    refusal = office.settled[item]
    assert refusal is not None
    assert refusal.de != refusal.en
    assert "{" not in refusal.de + refusal.en
    return refusal.reason


class TestTrouble:
    async def test_an_item_that_changes_while_it_is_read_is_taken_later_and_the_others_now(
        self, house: House, office: MemoryTarget
    ) -> None:
        def changing() -> Iterator[bytes]:
            yield b"x" * 300_000
            raise ItemChanged("b.pdf")

        message = await delivered(house)
        sound = answer(message, "i2")
        large = Document("a.pdf", "application/pdf", None, 300_000, lambda: iter((b"y" * 300_000,)))
        broken = Document("b.pdf", "application/pdf", None, 300_001, changing)
        office.answers |= {"i1": answer(message, documents=(large, broken)), "i2": sound}

        await look(house)

        assert list(office.settled) == ["i2"]
        assert len(await replies(house)) == 1
        assert house.body_files() == []

        office.answers["i1"] = answer(message, documents=(large,))
        await look(house)
        assert len(await replies(house)) == 1
        await try_again(house)
        assert len(await replies(house)) == 2
        assert JobKind.TAKE not in await house.jobs()

    async def test_a_full_disk_keeps_nothing_of_an_answer(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.answers["i1"] = answer(await delivered(house), given=Given(documents=(("b.pdf", b"x" * 300_000),)))

        async def full(*_: object) -> None:
            raise StorageFull("no room")

        with monkeypatch.context() as patch:
            patch.setattr(house.parts, "keep", full)
            await look(house)

        assert office.settled == {}
        assert house.body_files() == []
        await look(house)
        assert len(await replies(house)) == 1

    @pytest.mark.parametrize("said", [Retry("not-mounted"), RuntimeError("broken")])
    async def test_a_target_that_cannot_be_looked_at_is_looked_at_later(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch, said: Retry | Exception
    ) -> None:
        office.answers["i1"] = answer(await delivered(house))

        async def collect(self: MemoryAdapter, limit: int, skip: Collection[str]) -> Retry:
            if isinstance(said, Exception):
                raise said
            return said

        with monkeypatch.context() as patch:
            patch.setattr(MemoryAdapter, "collect", collect)
            await look(house)

        assert await due_in(house) == timedelta(seconds=30)
        house.clock.now += timedelta(seconds=30)
        await collect_job(await house.claimed(JobKind.COLLECT), house.shop)
        assert len(await replies(house)) == 1

    async def test_what_could_not_be_said_is_said_next_time(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.answers["i1"] = answer(await delivered(house))

        async def silent(self: MemoryAdapter, item: str, receipt: Receipt) -> Retry:
            return Retry("busy")

        with monkeypatch.context() as patch:
            patch.setattr(MemoryAdapter, "acknowledge", silent)
            await look(house)
            await try_again(house, house.attempts + 2)
        assert office.settled == {}

        await try_again(house)

        assert office.settled == {"i1": None}
        assert len(await replies(house)) == 1
        assert JobKind.TAKE not in await house.jobs()


async def try_again(house: House, times: int = 1) -> None:
    """Runs of the only take job, each when it is due."""
    for _ in range(times):
        house.clock.now += timedelta(hours=2)
        await take_job(await house.claimed(JobKind.TAKE), house.shop)


def unreadable() -> Iterator[bytes]:
    yield b"x"
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def broken(message: Message, item: str = "i1") -> Returned:
    return answer(message, item, documents=(Document("b.pdf", "application/pdf", None, 2, unreadable),))


class TestWhatCannotBeRead:
    """It keeps no other waiting, is tried so many times, and then people know."""

    async def test_it_is_given_up_after_so_many_attempts(self, house: House, office: MemoryTarget) -> None:
        message = await delivered(house)
        office.answers["i1"] = broken(message)

        await look(house)
        await try_again(house, house.attempts - 1)
        assert office.settled == {}
        assert await open_letters(house, message) == []
        await try_again(house)

        assert refused(office) == "given-up"
        [letter] = await open_letters(house, message)
        assert letter.reason is Reason.REPLY_IMPOSSIBLE
        assert letter.details == {"target": "main", "because": "given-up", "kind": "decision"}
        assert JobKind.TAKE not in await house.jobs()
        assert await replies(house) == ()
        assert house.body_files() == []
        assert await house.state(message) is State.ACCEPTED

    async def test_every_attempt_is_counted_and_so_is_the_end(self, house: House, office: MemoryTarget) -> None:
        office.answers["i1"] = broken(await delivered(house))

        await look(house)
        await try_again(house, house.attempts)

        assert [outcome for _, _, outcome in house.answered] == ["again"] * (house.attempts + 1) + ["given-up"]

    async def test_given_anew_it_begins_anew(self, house: House, office: MemoryTarget) -> None:
        message = await delivered(house)
        office.answers["i1"] = broken(message)
        await look(house)
        await try_again(house, house.attempts)

        office.answers["i2"] = answer(message, "i2")
        await look(house)

        assert [reply.case for reply in await replies(house)] == [message.case]

    async def test_any_number_of_them_keeps_no_other_waiting(self, house: House, office: MemoryTarget) -> None:
        message = await delivered(house)
        office.answers |= {f"a{n}": broken(message, f"a{n}") for n in range(AT_ONCE)}
        office.answers["z"] = answer(message, "z")

        await look(house)
        assert await due_in(house) == timedelta(0)
        await look(house)

        assert office.settled == {"z": None}
        assert (await house.jobs())[JobKind.TAKE] == AT_ONCE

    async def test_one_that_cannot_even_be_shown_is_given_up_as_well(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody knows what it answers: its people are told, and the operator by log and metric."""
        message = await delivered(house)
        shadow = Unread("i1", "Akte i1", "disk-error")

        async def collect(self: MemoryAdapter, limit: int, skip: Collection[str]) -> list[Unread]:
            return [] if skip or office.settled else [shadow]

        async def show(self: MemoryAdapter, item: str) -> Unread | None:
            return None if office.settled else shadow

        monkeypatch.setattr(MemoryAdapter, "collect", collect)
        monkeypatch.setattr(MemoryAdapter, "show", show)
        await look(house)
        await try_again(house, house.attempts)

        assert refused(office) == "given-up"
        assert await open_letters(house, message) == []
        assert JobKind.TAKE not in await house.jobs()

    async def test_what_was_passed_on_is_acknowledged_though_it_cannot_be_read_any_more(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As after a crash between the commit and the acknowledgement."""
        message = await delivered(house)
        office.answers["i1"] = answer(message)
        await look(house)
        [reply] = await replies(house)
        receipt = office.receipts.pop(reply.id)
        office.settled.clear()

        async def collect(self: MemoryAdapter, limit: int, skip: Collection[str]) -> list[Unread]:
            return [Unread("i1", "Akte i1", "disk-error")]

        monkeypatch.setattr(MemoryAdapter, "collect", collect)
        await look(house)

        assert office.settled == {"i1": None}
        assert office.receipts == {reply.id: receipt}

    @pytest.mark.parametrize("trouble", ["target", "off", "storage"])
    async def test_what_is_no_fault_of_the_item_does_not_count(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch, trouble: str
    ) -> None:
        message = await delivered(house)
        office.answers["i1"] = broken(message)
        await look(house)
        office.answers["i1"] = answer(message)

        async def gone(*_: object) -> Retry:
            return Retry("not-mounted")

        async def full(*_: object) -> None:
            raise StorageFull("no room")

        main = house.directory.targets[TargetId("main")]
        with monkeypatch.context() as patch:
            match trouble:
                case "target":
                    patch.setattr(MemoryAdapter, "show", gone)
                case "storage":
                    patch.setattr(house.parts, "keep", full)
                case "off":
                    off = replace(main, stage=Stage.OFF)
                    house.directory = with_entries(house.directory, targets=[off])
            await try_again(house, house.attempts + 2)
        house.directory = with_entries(house.directory, targets=[main])
        assert office.settled == {}

        await try_again(house)

        assert office.settled == {"i1": None}

    async def test_one_that_can_not_even_be_refused_is_tried_on_and_passed_on_once_it_can_be(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = await delivered(house)
        office.answers["i1"] = broken(message)

        async def deaf(*_: object) -> Retry:
            return Retry("disk-error")

        with monkeypatch.context() as patch:
            patch.setattr(MemoryAdapter, "refuse", deaf)
            await look(house)
            await try_again(house, house.attempts + 2)
        assert len(await open_letters(house, message)) == 1

        office.answers["i1"] = answer(message)
        await try_again(house)

        assert office.settled == {"i1": None}
        assert len(await replies(house)) == 1

    async def test_one_that_makes_its_adapter_fail_is_given_up_as_well(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.answers["i1"] = broken(await delivered(house))
        await look(house)

        async def show(self: MemoryAdapter, item: str) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr(MemoryAdapter, "show", show)
        await try_again(house, house.attempts)

        assert refused(office) == "given-up"
        assert JobKind.TAKE not in await house.jobs()

    async def test_its_row_ends_with_its_target_and_with_itself(self, house: House, office: MemoryTarget) -> None:
        message = await delivered(house)
        office.answers |= {"i1": broken(message, "i1"), "i2": broken(message, "i2")}
        await look(house)
        office.answers.pop("i1")
        await try_again(house)
        assert (await house.jobs())[JobKind.TAKE] == 1

        targets = {name: one for name, one in house.directory.targets.items() if name != "main"}
        house.directory = replace(house.directory, targets=targets)
        await try_again(house)

        assert JobKind.TAKE not in await house.jobs()


async def open_letters(house: House, message: Message) -> list[DeadLetter]:
    letters = await house.store.read(lambda tx: tx.deadletters.of(message.id))
    return [letter for letter in letters if letter.settlement is None]


async def due_in(house: House) -> timedelta:
    """Until the only collect job is due."""
    for seconds in range(0, 400, 10):
        waiting = await house.store.read(lambda tx, at=seconds: tx.jobs.waiting(house.clock() + timedelta(seconds=at)))  # type: ignore[misc]
        if waiting[JobKind.COLLECT].count:
            return timedelta(seconds=seconds)
    raise AssertionError("no collect job")


class TestTheJob:
    async def test_it_comes_back(self, house: House) -> None:
        job = await look(house)

        assert await due_in(house) == timedelta(seconds=30)
        house.clock.now += timedelta(seconds=30)
        again = await house.claimed(JobKind.COLLECT)
        assert (again.attempt, again.token > job.token) == (1, True)

    async def test_more_than_one_look_takes_comes_at_once(self, house: House, office: MemoryTarget) -> None:
        message = await delivered(house)
        office.answers |= {f"i{n}": answer(message, f"i{n}", documents=()) for n in range(AT_ONCE + 1)}

        await look(house)

        assert await due_in(house) == timedelta(0)
        await collect_job(await house.claimed(JobKind.COLLECT), house.shop)
        assert len(office.settled) == AT_ONCE + 1

    async def test_a_target_that_is_off_is_left_alone(self, house: House, office: MemoryTarget) -> None:
        office.answers["i1"] = answer(await delivered(house))
        main = replace(house.directory.targets[TargetId("main")], stage=Stage.OFF)
        house.directory = with_entries(house.directory, targets=[main])

        await look(house)

        assert office.settled == {}
        assert await due_in(house) == timedelta(seconds=30)

    @pytest.mark.parametrize("stale", [False, True])
    async def test_it_ends_with_its_target_unless_somebody_knows_better(self, house: House, stale: bool) -> None:
        """The directory in the store is newer: there the target may give something back again."""
        revision = await house.store.read(lambda tx: tx.directory.revision())
        house.directory = replace(house.directory, revision=revision - stale)

        await look(house, "nobody")

        assert (await house.jobs()).get(JobKind.COLLECT, 0) == int(stale)

    async def test_every_target_that_gives_back_gets_its_row_once(self, house: House) -> None:
        watch = CollectionWatch(house.store, house.targets, lambda: house.directory, house.clock)

        await watch.look()
        await watch.look()

        assert (await house.jobs())[JobKind.COLLECT] == 3
        more = Target(TargetId("new"), TenantId("chemnitz"), "test", {})
        house.directory = replace(with_entries(house.directory, targets=[more]), revision=2)
        await watch.look()
        assert (await house.jobs())[JobKind.COLLECT] == 4


class TestTelling:
    async def passed_on(self, house: House, office: MemoryTarget) -> Message:
        office.answers["i1"] = answer(await delivered(house))
        await look(house)
        [reply] = await replies(house)
        return reply

    async def test_the_authority_hears_that_the_portal_has_accepted(self, house: House, office: MemoryTarget) -> None:
        reply = await self.passed_on(house, office)

        await house.receiving.decide(house.client(), MessageKind.REPLY, reply.id, EventKind.ACCEPT)
        await tell_job(await house.claimed(JobKind.TELL), house.shop)

        assert office.receipts[reply.id].state is ReceiptState.ACCEPTED
        assert JobKind.TELL not in await house.jobs()
        assert house.answered == [(Stage.LIVE, "main", "passed-on"), (Stage.LIVE, "main", "accepted")]

    async def test_the_authority_hears_why_the_portal_has_rejected(self, house: House, office: MemoryTarget) -> None:
        reply = await self.passed_on(house, office)
        problem = SaidProblem("urn:x", "Prüfsumme", "Die Prüfsumme stimmt nicht.", "data")

        await house.receiving.decide(house.client(), MessageKind.REPLY, reply.id, EventKind.REJECT, (problem,))
        await tell_job(await house.claimed(JobKind.TELL), house.shop)

        assert office.receipts[reply.id].state is ReceiptState.REJECTED
        assert house.answered[1:] == [(Stage.LIVE, "main", "rejected")]
        assert office.receipts[reply.id].problems == ("Prüfsumme: Die Prüfsumme stimmt nicht.",)
        assert office.receipts[reply.id].label == "Akte i1"

    async def test_it_is_told_again_until_it_is_given_up(
        self, house: House, office: MemoryTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reply = await self.passed_on(house, office)
        await house.receiving.decide(house.client(), MessageKind.REPLY, reply.id, EventKind.ACCEPT)

        async def deaf(self: MemoryAdapter, receipt: Receipt) -> Retry:
            return Retry("busy")

        monkeypatch.setattr(MemoryAdapter, "tell", deaf)
        for _ in range(house.attempts):
            assert JobKind.TELL in await house.jobs()
            await tell_job(await house.claimed(JobKind.TELL), house.shop)
            house.clock.now += timedelta(hours=1)

        assert JobKind.TELL not in await house.jobs()

    async def test_a_target_that_is_gone_is_not_told_for_ever(self, house: House, office: MemoryTarget) -> None:
        reply = await self.passed_on(house, office)
        await house.receiving.decide(house.client(), MessageKind.REPLY, reply.id, EventKind.ACCEPT)
        targets = {name: one for name, one in house.directory.targets.items() if name != "main"}
        house.directory = replace(house.directory, targets=targets)

        for _ in range(house.attempts):
            await tell_job(await house.claimed(JobKind.TELL), house.shop)
            house.clock.now += timedelta(hours=1)

        assert JobKind.TELL not in await house.jobs()

    async def test_a_late_acknowledgement_says_what_the_portal_has_said_meanwhile(
        self, house: House, office: MemoryTarget
    ) -> None:
        reply = await self.passed_on(house, office)
        await house.receiving.decide(house.client(), MessageKind.REPLY, reply.id, EventKind.ACCEPT)
        office.settled.clear()

        await look(house)

        assert office.receipts[reply.id].state is ReceiptState.ACCEPTED
