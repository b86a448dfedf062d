"""The jobs: process, deliver, expire. Every one ends in a state, an event or a Klärungsfall, and none is for ever."""

import asyncio
import contextlib
from collections.abc import Generator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import pytest
from application_kit import Application, Enclosure, Spoil, one_bit_of, sample
from house_for_tests import COLLECTING, DIRECT, PORTAL, House, with_entries
from patience import PATIENCE
from schemas_for_tests import dog_tax

from adapters.memory import MemoryAdapter, MemoryTarget
from amtsbote.admin.letters import Decision, retrying
from amtsbote.api import (
    Delivered,
    Misfit,
    Outcome,
    Readiness,
    Ready,
    Refused,
    Retry,
    Unavailable,
    Unknown,
    VerifiedParts,
    WorkOrder,
)
from amtsbote.api.persistence import Transaction
from amtsbote.errors import StaleState, StorageFailed
from amtsbote.model.content import SignatureAction, SignatureVerdict
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.event import EventKind
from amtsbote.model.ids import TargetId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Delivery, DeliveryState, Message, State
from amtsbote.runner import Lane
from amtsbote.runner.deliver import deliver_job
from amtsbote.runner.process import process_job
from amtsbote.runner.seats import NotNow
from amtsbote.store import BodyFiles
from schemas.helpers import HelperFailed
from schemas.registry import SchemaRegistry

PHOTO = Enclosure(b"\xff\xd8" + b"p" * 100_000, "Eiche.jpg", "image/jpeg", "aaaaaaaa-0000-4000-8000-000000000001")
PLAIN = Application(DIRECT)
CHEMNITZ_XML = sample("gueltig-hamburg-chemnitz")


class Says:
    """An adapter that gives one answer, or raises it."""

    def __init__(self, answer: Outcome | Exception | None, readiness: Readiness | Exception | None = None) -> None:
        self.answer = answer
        self.readiness = readiness or Ready()
        self.closed = 0
        self.orders: list[WorkOrder] = []

    async def prepare(self) -> Readiness:
        if isinstance(self.readiness, Exception):
            raise self.readiness
        return self.readiness

    async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:  # noqa: ARG002
        self.orders.append(order)
        if self.answer is None:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        assert self.answer is not None
        return self.answer

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def schemas(house: House, bundled_schemas: SchemaRegistry) -> None:
    house.schemas = bundled_schemas


async def processed(house: House, application: Application = PLAIN, spoil: Spoil | None = None) -> Message:
    message = await house.submitted(application, spoil)
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    return message


async def deliveries(house: House, message: Message) -> tuple[Delivery, ...]:
    return await house.store.read(lambda tx: tx.deliveries.of(message.id))


async def letters(house: House, message: Message) -> list[tuple[Reason, dict[str, str]]]:
    found: tuple[DeadLetter, ...] = await house.store.read(lambda tx: tx.deadletters.of(message.id))
    return [(letter.reason, dict(letter.details)) for letter in found]


async def trace(house: House, message: Message) -> list[tuple[str, str]]:
    return [(one.step, one.verdict) for one in await house.store.read(lambda tx: tx.traces.of(message.id))]


async def kinds(house: House, message: Message) -> list[EventKind]:
    return [event.kind for event in await house.events(message)]


async def test_an_application_reaches_its_target_and_its_copy_and_is_accepted_once(house: House) -> None:
    town = MemoryTarget()
    house.adapters["test"] = MemoryAdapter(town)
    message = await processed(house, PLAIN.but(enclosures=(PHOTO,)))
    assert await house.state(message) is State.DELIVERING
    assert await house.jobs() == {JobKind.DELIVER: 2}

    for _ in range(2):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert await house.state(message) is State.ACCEPTED
    assert await house.jobs() == {}
    assert await kinds(house, message) == [EventKind.CREATE, EventKind.SUBMIT, EventKind.ACCEPT]
    kept = {one.order.target: one for one in town.messages.values()}
    assert set(kept) == {"main", "copy"}
    assert kept[TargetId("main")].data == PLAIN.data
    assert kept[TargetId("main")].attachments == (PHOTO.content,)
    assert kept[TargetId("main")].order.signature.verdict is SignatureVerdict.VALID
    assert kept[TargetId("main")].order.portal == "hamburg"
    assert [step for step, verdict in await trace(house, message) if verdict == "ok"] == [
        "open", "inspect", "address", "deliver", "confirm", "deliver", "confirm",
    ]  # fmt: skip


