"""Lanes, computing threads, the signer and the waits between attempts."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from application_kit import Application
from house_for_tests import DIRECT, House, with_entries
from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE

from amtsbote.api.persistence import Transaction
from amtsbote.errors import LeaseLost, StorageFailed
from amtsbote.model.ids import DeliveryId, TargetId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Delivery, DeliveryState, State
from amtsbote.runner import Backoff, Computing, Lane, Signing, Workshop
from amtsbote.runner.computing import LARGE
from amtsbote.runner.seats import NotNow, Seats

SECOND = timedelta(seconds=1)


async def queued(house: House, number: int) -> list[str]:
    names = [f"m{one:02}" for one in range(number)]

    def unit(tx: Transaction) -> None:
        for name in names:
            tx.jobs.add(JobKind.PROCESS, name, house.clock())

    await house.store.write(unit)
    return names


class Work:
    """A run of jobs that waits for the test."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.gate = asyncio.Event()
        self.changed = asyncio.Event()

    async def __call__(self, job: Job, shop: Workshop) -> None:
        self.begun.append(job.reference)
        self.changed.set()
        await self.gate.wait()
        await shop.store.write(lambda tx: tx.jobs.finish(job))

    async def until(self, number: int) -> None:
        while len(self.begun) < number:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), PATIENCE)


async def test_a_lane_takes_as_many_as_it_has_places_and_the_rest_when_there_is_one(house: House) -> None:
    names, work = await queued(house, 7), Work()
    lane = Lane({JobKind.PROCESS: work}, 3, house.shop)
    running = asyncio.create_task(lane.run())
    await work.until(3)
    for _ in range(5):
        lane.wake()
        await asyncio.sleep(0)

    assert work.begun == names[:3]
    work.gate.set()
    await work.until(7)
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    assert sorted(work.begun) == names
    assert await house.jobs() == {}


async def test_a_stopping_lane_finishes_what_it_holds_and_claims_nothing_more(house: House) -> None:
    names, work = await queued(house, 4), Work()
    lane = Lane({JobKind.PROCESS: work}, 2, house.shop)
    running = asyncio.create_task(lane.run())
    await work.until(2)

    lane.stop()
    done, _ = await asyncio.wait([running], timeout=0.05)
    assert not done
    work.gate.set()
    await asyncio.wait_for(running, PATIENCE)

    assert work.begun == names[:2]
    assert await house.jobs() == {JobKind.PROCESS: 2}


async def test_what_a_claim_brings_after_the_stop_is_finished_too(house: House) -> None:
    await queued(house, 1)
    work = Work()
    work.gate.set()
    gate, claiming = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_: object) -> None:
        loop.call_soon_threadsafe(claiming.set)
        gate.wait(PATIENCE)

    blocked = asyncio.create_task(house.store.write(slow))
    await claiming.wait()
    lane = Lane({JobKind.PROCESS: work}, 2, house.shop)
    running = asyncio.create_task(lane.run())
    await asyncio.sleep(0)
    lane.stop()
    gate.set()
    await blocked
    await asyncio.wait_for(running, PATIENCE)

    assert work.begun == ["m00"]
    assert await house.jobs() == {}


async def test_what_is_given_up_keeps_its_job_for_the_next_start(house: House) -> None:
    await queued(house, 1)
    work = Work()
    lane = Lane({JobKind.PROCESS: work}, 1, house.shop)
    running = asyncio.create_task(lane.run())
    await work.until(1)
    lane.stop()

    await lane.abandon()
    await asyncio.wait_for(running, PATIENCE)

    assert await house.jobs() == {JobKind.PROCESS: 1}
    assert await house.store.write(lambda tx: tx.jobs.release()) == 1


async def test_a_job_that_fails_comes_back_later_and_one_that_was_lost_does_not_come_back(house: House) -> None:
    await queued(house, 2)
    ended = asyncio.Event()

    async def fails(job: Job, _: Workshop) -> None:
        if job.reference == "m01":
            ended.set()
            raise LeaseLost(job.reference)
        raise RuntimeError("a value")

    lane = Lane({JobKind.PROCESS: fails}, 1, house.shop)
    running = asyncio.create_task(lane.run())
    await asyncio.wait_for(ended.wait(), PATIENCE)
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    house.clock.passes(2 * SECOND)
    again = await house.claimed(JobKind.PROCESS)
    assert (again.reference, again.attempt) == ("m00", 2)
    assert await house.store.write(lambda tx: tx.jobs.release()) == 2


async def test_a_job_that_runs_longer_than_its_lease_is_not_begun_twice(house: House) -> None:
    await queued(house, 1)
    work = Work()
    lane = Lane({JobKind.PROCESS: work}, 8, house.shop)
    running = asyncio.create_task(lane.run())
    await work.until(1)
    house.clock.passes(11 * timedelta(minutes=1))
    await house.store.write(lambda tx: tx.jobs.add(JobKind.PROCESS, "next", house.clock()))
    lane.wake()
    await work.until(2)
    work.gate.set()
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    assert work.begun == ["m00", "next"]
    assert await house.jobs() == {}


