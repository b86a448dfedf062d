"""Many targets that hang leave seats to those that do not."""

import asyncio
from contextlib import AsyncExitStack, nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from hanging_target import HangingTarget, a_delivery_is_due
from house_for_tests import House
from patience import PATIENCE

from amtsbote.model.ids import TargetId
from amtsbote.model.job import JobKind
from amtsbote.runner.deliver import deliver_job
from amtsbote.runner.seats import NotNow
from amtsbote.runner.shares import Rules, Shares

NEVER, LONG = timedelta(0), timedelta(seconds=PATIENCE)
GOOD = TargetId("good")


async def take(shares: Shares, held: AsyncExitStack, target: str, patience: timedelta = NEVER) -> bool:
    try:
        await held.enter_async_context(shares.taken(TargetId(target), nullcontext, patience))
    except NotNow:
        return False
    return True


async def test_a_target_alone_has_its_share_and_no_more() -> None:
    async with AsyncExitStack() as held:
        shares = Shares()
        assert [await take(shares, held, "a") for _ in range(5)] == [True] * 4 + [False]


async def test_the_more_targets_hang_the_less_each_of_them_takes() -> None:
    async with AsyncExitStack() as held:
        shares = Shares()
        taken = [sum([await take(shares, held, f"t{number}") for _ in range(4)]) for number in range(20)]

        assert taken == [4] * 4 + [1] * 16
        assert await take(shares, held, GOOD)
        assert sum(taken) < 48 * 3 // 4


async def test_doubted_targets_have_a_few_seats_together_until_they_answer() -> None:
    async with AsyncExitStack() as held:
        shares = Shares()
        for number in range(20):
            shares.doubt(TargetId(f"t{number}"))

        assert sum([await take(shares, held, f"t{number}") for number in range(20) for _ in range(2)]) == 8
        assert [await take(shares, held, GOOD) for _ in range(4)] == [True] * 4
        shares.trust(TargetId("t19"))
        assert await take(shares, held, "t19")


async def test_who_waits_gets_the_seat_that_comes_free_in_order_and_past_those_who_may_not() -> None:
    shares, order = Shares(Rules(each=1, common=9, waiting=2)), []

    async def one(name: str, target: str) -> None:
        async with shares.taken(TargetId(target), nullcontext, LONG):
            order.append(name)

    async with AsyncExitStack() as free, AsyncExitStack() as stuck:
        assert await take(shares, stuck, "a")
        assert await take(shares, free, "b")
        waiting = [asyncio.create_task(one(name, name[0])) for name in ("a1", "b1", "b2")]
        await asyncio.sleep(0)
        assert order == []
        with pytest.raises(NotNow):
            await shares.taken(TargetId("b"), nullcontext, LONG).__aenter__()

        await free.aclose()
        await asyncio.wait_for(asyncio.gather(*waiting[1:]), PATIENCE)
        assert order == ["b1", "b2"]
    await asyncio.wait_for(waiting[0], PATIENCE)


async def test_who_leaves_in_the_moment_of_being_called_passes_the_seat_on() -> None:
    shares = Shares(Rules(each=1))
    async with AsyncExitStack() as first:
        assert await take(shares, first, "a")
        leaving, staying = (
            asyncio.create_task(shares.taken(TargetId("a"), nullcontext, LONG).__aenter__()) for _ in range(2)
        )
        await asyncio.sleep(0)
        await first.aclose()
        leaving.cancel()

        await asyncio.wait_for(staying, PATIENCE)
        with pytest.raises(asyncio.CancelledError):
            await leaving


async def test_a_target_that_hangs_is_doubted_after_its_first_timeout(house: House) -> None:
    house.adapters["test"] = hangs = HangingTarget()
    await house.store.write(a_delivery_is_due(house.vault))
    impatient = replace(house.shop, lease=timedelta(milliseconds=40))

    await deliver_job(await house.claimed(JobKind.DELIVER), impatient)
    hangs.gate.set()

    async with AsyncExitStack() as held:
        assert [await take(house.targets.shares, held, "main") for _ in range(2)] == [True, False]