DOG = dog_tax("1.1").folder / "samples" / "gueltig-ein-hund.json"
DOG_SCHEMA = dog_tax("1.1").about.schemas[1]


OLD_DOG = (dog_tax("1.0").folder / "samples" / "gueltig-ein-hund.xml").read_bytes()
OLD_XML, OLD_JSON = dog_tax("1.0").about.schemas
NEW_XML = dog_tax("1.1").about.schemas[0]
OLD = PLAIN.but(data=OLD_DOG, schema=OLD_XML.uri, enclosures=(PHOTO,))


@pytest.fixture
def dogs(house: House) -> MemoryTarget:
    """A destination that takes dogs in version 1.0. Its primary target wants them in 1.1, the copy as they come."""
    direct = house.directory.destinations[DIRECT]
    offered = replace(direct.services[0], schemas=(OLD_XML, OLD_JSON))
    main = replace(house.directory.targets[TargetId("main")], schemas=(NEW_XML.uri,))
    house.directory = with_entries(house.directory, destinations=[replace(direct, services=(offered,))], targets=[main])
    town = MemoryTarget()
    house.adapters["test"] = MemoryAdapter(town)
    return town


async def test_a_target_gets_the_version_it_wants_and_what_was_sent_beside_it(house: House, dogs: MemoryTarget) -> None:
    message = await processed(house, OLD)
    for _ in range(2):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert await house.state(message) is State.ACCEPTED
    kept = {one.order.target: one for one in dogs.messages.values()}
    main, copy = kept[TargetId("main")], kept[TargetId("copy")]
    assert (main.order.schema, main.order.package) == (NEW_XML, "hundesteueranmeldung 1.1")
    assert b"<bezeichnung>Beagle</bezeichnung>" in main.data
    assert (main.original, main.attachments) == (OLD_DOG, (PHOTO.content,))
    assert (copy.data, copy.original, copy.order.schema) == (OLD_DOG, None, OLD_XML)
    [step] = [one for one in await house.store.read(lambda tx: tx.traces.of(message.id)) if one.step == "map"]
    assert (step.verdict, dict(step.details)) == ("ok", {"from": OLD_XML.uri, "to": NEW_XML.uri})


async def test_what_no_mapping_leads_to_waits_for_a_person_and_is_delivered_when_the_wish_is_gone(
    house: House, dogs: MemoryTarget
) -> None:
    data = (dog_tax("1.0").folder / "samples" / "gueltig-ein-hund.json").read_bytes()
    json = OLD.but(data=data, schema=OLD_JSON.uri, data_type=OLD_JSON.mime_type)
    message = await processed(house, json)
    for _ in range(2):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert await house.state(message) is State.HELD
    [(reason, details)] = await letters(house, message)
    assert (reason, details["failure"], details["target"]) == (Reason.PROCESSING_FAILED, "no-mapping", "main")
    assert [one.order.target for one in dogs.messages.values()] == ["copy"]

    without = replace(house.directory.targets[TargetId("main")], schemas=())
    house.directory = with_entries(house.directory, targets=[without])
    [letter] = await house.store.read(lambda tx: tx.deadletters.of(message.id))
    await house.store.write(retrying(Decision(letter.id, "uid:7", house.clock(), "")))
    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert await house.state(message) is State.ACCEPTED
    assert {one.order.target: one.data for one in dogs.messages.values()} == {"main": data, "copy": data}


