"""Reader threads: whatever one query meets, its caller is answered and the next one is served."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from amtsbote.api.persistence import Scope, Transaction
from amtsbote.errors import StorageFailed
from amtsbote.store import SqliteStore
from amtsbote.store.readers import Readers
from amtsbote.store.sqlite.connection import FILE, reading
from amtsbote.store.sqlite.snapshots import Snapshots
from amtsbote.store.work import Work

SYSTEM = Scope("system", "")


class Failing:
    """A connection of which some ROLLBACKs fail without ending anything."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.failures = 0

    def execute(self, query: str, *more: Any, **named: Any) -> Any:
        if query == "ROLLBACK" and self.failures:
            self.failures -= 1
            raise apsw.IOError("disk I/O error")
        return self._connection.execute(query, *more, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[tuple[Failing, Readers]]:
    """One reader thread and its connection."""
    await SqliteStore.open(tmp_path).close()
    connection: Any = Failing(reading(tmp_path / FILE))
    readers = Readers(lambda: Snapshots(connection), 1)
    readers.start()
    yield connection, readers
    readers.close()


async def ask(readers: Readers, unit: Callable[[Transaction], Any]) -> Any:
    work = Work.of(unit, SYSTEM)
    readers.put(work)
    return await work.outcome()


def version(tx: Transaction) -> int:
    return tx.routing.newest()


async def test_a_query_that_cannot_be_ended_is_answered_and_the_thread_goes_on(one: tuple[Failing, Readers]) -> None:
    connection, readers = one
    connection.failures = 3

    assert await ask(readers, version) == 0
    with pytest.raises(StorageFailed):
        await ask(readers, version)
    assert await ask(readers, version) == 0


async def test_a_failing_query_is_answered_even_if_it_cannot_be_ended(one: tuple[Failing, Readers]) -> None:
    connection, readers = one
    connection.failures = 1

    with pytest.raises(ZeroDivisionError):
        await ask(readers, lambda _: 1 / 0)
    assert await ask(readers, version) == 0
