"""The store for whoever answers somebody: a database that hangs is a failure, too.

One that is gone breaks its connections, and everybody hears it at once. One that merely stops (a frozen machine, a disk
that no longer answers) would let every request wait with it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from amtsbote.api.persistence import SYSTEM, Scope, Store, Unit
from amtsbote.errors import CommitUnknown, StorageFailed

T = TypeVar("T")

LONGEST: Final = 15.0
"""Seconds. Portals and reverse proxies wait for half a minute or longer."""


class Hurried:
    """Implements `amtsbote.api.persistence.Store` before the store itself, which others use and close.

    A query that takes too long raises `StorageFailed`, a unit `CommitUnknown`: it may still be kept. Until the store
    has answered again everybody is refused at once, so that nothing piles up before it.
    """

    def __init__(self, store: Store, longest: float = LONGEST) -> None:
        self._store = store
        self._writing = _Patience(lambda: store.write(_nothing), longest, CommitUnknown)
        self._reading = _Patience(lambda: store.read(_nothing), longest, StorageFailed)

    async def write(self, unit: Unit[T], *, scope: Scope = SYSTEM, patient: bool = False) -> T:
        return await self._writing.wait(lambda: self._store.write(unit, scope=scope, patient=patient))

    async def read(self, query: Unit[T], *, scope: Scope = SYSTEM) -> T:
        return await self._reading.wait(lambda: self._store.read(query, scope=scope))

    async def close(self) -> None:
        """Nothing is its own."""


class _Patience:
    def __init__(
        self, look: Callable[[], Awaitable[object]], longest: float, lost: Callable[[str], StorageFailed]
    ) -> None:
        self._look = look
        self._longest = longest
        self._lost = lost
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, ask: Callable[[], Awaitable[T]]) -> T:
        if self._looking is not None and not self._looking.done():
            raise StorageFailed("the database does not answer")
        try:
            async with asyncio.timeout(self._longest):
                return await ask()
        except TimeoutError:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._until_it_answers(), name="hurried")
            raise self._lost("the database does not answer") from None

    async def _until_it_answers(self) -> None:
        with suppress(StorageFailed):
            await self._look()


def _nothing(_: object) -> None:
    pass