@pytest.mark.parametrize(("reason", "attempts"), [("timeout", 3), ("memory", 3), ("crashed", 5)])
async def test_a_mapping_without_end_is_soon_for_a_person_and_never_delivered_half(
    house: House, dogs: MemoryTarget, reason: Literal["timeout", "memory", "crashed"], attempts: int
) -> None:
    house.attempts = 5
    message = await processed(house, OLD)

    class Exhausted:
        @property
        def forms(self) -> Any:
            raise HelperFailed(reason)

    house.schemas = Exhausted()
    for _ in range(attempts + 1):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
        house.clock.passes(timedelta(hours=1))

    why = Reason.ATTEMPTS_USED_UP if reason == "crashed" else Reason.PROCESSING_FAILED
    assert [(found, told["failure"]) for found, told in await letters(house, message)] == [(why, f"mapping-{reason}")]
    assert [one.order.target for one in dogs.messages.values()] == ["copy"]


async def test_an_application_in_json_reaches_its_target_as_it_was_sent(house: House) -> None:
    direct = house.directory.destinations[DIRECT]
    offered = replace(direct.services[0], schemas=(DOG_SCHEMA,))
    house.directory = with_entries(house.directory, destinations=[replace(direct, services=(offered,))])
    town = MemoryTarget()
    house.adapters["test"] = MemoryAdapter(town)
    dog = PLAIN.but(data=DOG.read_bytes(), schema=DOG_SCHEMA.uri, data_type=DOG_SCHEMA.mime_type, region=None)

    message = await processed(house, dog)
    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert await house.state(message) is State.ACCEPTED
    (kept,) = town.messages.values()
    assert (kept.data, kept.order.schema, kept.order.region) == (dog.data, DOG_SCHEMA, "145110000000")

    wrong = await processed(house, dog.but(data=dog.data.replace(b"2026-05-30", b"2026-02-30")))
    assert await house.state(wrong) is State.REJECTED
    rejected = (await house.events(wrong))[-1].payload
    assert b'"code":"JSON-FORMAT"' in rejected
    assert b"/hund/0/wurfdatum" in rejected
    assert b"2026-02-30" not in rejected


@pytest.mark.parametrize(
    ("application", "spoil", "code"),
    [
        (PLAIN, Spoil(after={"data": one_bit_of(3)}), "AB-2001"),
        (PLAIN, Spoil(after={"metadata": one_bit_of(1)}), "AB-2001"),
        (PLAIN.but(enclosures=(PHOTO,)), Spoil(after={"attachment": one_bit_of(4)}), "AB-2001"),
        (PLAIN.but(enclosures=(PHOTO,)), Spoil(before={"attachment": lambda body: body + b"!"}), "AB-2002"),
        (PLAIN, Spoil(before={"data": lambda body: body + b" "}), "AB-2002"),
        (PLAIN, Spoil(before={"metadata": lambda _: b"{"}), "AB-2003"),
        (PLAIN.but(data=sample("ungueltig-datum")), None, "AB-2012"),
        (PLAIN.but(data=sample("ungueltig-doctype")), None, "AB-2011"),
        (PLAIN.but(schema="urn:other"), None, "AB-2009"),
        (PLAIN, Spoil(signature=lambda token: token[:-8] + "AAAAAAAA"), "AB-2013"),
    ],
)
async def test_what_the_sender_did_wrong_ends_with_a_reject_event_and_no_delivery(
    house: House, application: Application, spoil: Spoil | None, code: str
) -> None:
    message = await processed(house, application, spoil)

    assert await house.state(message) is State.REJECTED
    assert await kinds(house, message) == [EventKind.CREATE, EventKind.SUBMIT, EventKind.REJECT]
    assert await deliveries(house, message) == ()
    assert await house.jobs() == {}
    stored = await house.store.read(lambda tx: tx.traces.of(message.id))
    assert stored[-1].details == {"problems": code}
    assert b"Erika" not in (await house.events(message))[-1].payload


