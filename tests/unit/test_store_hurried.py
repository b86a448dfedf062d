"""Whoever answers somebody does not wait for a store that hangs."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE
from store_samples import a_message

from amtsbote.api.persistence import Page, Transaction, Unit
from amtsbote.errors import CommitUnknown, StaleState, StorageFailed
from amtsbote.store import SqliteStore
from amtsbote.store.hurried import Hurried

SOON = 0.05


class House:
    """A store of which the writer or the only reader can be made to stand still until `gate` opens."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore.open(folder, readers=1)
        self.gate, self.reached = threading.Event(), threading.Event()
        self.hurried = Hurried(self.store, PATIENCE)

    async def hang(self, ask: Callable[[Unit[None]], Coroutine[Any, Any, None]]) -> "asyncio.Task[None]":
        """Returns when the thread behind `ask` stands."""

        def unit(_: Transaction) -> None:
            self.reached.set()
            self.gate.wait(PATIENCE)

        task = asyncio.create_task(ask(unit))
        await asyncio.to_thread(self.reached.wait, PATIENCE)
        return task

    @contextmanager
    def in_a_hurry(self) -> Iterator[None]:
        """In here nobody waits for a store that stands; outside, a busy machine is given its time."""
        sides = (self.hurried._writing, self.hurried._reading)
        for side in sides:
            side._longest = SOON
        yield
        for side in sides:
            side._longest = PATIENCE


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    yield house
    house.gate.set()
    await house.store.close()


def add(tx: Transaction) -> None:
    tx.messages.add(a_message("one"), None)


def count(tx: Transaction) -> int:
    return tx.messages.page(None, Page(0, 1))[0]


async def test_what_is_answered_in_time_is_the_same_as_without(house: House) -> None:
    await house.hurried.write(add)

    assert await house.hurried.read(count) == 1
    with pytest.raises(StaleState):
        await house.hurried.write(add)


async def test_a_writer_that_hangs_may_still_keep_it_and_others_are_refused_before_they_ask(house: House) -> None:
    stuck = await house.hang(house.store.write)

    with house.in_a_hurry(), pytest.raises(CommitUnknown):
        await house.hurried.write(add)
    with pytest.raises(StorageFailed) as refused:
        await house.hurried.write(add)  # would be refused as a second of the same name, had it been asked
    assert not isinstance(refused.value, CommitUnknown)
    assert await house.hurried.read(count) == 0

    house.gate.set()
    await stuck
    await house.store.write(lambda _: None)
    await asyncio.sleep(0)
    assert await house.hurried.read(count) == 1
    with pytest.raises(StaleState):
        await house.hurried.write(add)


async def test_a_reader_that_hangs_is_a_failure_until_it_has_answered(house: House) -> None:
    stuck = await house.hang(house.store.read)

    for _ in range(2):
        with house.in_a_hurry(), pytest.raises(StorageFailed):
            await house.hurried.read(count)
    await house.hurried.write(add)

    house.gate.set()
    await stuck
    await house.store.read(count)
    await asyncio.sleep(0)
    assert await house.hurried.read(count) == 1