@pytest.mark.parametrize("kind", [JobKind.PROCESS, JobKind.DELIVER])
async def test_a_job_that_can_never_write_its_end_is_for_a_person_at_last(house: House, kind: JobKind) -> None:
    house.attempts = 0
    message = await house.submitted(Application(DIRECT))
    delivery = Delivery(
        DeliveryId("d"), message.id, message.tenant, TargetId("main"), primary=True, state=DeliveryState.PENDING
    )

    def unit(tx: Transaction) -> None:
        if kind is JobKind.DELIVER:
            tx.jobs.drop(JobKind.PROCESS, message.id)
            tx.messages.move(message.id, State.SUBMITTED, State.DELIVERING, at=house.clock())
            tx.deliveries.add([delivery])
            tx.jobs.add(kind, "d", house.clock())

    await house.store.write(unit)
    failures: list[int] = []
    failed = asyncio.Event()

    async def fails(job: Job, _: Workshop) -> None:
        failures.append(job.attempt)
        failed.set()
        raise RuntimeError

    lane = Lane({kind: fails}, 1, house.shop)
    running = asyncio.create_task(lane.run())
    for _ in range(4):
        await asyncio.wait_for(failed.wait(), PATIENCE)
        failed.clear()
        house.clock.passes(timedelta(hours=2))
        lane.wake()
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    assert failures == [1, 2, 3, 4]
    assert await house.state(message) is State.HELD
    assert kind not in await house.jobs()


async def test_a_stuck_job_that_not_even_a_person_can_get_waits_longest(house: House) -> None:
    await queued(house, 1)
    house.attempts = 0
    for _ in range(3):
        await house.claimed(JobKind.PROCESS)
        await house.store.write(lambda tx: tx.jobs.release())
    failed = asyncio.Event()

    async def fails(_: Job, __: Workshop) -> None:
        failed.set()
        raise RuntimeError

    lane = Lane({JobKind.PROCESS: fails}, 1, house.shop)
    running = asyncio.create_task(lane.run())
    await asyncio.wait_for(failed.wait(), PATIENCE)
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    house.clock.passes(timedelta(hours=1))
    assert (await house.claimed(JobKind.PROCESS)).due == house.clock()


async def test_a_store_in_trouble_is_asked_again_at_the_next_tick(house: House) -> None:
    asked = asyncio.Event()

    class Full:
        async def write(self, *_: object, **__: object) -> None:
            asked.set()
            raise StorageFailed("disk full")

    shop = replace(house.shop, store=Full())  # type: ignore[arg-type]
    lane = Lane({JobKind.PROCESS: Work()}, 1, shop)
    running = asyncio.create_task(lane.run())
    for _ in range(2):
        await asyncio.wait_for(asked.wait(), PATIENCE)
        asked.clear()
        lane.wake()
    lane.stop()

    await asyncio.wait_for(running, PATIENCE)


async def test_a_job_that_cannot_even_be_given_back_does_not_stop_the_lane(house: House) -> None:
    await queued(house, 2)
    tried: list[str] = []
    both = asyncio.Event()

    async def finishes_and_fails(job: Job, shop: Workshop) -> None:
        tried.append(job.reference)
        await shop.store.write(lambda tx: tx.jobs.finish(job))
        if len(tried) == 2:
            both.set()
        raise RuntimeError

    lane = Lane({JobKind.PROCESS: finishes_and_fails}, 1, house.shop)
    running = asyncio.create_task(lane.run())
    await asyncio.wait_for(both.wait(), PATIENCE)
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    assert tried == ["m00", "m01"]


async def sized(computing: Computing, size: int, function: Callable[..., Any], *args: Any) -> Any:
    async with computing.room_for(size, nullcontext, 60 * SECOND):
        return await computing(function, *args)


class Mixed:
    """A run of jobs, the ones that are called large among them, with the house's computing threads."""

    def __init__(self, computing: Computing, patience: timedelta = 60 * SECOND) -> None:
        self.computing = computing
        self.patience = patience
        self.gate = threading.Event()
        self.small = asyncio.Event()
        self.in_vain = asyncio.Event()
        self.attempts: list[tuple[str, int]] = []

    async def __call__(self, job: Job, shop: Workshop) -> None:
        large = job.reference != "small"
        try:
            async with self.computing.room_for(LARGE + large, shop.aside, self.patience):
                self.attempts.append((job.reference, job.attempt))
                assert await self.computing(self.gate.wait if large else lambda _: True, PATIENCE)
        except NotNow:
            self.in_vain.set()
            raise
        await shop.store.write(lambda tx: tx.jobs.finish(job))
        if not large:
            self.small.set()


async def test_many_large_messages_do_not_stop_a_small_one_behind_them(house: House) -> None:
    await queued(house, 9)
    work = Mixed(house.computing)
    lane = Lane({JobKind.PROCESS: work}, 4, house.shop)
    running = asyncio.create_task(lane.run())
    house.clock.passes(SECOND)
    await house.store.write(lambda tx: tx.jobs.add(JobKind.PROCESS, "small", house.clock()))
    lane.wake()

    await asyncio.wait_for(work.small.wait(), PATIENCE)
    assert (await house.jobs())[JobKind.PROCESS] == 9
    work.gate.set()
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    assert await house.jobs() == {}
    assert {attempt for _, attempt in work.attempts} == {1}