@pytest.mark.parametrize(
    ("application", "reason"),
    [
        (PLAIN.but(destination=COLLECTING), Reason.TENANT_NOT_SERVED),
        (PLAIN.but(region="145225102060"), Reason.REGION_DISAGREES),
        (PLAIN.but(region="02"), Reason.REGION_DISAGREES),
    ],
)
async def test_what_the_tables_cannot_decide_waits_for_a_person(
    house: House, application: Application, reason: Reason
) -> None:
    message = await processed(house, application)

    assert await house.state(message) is State.HELD
    assert [found for found, _ in await letters(house, message)] == [reason]
    assert await kinds(house, message) == [EventKind.CREATE, EventKind.SUBMIT]
    assert await house.jobs() == {}


async def test_a_policy_can_hold_what_a_portal_cannot_prove(house: House) -> None:
    destination = house.directory.destinations[DIRECT]
    policy = {**destination.signature_policy, SignatureVerdict.ABSENT: SignatureAction.HOLD}
    house.directory = with_entries(house.directory, destinations=[replace(destination, signature_policy=policy)])

    message = await processed(house, PLAIN.but(signed=False))

    assert await letters(house, message) == [(Reason.SIGNATURE, {"verdict": "absent", "because": ""})]


@pytest.mark.parametrize(("version", "known"), [("2.1.0", True), ("2.9.4", False)])
async def test_the_target_hears_whether_the_metadata_were_fully_validated(
    house: House, version: str, known: bool
) -> None:
    schema = f"https://schema.fitko.de/fit-connect/metadata/{version}/metadata.schema.json"
    house.adapters["test"] = adapter = Says(Delivered("there"))
    await processed(house, PLAIN, Spoil(before={"metadata": lambda document: document | {"$schema": schema}}))

    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    [order] = adapter.orders
    assert (order.metadata_version, order.fully_validated) == (version, known)


async def test_a_lost_part_is_for_a_person_and_never_a_rejection(house: House) -> None:
    message = await house.submitted(PLAIN.but(enclosures=(PHOTO,)))
    for file in house.body_files():
        file.unlink()

    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    assert await house.state(message) is State.HELD
    [(reason, _)] = await letters(house, message)
    assert reason is Reason.PART_DAMAGED


async def test_a_former_key_of_the_destination_still_opens_what_was_accepted_with_it(house: House) -> None:
    message = await house.submitted(PLAIN)
    rotated = replace(house.directory.destinations[DIRECT], encryption_key=house.keys.kid("leipzig-encryption"))
    house.directory = with_entries(house.directory, destinations=[rotated])

    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    assert await house.state(message) is State.DELIVERING


async def test_a_fault_of_ours_costs_attempts_and_then_asks_a_person(house: House) -> None:
    class Broken:
        def knows(self, ref: Any) -> bool:  # noqa: ARG002
            raise RuntimeError("a value of the message")

    house.schemas = Broken()
    message = await house.submitted(PLAIN)

    for expected in (State.SUBMITTED, State.SUBMITTED, State.HELD):
        await process_job(await house.claimed(JobKind.PROCESS), house.shop)
        assert await house.state(message) is expected
        house.clock.passes(timedelta(hours=1))

    assert await letters(house, message) == [(Reason.PROCESSING_FAILED, {"error": "RuntimeError"})]
    assert await house.jobs() == {}


class AwayAtFirst(BodyFiles):
    """A storage that does not answer until somebody mends it."""

    away = True

    def read(self, name: str) -> Generator[bytes, None, None]:
        if self.away:
            raise StorageFailed("the storage of parts does not answer")
        yield from super().read(name)


def postponed(job: Job, due: datetime, tx: Transaction) -> None:
    tx.jobs.postpone(job, due)


async def test_a_storage_of_parts_that_does_not_answer_costs_no_attempt(house: House) -> None:
    files = house.__dict__["files"] = AwayAtFirst(house.folder / "parts", house.disk)
    message = await house.submitted(replace(PLAIN, enclosures=(PHOTO,)))

    for _ in range(house.attempts + 1):
        job = await house.claimed(JobKind.PROCESS)
        with pytest.raises(NotNow):
            await process_job(job, house.shop)
        await house.store.write(partial(postponed, job, house.clock()))
    assert await letters(house, message) == []
    files.away = False
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    assert await house.state(message) is State.DELIVERING


