"""What counts as tried: a lowered limit is no crash, and a rejection does not rewrite where a copy has arrived."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from application_kit import Application
from house_for_tests import DIRECT, House
from patience import PATIENCE

from amtsbote.admin.commands import run_command
from amtsbote.admin.office import Office, nobody_to_tell
from amtsbote.api import Delivered, Outcome, Readiness, Ready, Refused, Retry, Unknown, VerifiedParts, WorkOrder
from amtsbote.api.persistence import Transaction
from amtsbote.model.deadletter import Reason
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Delivery, DeliveryState, Message, State
from amtsbote.runner.deliver import deliver_job
from amtsbote.runner.process import process_job
from schemas.registry import SchemaRegistry

HOUR = timedelta(hours=1)


class Answers:
    """Says what the test set, to the copy not before the test lets it."""

    def __init__(self, main: Outcome, copy: Outcome | Exception) -> None:
        self.main, self.copy = main, copy
        self.begun, self.gate = asyncio.Event(), asyncio.Event()

    async def prepare(self) -> Readiness:
        return Ready()

    async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:  # noqa: ARG002
        if order.target == "main":
            return self.main
        self.begun.set()
        await self.gate.wait()
        if isinstance(self.copy, Exception):
            raise self.copy
        return self.copy

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(autouse=True)
def schemas(house: House, bundled_schemas: SchemaRegistry) -> None:
    house.schemas = bundled_schemas


async def delivering(house: House) -> Message:
    message = await house.submitted(Application(DIRECT))
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    return message


async def deliveries(house: House, message: Message) -> tuple[Delivery, Delivery]:
    primary, copy = await house.store.read(lambda tx: tx.deliveries.of(message.id))
    return primary, copy


async def reasons(house: House, message: Message) -> list[tuple[Reason, Any]]:
    letters = await house.store.read(lambda tx: tx.deadletters.of(message.id))
    return [(letter.reason, letter.details.get("failure")) for letter in letters if letter.settlement is None]


async def rejected_while_a_copy_is_on_its_way(house: House, copy: Outcome | Exception) -> tuple[Message, Answers, Job]:
    """The primary target has refused it; the copy's job is claimed and not begun."""
    house.adapters["test"] = answers = Answers(Refused("no"), copy)
    message = await delivering(house)
    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
    job = await house.claimed(JobKind.DELIVER)
    return message, answers, job


async def reject(house: House, message: Message) -> None:
    [letter] = await house.store.read(lambda tx: tx.deadletters.of(message.id))
    rows = (house.directory.tenants, house.directory.keys, house.directory.destinations)

    def known(tx: Transaction) -> None:
        for entry in (entry for table in rows for entry in table.values()):
            tx.directory.put(entry)

    await house.store.write(known)
    office = Office(
        house.store,
        house.vault,
        (),
        frozenset,
        {},
        house.clock,
        nobody_to_tell,
        event_bytes=house.envelope.event,
        new_id=house.ids,
    )
    await run_command(office, "uid:7", "deadletters.reject", {"id": letter.id, "text": "nein"})


async def test_a_lowered_limit_takes_no_delivery_for_cut_off_that_was_tried_to_its_end(house: House) -> None:
    house.attempts = 6
    house.adapters["test"] = answers = Answers(Retry("disk-full"), Delivered("there"))
    message = await delivering(house)
    await house.store.write(lambda tx: tx.jobs.drop(JobKind.DELIVER, tx.deliveries.of(message.id)[1].id))
    for _ in range(4):
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
        house.clock.passes(HOUR)

    house.shop.backoff.attempts = 2
    answers.main = Delivered("there")
    await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)

    assert (await deliveries(house, message))[0].state is DeliveryState.DELIVERED
    assert await reasons(house, message) == []


async def test_what_fails_beyond_a_lowered_limit_is_used_up_and_not_unknown(house: House) -> None:
    house.attempts = 6
    house.adapters["test"] = Answers(Retry("disk-full"), Delivered("there"))
    message = await delivering(house)
    await house.store.write(lambda tx: tx.jobs.drop(JobKind.DELIVER, tx.deliveries.of(message.id)[1].id))
    for attempts in (6, 6, 6, 1):
        house.shop.backoff.attempts = attempts
        await deliver_job(await house.claimed(JobKind.DELIVER), house.shop)
        house.clock.passes(HOUR)

    assert await reasons(house, message) == [(Reason.ATTEMPTS_USED_UP, "disk-full")]


async def test_a_message_tried_to_its_end_is_processed_again_under_a_lowered_limit(house: House) -> None:
    house.attempts = 6
    message = await house.submitted(Application(DIRECT))
    good, house.schemas = house.schemas, None
    for _ in range(4):
        await process_job(await house.claimed(JobKind.PROCESS), house.shop)
        house.clock.passes(HOUR)
    house.schemas = good
    house.shop.backoff.attempts = 2

    await process_job(await house.claimed(JobKind.PROCESS), house.shop)

    assert await house.state(message) is State.DELIVERING


async def test_a_copy_that_arrives_while_its_submission_is_rejected_has_arrived(house: House) -> None:
    message, answers, job = await rejected_while_a_copy_is_on_its_way(house, Delivered("there"))
    on_its_way = asyncio.create_task(deliver_job(job, house.shop))
    await asyncio.wait_for(answers.begun.wait(), PATIENCE)

    await reject(house, message)
    answers.gate.set()
    await on_its_way

    copy = (await deliveries(house, message))[1]
    assert (copy.state, copy.failure) == (DeliveryState.DELIVERED, None)
    assert (await house.state(message), await house.jobs()) == (State.REJECTED, {})


@pytest.mark.parametrize(
    ("answer", "failure", "open_letters"),
    [
        (Retry("disk-full"), "withdrawn", []),
        (Refused("no"), "withdrawn", []),
        (Unknown("folder-exists"), "folder-exists", [(Reason.DELIVERY_UNKNOWN, "folder-exists")]),
        (RuntimeError("x"), "adapter-failed", [(Reason.DELIVERY_UNKNOWN, "adapter-failed")]),
    ],
)
async def test_a_copy_that_does_not_arrive_while_its_submission_is_rejected_is_not_tried_again(
    house: House, answer: Outcome | Exception, failure: str, open_letters: list[tuple[Reason, str]]
) -> None:
    message, answers, job = await rejected_while_a_copy_is_on_its_way(house, answer)
    on_its_way = asyncio.create_task(deliver_job(job, house.shop))
    await asyncio.wait_for(answers.begun.wait(), PATIENCE)

    await reject(house, message)
    answers.gate.set()
    await on_its_way

    copy = (await deliveries(house, message))[1]
    assert (copy.state, copy.failure) == (DeliveryState.DEAD, failure)
    assert await house.jobs() == {}
    assert await reasons(house, message) == open_letters


@pytest.mark.parametrize("crashed", [False, True])
async def test_a_copy_of_a_rejected_submission_is_not_begun(house: House, crashed: bool) -> None:
    message, answers, job = await rejected_while_a_copy_is_on_its_way(house, Delivered("there"))
    await reject(house, message)
    if crashed:
        await house.store.write(lambda tx: tx.jobs.release())
        job = await house.claimed(JobKind.DELIVER)

    await deliver_job(job, house.shop)

    copy = (await deliveries(house, message))[1]
    assert (copy.state, copy.failure) == (DeliveryState.DEAD, "crashed" if crashed else "withdrawn")
    assert await reasons(house, message) == ([(Reason.DELIVERY_UNKNOWN, "crashed")] if crashed else [])
    assert not answers.begun.is_set()
    assert await house.jobs() == {}
