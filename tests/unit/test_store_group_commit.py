"""The writer of the SQLite store: one commit for many, and what happens when that commit fails."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import apsw
import pytest
from patience import PATIENCE
from store_samples import a_message

from amtsbote.api.persistence import Page, Transaction
from amtsbote.errors import StorageFailed, StorageFull
from amtsbote.store import SqliteStore

P = ParamSpec("P")
R = TypeVar("R")


class Observer:
    """Counts operations, holds commits back, and fails the commits whose number it is told."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.fails_before: dict[int, BaseException] = {}
        self.fails_after: dict[int, BaseException] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()

    def __call__(self, name: str, function: Callable[P, R], /) -> Callable[P, R]:
        def observed(*args: P.args, **kwargs: P.kwargs) -> R:
            self.counts[name] += 1
            if name != "commit":
                return function(*args, **kwargs)
            number = self.counts["commit"]
            self.reached.set()
            self.gate.wait(PATIENCE)
            if number in self.fails_before:
                raise self.fails_before[number]
            result = function(*args, **kwargs)
            if number in self.fails_after:
                raise self.fails_after[number]
            return result

        return observed

    async def held(self, store: SqliteStore) -> "asyncio.Task[Any]":
        """Start a write that stands in its commit until the gate opens."""
        self.gate.clear()
        self.reached.clear()
        task = asyncio.create_task(store.write(add("held")))
        await asyncio.to_thread(self.reached.wait, PATIENCE)
        return task


def add(name: str) -> Callable[[Transaction], str]:
    def unit(tx: Transaction) -> str:
        tx.messages.add(a_message(name), None)
        return name

    return unit


async def count(store: SqliteStore) -> int:
    total, _ = await store.read(lambda tx: tx.messages.page(None, Page(0, 1)))
    return total


async def test_many_units_share_one_commit(tmp_path: Path) -> None:
    observer = Observer()
    store = SqliteStore.open(tmp_path, around=observer)
    first = await observer.held(store)
    before = observer.counts["commit"]
    rest = [asyncio.create_task(store.write(add(f"m{number}"), patient=number % 2 == 0)) for number in range(200)]
    await asyncio.sleep(0)

    observer.gate.set()
    await asyncio.gather(first, *rest)

    assert observer.counts["commit"] == before + 1
    assert await count(store) == 201
    await store.close()


async def test_nobody_is_answered_before_the_commit(tmp_path: Path) -> None:
    observer = Observer()
    store = SqliteStore.open(tmp_path, around=observer)

    task = await observer.held(store)

    assert not task.done()
    assert await count(store) == 0
    observer.gate.set()
    assert await task == "held"
    assert await count(store) == 1
    await store.close()


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (apsw.FullError("no space"), StorageFull),
        (apsw.IOError("fsync failed"), StorageFailed),
        (OSError("something else"), StorageFailed),
        (SystemExit(1), StorageFailed),
    ],
)
async def test_a_failing_commit_fails_its_whole_group_and_the_store_goes_on(
    tmp_path: Path, failure: BaseException, seen: type[Exception]
) -> None:
    observer = Observer()
    store = SqliteStore.open(tmp_path, around=observer)
    first = await observer.held(store)
    group = [store.write(add(f"m{number}")) for number in range(5)]
    observer.fails_before[observer.counts["commit"] + 1] = failure
    waiting = asyncio.gather(*group, return_exceptions=True)
    await asyncio.sleep(0)
    observer.gate.set()

    assert [type(result) for result in await waiting] == [seen] * 5
    assert await first == "held"
    assert await count(store) == 1
    assert await store.write(add("afterwards")) == "afterwards"
    await store.close()


async def test_a_failure_after_the_commit_loses_nothing(tmp_path: Path) -> None:
    observer = Observer()
    store = SqliteStore.open(tmp_path, around=observer)
    observer.fails_after[1] = OSError("the observer stumbled")

    with pytest.raises(StorageFailed):
        await store.write(add("kept"))

    assert await count(store) == 1
    assert await store.write(add("next")) == "next"
    await store.close()


async def test_a_unit_that_meets_a_failing_disk_fails_its_group(tmp_path: Path) -> None:
    observer = Observer()
    store = SqliteStore.open(tmp_path, around=observer)

    def broken(_: Transaction) -> None:
        raise StorageFull("as a port would say it")

    first = await observer.held(store)
    group = asyncio.gather(store.write(add("m1")), store.write(broken), return_exceptions=True)
    await asyncio.sleep(0)
    observer.gate.set()

    assert [type(result) for result in await group] == [StorageFull, StorageFull]
    await first
    assert await count(store) == 1
    await store.close()


async def test_the_log_is_moved_into_the_database_between_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amtsbote.store.sqlite.writer.CHECKPOINT_AT", 20)
    observer = Observer()
    store = SqliteStore.open(tmp_path, around=observer)

    for number in range(60):
        await store.write(add(f"m{number}"))

    assert observer.counts["checkpoint"] > 0
    assert (tmp_path / "amtsbote.db-wal").stat().st_size < 60 * 4096 * 3
    await store.close()


async def test_a_log_that_cannot_be_moved_costs_nobody_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("amtsbote.store.sqlite.writer.CHECKPOINT_AT", 1)

    def failing(name: str, function: Callable[P, R], /) -> Callable[P, R]:
        def fail(*args: P.args, **kwargs: P.kwargs) -> R:
            raise apsw.FullError("no space")

        return fail if name == "checkpoint" else function

    store = SqliteStore.open(tmp_path, around=failing)
    await store.write(add("m1"))
    await store.write(add("m2"))

    assert await count(store) == 2
    assert "FullError" in caplog.text
    await store.close()