@pytest.mark.parametrize(("reason", "attempts"), [("timeout", 3), ("memory", 3), ("crashed", 5)])
async def test_a_document_that_exhausts_a_helper_is_soon_for_a_person(
    house: House, reason: Literal["timeout", "memory", "crashed"], attempts: int
) -> None:
    class Exhausted:
        def knows(self, ref: Any) -> bool:  # noqa: ARG002
            raise HelperFailed(reason)

    house.schemas, house.attempts = Exhausted(), 5
    message = await house.submitted(PLAIN)

    for expected in [State.SUBMITTED] * (attempts - 1) + [State.HELD]:
        await process_job(await house.claimed(JobKind.PROCESS), house.shop)
        assert await house.state(message) is expected
        house.clock.passes(timedelta(hours=1))

    assert await letters(house, message) == [(Reason.PROCESSING_FAILED, {"error": "HelperFailed"})]


async def test_a_sender_that_is_gone_from_the_directory_does_not_keep_a_job_for_ever(house: House) -> None:
    message = await house.submitted(PLAIN)
    clients = {name: client for name, client in house.directory.clients.items() if name != PORTAL}
    house.directory = replace(house.directory, clients=clients)

    for _ in range(3):
        await process_job(await house.claimed(JobKind.PROCESS), house.shop)
        house.clock.passes(timedelta(hours=1))

    assert await house.state(message) is State.HELD
    assert await house.jobs() == {}


async def test_a_message_that_takes_the_process_down_every_time_is_held_unread(house: House) -> None:
    message = await house.submitted(PLAIN)
    for _ in range(3):
        await house.claimed(JobKind.PROCESS)
        await house.store.write(lambda tx: tx.jobs.release())

    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    assert await letters(house, message) == [(Reason.PROCESSING_FAILED, {"error": "Crashed"})]
    assert await trace(house, message) == []


async def test_a_job_whose_message_has_moved_on_ends_without_a_trace(house: House) -> None:
    message = await house.submitted(PLAIN)
    await house.store.write(lambda tx: tx.messages.move(message.id, State.SUBMITTED, State.REJECTED, at=house.clock()))

    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    assert await house.jobs() == {}
    assert await house.state(message) is State.REJECTED
    assert await trace(house, message) == []


async def test_of_two_workers_the_one_with_the_lost_lease_writes_nothing(house: House) -> None:
    message = await house.submitted(PLAIN)
    lost = await house.claimed(JobKind.PROCESS)
    house.clock.passes(timedelta(minutes=11))
    held = await house.claimed(JobKind.PROCESS)

    with pytest.raises(StaleState):
        await process_job(lost, house.shop)
    await process_job(held, house.shop)

    assert len(await deliveries(house, message)) == 2


@pytest.mark.parametrize(
    ("answer", "reason", "failure"),
    [
        (Refused("unsafe"), Reason.DELIVERY_REFUSED, "unsafe"),
        (Unknown("may-be-there"), Reason.DELIVERY_UNKNOWN, "may-be-there"),
    ],
)
async def test_a_target_that_says_no_or_does_not_know_asks_a_person(
    house: House, answer: Outcome, reason: Reason, failure: str
) -> None:
    message = await processed(house)
    house.adapters["test"] = Says(answer)

    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert await house.state(message) is State.HELD
    [(found, details)] = await letters(house, message)
    assert (found, details["failure"]) == (reason, failure)
    assert (await deliveries(house, message))[0].state is DeliveryState.DEAD


