"""One unit on its way through a thread: who asked, what came out, and how the asker is woken."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from amtsbote.api.persistence import Scope, Unit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    error: BaseException


Outcome = Done[Any] | Failed


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    unit: Unit[T]
    scope: Scope
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Done[T] | Failed]"

    @classmethod
    def of(cls, unit: Unit[T], scope: Scope) -> "Work[T]":
        loop = asyncio.get_running_loop()
        return cls(unit, scope, loop, loop.create_future())

    async def outcome(self) -> T:
        """What the unit returned, or raises what it raised."""
        match await self.answer:
            case Done(value):
                return value
            case Failed(error):
                raise error


Settled = tuple[Work[Any], Outcome]


def wake(settled: Iterable[Settled]) -> None:
    """Answer everybody with one call per event loop. A loop that is gone has nobody left who waits."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Settled]] = defaultdict(list)
    for work, outcome in settled:
        by_loop[work.loop].append((work, outcome))
    for loop, answers in by_loop.items():
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_answer, answers)


def _answer(settled: Iterable[Settled]) -> None:
    for work, outcome in settled:
        if not work.answer.done():
            work.answer.set_result(outcome)
