"""The clock is set back or forward while jobs wait and run."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from house_for_tests import House
from patience import PATIENCE

from amtsbote.model.job import Job, JobKind
from amtsbote.runner import Lane, Workshop
from amtsbote.runner.clockstep import ClockWatch

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("step", "seen"),
    [(-HOUR, HOUR), (-31 * SECOND, 31 * SECOND), (-29 * SECOND, 0 * SECOND), (HOUR, 0 * SECOND), (0 * SECOND,) * 2],
)
def test_only_a_step_back_is_noticed_and_only_once(house: House, step: timedelta, seen: timedelta) -> None:
    seconds = 1000.0
    watch = ClockWatch(house.clock, lambda: seconds)
    seconds += 500
    house.clock.passes(500 * SECOND)
    assert not watch.stepped_back()

    house.clock.passes(step)

    assert watch.stepped_back() == seen
    assert not watch.stepped_back()


async def test_what_was_due_before_the_clock_was_set_back_is_done_and_not_in_an_hour(house: House) -> None:
    done = asyncio.Event()

    async def run(job: Job, shop: Workshop) -> None:
        await shop.store.write(lambda tx: tx.jobs.finish(job))
        done.set()

    lane = Lane({JobKind.DELIVER: run}, 1, house.shop)
    await house.store.write(lambda tx: tx.jobs.add(JobKind.DELIVER, "v1", house.clock()))
    house.clock.passes(-HOUR)
    running = asyncio.create_task(lane.run())

    await asyncio.wait_for(done.wait(), PATIENCE)
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)


async def test_a_job_in_hand_is_not_begun_again_when_the_clock_is_set_forward_or_back(house: House) -> None:
    begun: list[int] = []
    gate, started = asyncio.Event(), asyncio.Event()

    async def run(job: Job, shop: Workshop) -> None:
        begun.append(job.attempt)
        started.set()
        await gate.wait()
        await shop.store.write(lambda tx: tx.jobs.finish(job))

    lane = Lane({JobKind.DELIVER: run}, 2, house.shop)
    await house.store.write(lambda tx: tx.jobs.add(JobKind.DELIVER, "v1", house.clock()))
    running = asyncio.create_task(lane.run())
    await asyncio.wait_for(started.wait(), PATIENCE)
    for step in (HOUR, -HOUR, -HOUR, HOUR):
        house.clock.passes(step)
        for _ in range(3):
            lane.wake()
            await house.store.write(lambda tx: tx.jobs.counts())
    gate.set()
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    assert begun == [1]
    assert await house.jobs() == {}


async def test_a_clock_set_forward_during_a_claim_does_not_hide_that_the_lease_is_old(house: House) -> None:
    begun: list[int] = []
    gate, started = asyncio.Event(), asyncio.Event()

    async def run(job: Job, shop: Workshop) -> None:
        begun.append(job.attempt)
        started.set()
        await gate.wait()
        await shop.store.write(lambda tx: tx.jobs.finish(job))

    times = iter([timedelta(0), timedelta(0)])  # the watch, the claim: an hour later for everybody after them

    def jumping() -> datetime:
        return house.clock() + next(times, HOUR)

    lane = Lane({JobKind.DELIVER: run}, 2, replace(house.shop, clock=jumping))
    await house.store.write(lambda tx: tx.jobs.add(JobKind.DELIVER, "v1", house.clock()))
    running = asyncio.create_task(lane.run())
    await asyncio.wait_for(started.wait(), PATIENCE)
    for _ in range(3):
        lane.wake()
        await house.store.write(lambda tx: tx.jobs.counts())
        await asyncio.sleep(0)
    gate.set()
    lane.stop()
    await asyncio.wait_for(running, PATIENCE)

    assert begun == [1]
