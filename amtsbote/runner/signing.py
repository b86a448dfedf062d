"""Signs events soon after they are committed, in batches on the computing threads."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import structlog

from amtsbote.mailroom.eventlog import EventLog

log = structlog.get_logger("amtsbote.runner")

_BATCH: Final = 64


_NAME: Final = "signing"


@asynccontextmanager
async def alone(name: str) -> AsyncIterator[bool]:  # noqa: ARG001  (of `Database.sole`)
    """Where there is no other node."""
    yield True


class Signing:
    """`sole` lets one node sign for all: a signature costs milliseconds of a core, and only the first is kept."""

    def __init__(self, events: EventLog, sole: Callable[[str], AbstractAsyncContextManager[bool]] = alone) -> None:
        self._events = events
        self._sole = sole
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled. What is left unsigned is signed after the next start, or when somebody reads it."""
        while True:
            self._woken.clear()
            try:
                if await self._events.waits():
                    await self._sign()
            except Exception:
                log.exception("signing.failed")
            await self._woken.wait()

    async def _sign(self) -> None:
        async with self._sole(_NAME) as mine:
            while mine and await self._events.sign_some(_BATCH):
                pass
