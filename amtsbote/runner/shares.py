"""Seats at a target: a share for each, and a reserve that those who hang cannot take.

Every target may have one delivery in hand; more only while the house has room, so that many targets that hang do not
take all places of the lane. One that did not answer in time is doubted until it answers: the doubted together have a
few seats, and everybody else the rest. Nothing here guesses a time: an attempt that hangs ends with its own timeout.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from amtsbote.model.ids import TargetId
from amtsbote.runner.seats import Aside, NotNow


@dataclass(frozen=True, slots=True)
class Rules:
    """How many deliveries may be in hand, or wait."""

    each: int = 4
    """To one target at a time."""
    common: int = 16
    """In all, beyond which every target has only one."""
    doubted: int = 8
    """To all doubted targets together, each of them one."""
    waiting: int = 16
    """Waiting for one target, each with its job in memory; the others wait in the table."""


RULES: Final = Rules()


class Shares:
    def __init__(self, rules: Rules = RULES) -> None:
        self._rules = rules
        self._held: Counter[TargetId] = Counter()
        self._doubted: set[TargetId] = set()
        self._queue: dict[asyncio.Future[None], TargetId] = {}
        """Who waits, in the order of arrival."""

    @asynccontextmanager
    async def taken(self, target: TargetId, aside: Aside, patience: timedelta) -> AsyncIterator[None]:
        """A seat, at the latest after `patience`. Raises `NotNow` when there is none, or too many wait already."""
        if target in self._queue.values() or not self._free(target):
            await self._wait(target, aside, patience)
        else:
            self._held[target] += 1
        try:
            yield
        finally:
            self._held[target] -= 1
            self._call()

    def doubt(self, target: TargetId) -> None:
        """It did not answer in time."""
        self._doubted.add(target)

    def trust(self, target: TargetId) -> None:
        """It has answered, whatever it said."""
        self._doubted.discard(target)

    def _free(self, target: TargetId) -> bool:
        held = self._held[target]
        if target in self._doubted:
            return held == 0 and sum(self._held[one] for one in self._doubted) < self._rules.doubted
        return held == 0 or (held < self._rules.each and self._held.total() < self._rules.common)

    async def _wait(self, target: TargetId, aside: Aside, patience: timedelta) -> None:
        if sum(one == target for one in self._queue.values()) >= self._rules.waiting:
            raise NotNow
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue[called] = target
        try:
            with aside():
                async with asyncio.timeout(patience.total_seconds()):
                    await called
        except BaseException as error:
            self._give_up(called, target)
            if isinstance(error, TimeoutError):
                raise NotNow from None
            raise

    def _give_up(self, called: asyncio.Future[None], target: TargetId) -> None:
        """Whoever was called in the moment of leaving passes the seat on."""
        self._queue.pop(called, None)
        if called.done() and not called.cancelled():
            self._held[target] -= 1
            self._call()

    def _call(self) -> None:
        for called, target in list(self._queue.items()):
            if not called.done() and self._free(target):
                self._held[target] += 1
                del self._queue[called]
                called.set_result(None)
