"""Units: each is kept whole or not at all, answered after it is durable, and alone responsible for its failure."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import pytest
from store_samples import NOON, a_message, a_part, submitted

from amtsbote.api.persistence import Page, Store, Transaction
from amtsbote.errors import NotFound, StaleState, StorageFailed
from amtsbote.model.ids import MessageId
from amtsbote.model.message import State

M1 = MessageId("m1")


def add(number: int) -> Callable[[Transaction], int]:
    """A unit that adds the message of that number and returns it."""

    def unit(tx: Transaction) -> int:
        tx.messages.add(a_message(f"m{number}"), None)
        return number

    return unit


async def ids(store: Store) -> list[str]:
    _, messages = await store.read(lambda tx: tx.messages.page(None, Page(0, 10_000)))
    return [message.id for message in reversed(messages)]


async def test_a_failing_unit_is_undone_whole_and_the_others_stay(store: Store) -> None:
    def halfway(tx: Transaction) -> None:
        tx.messages.add(a_message("half"), None)
        tx.parts.put(a_part("half"))
        raise LookupError("in the middle")

    def stale(tx: Transaction) -> None:
        tx.messages.add(a_message("stale"), None)
        tx.messages.move(M1, State.SUBMITTED, State.REJECTED, at=NOON)

    results = await asyncio.gather(
        store.write(add(1)),
        store.write(halfway),
        store.write(add(2)),
        store.write(stale),
        store.write(add(1)),
        store.write(add(3)),
        return_exceptions=True,
    )

    assert [type(result) for result in results] == [int, LookupError, int, StaleState, StaleState, int]
    assert await ids(store) == ["m1", "m2", "m3"]


async def test_units_run_in_the_order_in_which_they_were_given(store: Store) -> None:
    assert await asyncio.gather(*(store.write(add(number)) for number in range(600))) == list(range(600))

    assert await ids(store) == [f"m{number}" for number in range(600)]


async def test_a_unit_sees_what_an_earlier_one_of_the_same_group_wrote(store: Store) -> None:
    _, seen = await asyncio.gather(store.write(add(1)), store.write(lambda tx: tx.messages.get(M1)))

    assert seen.id == M1


async def test_a_patient_unit_needs_no_company(store: Store) -> None:
    assert await store.write(add(1), patient=True) == 1
    assert await ids(store) == ["m1"]


async def test_whoever_stops_waiting_disturbs_nobody(store: Store) -> None:
    impatient = [asyncio.create_task(store.write(add(number), patient=True)) for number in range(20)]
    await asyncio.sleep(0)
    for task in impatient[::2]:
        task.cancel()

    results = await asyncio.gather(*impatient, store.write(add(99)), return_exceptions=True)

    assert [result for result in results if isinstance(result, int)] == [*range(1, 20, 2), 99]


async def test_what_only_python_knows_as_an_end_reaches_the_caller(store: Store) -> None:
    def ended(_: Transaction) -> None:
        next(iter(()))

    with pytest.raises(RuntimeError):
        await store.write(ended)
    with pytest.raises(SystemExit):
        await store.write(lambda _: exit(3))
    assert await store.write(add(1)) == 1


async def test_a_query_sees_one_moment_and_cannot_write(store: Store) -> None:
    await store.write(lambda tx: submitted(tx, a_message()))

    with pytest.raises(StorageFailed):
        await store.read(lambda tx: tx.messages.move(M1, State.SUBMITTED, State.REJECTED, at=NOON))

    assert (await store.read(lambda tx: tx.messages.get(M1))).state is State.SUBMITTED


async def test_reads_go_on_beside_each_other_and_fail_alone(store: Store) -> None:
    await store.write(add(1))
    good = [store.read(lambda tx: tx.messages.get(M1).id) for _ in range(20)]
    bad = [store.read(lambda tx: tx.messages.get(MessageId("m2")).id) for _ in range(20)]

    results = await asyncio.gather(*good, *bad, return_exceptions=True)

    assert [type(result) for result in results] == [str] * 20 + [NotFound] * 20


async def test_closing_keeps_what_was_queued_and_refuses_what_comes_after(store: Store) -> None:
    queued = [asyncio.create_task(store.write(add(number), patient=True)) for number in range(300)]
    await asyncio.sleep(0)

    await store.close()
    await store.close()

    assert await asyncio.gather(*queued) == list(range(300))
    with pytest.raises(StorageFailed):
        await store.write(add(1))
    with pytest.raises(StorageFailed):
        await store.read(lambda tx: tx.messages.get(M1))


def test_units_of_several_event_loops_are_answered(store_factory: Callable[[], Store]) -> None:
    store = store_factory()

    async def some(first: int) -> list[int]:
        return await asyncio.gather(*(store.write(add(first + number)) for number in range(50)))

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda first: asyncio.run(some(first)), range(0, 200, 50)))

    assert list(chain(*found)) == list(range(200))
    assert len(asyncio.run(ids(store))) == 200
    asyncio.run(store.close())


def test_an_event_loop_that_is_gone_disturbs_nobody(store_factory: Callable[[], Store]) -> None:
    store = store_factory()

    async def leave() -> None:
        asyncio.get_running_loop().call_soon(asyncio.create_task, store.write(add(1), patient=True))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(leave())

    assert asyncio.run(store.write(add(2))) == 2
    assert asyncio.run(ids(store)) == ["m1", "m2"]
    asyncio.run(store.close())


async def test_what_was_committed_is_there_after_opening_again(
    store_factory: Callable[[], Store], tmp_path: Path
) -> None:
    first = store_factory()
    await first.write(add(1))
    await first.close()

    second = store_factory()
    assert await ids(second) == ["m1"]
    await second.close()