@pytest.mark.parametrize(
    ("adapter", "failure"),
    [
        (Says(Retry("disk-full")), "disk-full"),
        (Says(RuntimeError("a value of the message")), "adapter-failed"),
        (Says(None, Misfit("Ordner fehlt", "no folder")), "target-misconfigured"),
        (Says(None, Unavailable("weg", "gone")), "target-unavailable"),
        (Says(None, OSError("x")), "adapter-failed"),
    ],
)
async def test_a_target_in_trouble_is_asked_again_and_then_a_person_is(
    house: House, adapter: Says, failure: str
) -> None:
    message = await processed(house)
    house.adapters["test"] = adapter
    [copy] = [one for one in await deliveries(house, message) if not one.primary]
    await house.store.write(lambda tx: tx.jobs.drop(JobKind.DELIVER, copy.id))

    for attempt in range(3):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
        primary = (await deliveries(house, message))[0]
        assert primary.failure == failure
        assert primary.state is (DeliveryState.DEAD if attempt == 2 else DeliveryState.PENDING)
        house.clock.passes(timedelta(hours=1))

    assert [reason for reason, _ in await letters(house, message)] == [Reason.ATTEMPTS_USED_UP]
    assert await house.state(message) is State.HELD


async def test_a_copy_that_fails_leaves_the_message_accepted(house: House) -> None:
    message = await processed(house)
    house.adapters["test"] = Says(Delivered("there"))
    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
    house.adapters["test"] = Says(Refused("no"))

    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert await house.state(message) is State.ACCEPTED
    assert [reason for reason, _ in await letters(house, message)] == [Reason.DELIVERY_REFUSED]
    assert (await kinds(house, message)).count(EventKind.ACCEPT) == 1


async def test_a_delivery_that_takes_the_process_down_every_time_may_have_arrived(house: House) -> None:
    message = await processed(house)
    house.adapters["test"] = silent = Says(None)
    [copy] = [one for one in await deliveries(house, message) if not one.primary]
    await house.store.write(lambda tx: tx.jobs.drop(JobKind.DELIVER, copy.id))
    for _ in range(3):
        await house.claimed(JobKind.DELIVER)
        await house.store.write(lambda tx: tx.jobs.release())

    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert [(reason, found["failure"]) for reason, found in await letters(house, message)] == [
        (Reason.DELIVERY_UNKNOWN, "crashed")
    ]
    assert silent.orders == []


@pytest.mark.parametrize("hangs_in", ["prepare", "deliver"])
async def test_a_target_that_hangs_costs_an_attempt_before_the_lease_ends(house: House, hangs_in: str) -> None:
    class Hangs(Says):
        prepared = 0

        async def prepare(self) -> Readiness:
            self.prepared += 1
            if hangs_in == "prepare" and self.prepared == 1:
                await asyncio.Event().wait()
            return Ready()

    message = await processed(house)
    house.adapters["test"] = hangs = Hangs(None)
    impatient = replace(house.shop, lease=timedelta(milliseconds=40))

    await deliver_job(await house.claimed(JobKind.DELIVER), impatient)

    assert (await deliveries(house, message))[0].failure == "timeout"
    hangs.answer = Delivered("there")
    if hangs_in == "prepare":
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
        assert (await deliveries(house, message))[1].state is DeliveryState.DELIVERED


async def test_while_a_target_is_being_prepared_others_are_told_at_once(house: House) -> None:
    class Slow(Says):
        async def prepare(self) -> Readiness:
            begun.set()
            await gate.wait()
            return Ready()

    begun, gate = asyncio.Event(), asyncio.Event()
    house.adapters["test"] = slow = Slow(Delivered("there"))
    first = asyncio.create_task(house.targets.ready(TargetId("main"), house.directory))
    await asyncio.wait_for(begun.wait(), PATIENCE)

    second = house.targets.ready(TargetId("main"), house.directory)
    assert await asyncio.wait_for(second, PATIENCE) == Retry("target-busy")
    gate.set()
    assert await first is slow