async def test_what_waits_in_vain_for_a_seat_goes_back_and_the_attempt_does_not_count(house: House) -> None:
    await queued(house, 2)
    work = Mixed(house.computing, patience=timedelta(0))
    lane = Lane({JobKind.PROCESS: work}, 4, house.shop)
    running = asyncio.create_task(lane.run())
    await asyncio.wait_for(work.in_vain.wait(), PATIENCE)
    work.gate.set()
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    assert work.attempts == [("m00", 1)]
    house.clock.passes(15 * SECOND)
    again = await house.claimed(JobKind.PROCESS)
    assert (again.reference, again.attempt) == ("m01", 1)


async def test_whoever_finds_no_room_to_wait_is_told_at_once() -> None:
    seats = Seats(1, 1)
    async with seats.taken(nullcontext, SECOND):
        waiting = asyncio.create_task(seats.taken(nullcontext, SECOND).__aenter__())
        await asyncio.sleep(0)
        with pytest.raises(NotNow):
            await seats.taken(nullcontext, SECOND).__aenter__()
    await asyncio.wait_for(waiting, PATIENCE)


async def test_large_work_leaves_a_thread_to_the_small() -> None:
    computing, gate = Computing(2), threading.Event()
    large = [asyncio.create_task(sized(computing, LARGE + 1, gate.wait, PATIENCE)) for _ in range(3)]
    await asyncio.sleep(0)

    assert await asyncio.wait_for(sized(computing, LARGE, lambda: "small"), PATIENCE) == "small"
    gate.set()
    assert await asyncio.gather(*large) == [True] * 3
    computing.close()


async def test_one_thread_alone_does_the_large_too() -> None:
    computing = Computing(1)

    assert await sized(computing, LARGE + 1, lambda: 7) == 7
    computing.close()


async def test_the_signer_signs_every_event_soon_and_survives_a_failure(house: House) -> None:
    message = await house.announced(Application(DIRECT))
    keys = house.directory.keys
    house.keystore.replace([])
    tried = asyncio.Queue[str]()

    @asynccontextmanager
    async def sole(name: str) -> AsyncIterator[bool]:
        try:
            yield True
        finally:
            tried.put_nowait(name)

    signing = Signing(house.log, sole)
    running = asyncio.create_task(signing.run())
    for _ in range(3):
        signing.wake()
        await asyncio.wait_for(tried.get(), PATIENCE)
    assert [event.jws for event in await house.events(message)] == [None]

    house.keystore.replace(keys.values())
    signing.wake()
    await asyncio.wait_for(tried.get(), PATIENCE)

    [event] = await house.events(message)
    assert event.jws is not None
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_the_signer_leaves_events_to_the_node_whose_turn_it_is(house: House) -> None:
    message = await house.announced(Application(DIRECT))
    turns, asked = iter([False, True]), asyncio.Queue[str]()

    @asynccontextmanager
    async def sole(name: str) -> AsyncIterator[bool]:
        turn = next(turns)
        yield turn
        asked.put_nowait(name)

    running = asyncio.create_task(Signing(house.log, sole).run())
    signing = [await asyncio.wait_for(asked.get(), PATIENCE)]
    assert [event.jws for event in await house.events(message)] == [None]
    running.cancel()

    again = asyncio.create_task(Signing(house.log, sole).run())
    signing.append(await asyncio.wait_for(asked.get(), PATIENCE))
    again.cancel()

    assert all(event.jws for event in await house.events(message))
    assert signing == ["signing", "signing"]


async def test_an_event_of_a_destination_is_signed_with_the_key_it_was_written_with(house: House) -> None:
    message = await house.announced(Application(DIRECT))
    rotated = replace(house.directory.destinations[DIRECT], signing_key=house.keys.kid("saxony-signing"))
    house.directory = with_entries(house.directory, destinations=[rotated])

    assert await house.log.sign_some(10) == 1
    assert await house.log.sign_some(10) == 0
    [event] = await house.events(message)
    assert event.key == house.keys.kid("service-events")


@given(
    attempt=st.integers(1, 10_000),
    first=st.integers(1, 100),
    longest=st.integers(1, 10_000),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_every_wait_is_between_a_fifth_less_and_a_fifth_more_than_doubling_up_to_the_longest(
    attempt: int, first: int, longest: int, chance: float
) -> None:
    backoff = Backoff(first * SECOND, longest * SECOND, 12, lambda: chance)

    plain = min(first * SECOND * 2 ** min(attempt - 1, 20), longest * SECOND)

    assert 0.79 * plain <= backoff.wait(attempt) <= 1.21 * plain
    assert backoff.used_up(attempt) is (attempt >= 12)


def test_without_chance_the_waits_double() -> None:
    backoff = Backoff(2 * SECOND, 60 * SECOND, 12, lambda: 0.5)

    assert [backoff.wait(attempt) / SECOND for attempt in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]
