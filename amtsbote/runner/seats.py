"""Seats at something scarce, inside a lane: the threads for large work. (Those at a target: `shares.py`.)

A lane must not stand still because many of its jobs want the same thing. Some wait for a seat without taking a place
of their lane; whoever finds no room to wait, or waits in vain, goes back to the table as if never claimed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import timedelta

from amtsbote.errors import AmtsboteError

Aside = Callable[[], AbstractContextManager[None]]
"""While it is entered, the job takes no place of its lane."""


class NotNow(AmtsboteError):
    """Nothing was tried: the job goes back and its attempt does not count."""


class Seats:
    def __init__(self, seats: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(seats)
        self._room = waiting

    @asynccontextmanager
    async def taken(self, aside: Aside, patience: timedelta) -> AsyncIterator[None]:
        """A seat, at the latest after `patience`. Raises `NotNow` when there is none, or too many wait already."""
        if self._free.locked():
            await self._wait(aside, patience)
        else:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _wait(self, aside: Aside, patience: timedelta) -> None:
        if self._room == 0:
            raise NotNow
        self._room -= 1
        try:
            with aside():
                async with asyncio.timeout(patience.total_seconds()):
                    await self._free.acquire()
        except TimeoutError:
            raise NotNow from None
        finally:
            self._room += 1