async def test_a_target_that_hangs_leaves_places_to_the_others(house: House) -> None:
    class HangsForMain(Says):
        async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:
            if order.target == "main":
                return await super().deliver(order, parts)
            copied.append(order.message)
            if len(copied) == 6:
                all_copied.set()
            return Delivered("there")

    copied: list[str] = []
    all_copied = asyncio.Event()
    house.adapters["test"] = hangs = HangsForMain(None)
    for target in ("main", "copy"):
        await house.targets.ready(TargetId(target), house.directory)
    for _ in range(6):
        await processed(house)
    lane = Lane({JobKind.DELIVER: deliver_job}, 6, house.shop)
    running = asyncio.create_task(lane.run())

    await asyncio.wait_for(all_copied.wait(), PATIENCE)
    assert len(hangs.orders) == 4
    lane.stop()
    await lane.abandon()
    await asyncio.wait_for(running, PATIENCE)


async def test_a_delivery_that_is_done_is_not_done_again(house: House) -> None:
    message = await processed(house)
    house.adapters["test"] = adapter = Says(Delivered("there"))
    job = await house.claimed(JobKind.DELIVER)
    await house.store.write(
        lambda tx: tx.deliveries.move(
            (tx.deliveries.of(message.id))[0].id, DeliveryState.PENDING, DeliveryState.DELIVERED, failure=None
        )
    )

    await deliver_job(job, house.shop)

    assert adapter.orders == []
    assert (await house.jobs())[JobKind.DELIVER] == 1


async def test_a_damaged_dossier_or_body_is_for_a_person(house: House) -> None:
    message = await processed(house, PLAIN.but(enclosures=(PHOTO,)))
    house.adapters["test"] = MemoryAdapter(MemoryTarget())
    for file in house.body_files():
        file.write_bytes(b"x" * 100)
    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
    await house.store.write(lambda tx: tx.messages.keep_dossier(message.id, b"nothing of ours"))
    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert [reason for reason, _ in await letters(house, message)] == [Reason.PART_DAMAGED] * 2
    assert await house.state(message) is State.HELD


async def test_a_target_is_prepared_once_again_after_a_change_and_closed_in_the_end(house: House) -> None:
    made: list[Says] = []

    def make() -> Says:
        made.append(Says(Delivered("there")))
        return made[-1]

    first, same = [await _ready(house, make) for _ in range(2)]
    assert first is same
    changed = replace(house.directory.targets[TargetId("main")], options={"path": "/elsewhere"})
    house.directory = with_entries(house.directory, targets=[changed])

    assert await _ready(house, make) is not first
    assert [one.closed for one in made] == [1, 0]
    await house.targets.close()
    assert [one.closed for one in made] == [1, 1]


@pytest.mark.parametrize("readiness", [Unavailable("Fehlt.", "Gone."), Misfit("Nein.", "No."), OSError("unexpected")])
async def test_a_target_that_is_not_ready_is_asked_again_and_not_built_again(
    house: House, readiness: Readiness | Exception
) -> None:
    """A new adapter would not know of the threads that a former one has lost to a target that hangs."""
    house.adapters["test"] = adapter = Says(Delivered("there"), readiness)
    with contextlib.suppress(OSError):
        assert isinstance(await house.targets.ready(TargetId("main"), house.directory), Retry)
    house.adapters["test"] = Says(None)
    adapter.readiness = Ready()

    assert await house.targets.ready(TargetId("main"), house.directory) is adapter
    await house.targets.close()
    assert adapter.closed == 1


async def _ready(house: House, make: Any) -> Any:
    house.targets._kinds["test"].make = make  # type: ignore[attr-defined]
    return await house.targets.ready(TargetId("main"), house.directory)


async def test_a_target_without_an_adapter_or_without_a_row_is_asked_again_later(house: House) -> None:
    assert await house.targets.ready(TargetId("nowhere"), house.directory) == Retry("target-removed")
    foreign = replace(house.directory.targets[TargetId("main")], adapter="sftp")
    directory = with_entries(house.directory, targets=[foreign])

    assert await house.targets.ready(TargetId("main"), directory) == Retry("adapter-missing")
