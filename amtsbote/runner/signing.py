"""Signs events soon after they are committed, in batches on the computing threads."""

import asyncio
from typing import Final

import structlog

from amtsbote.mailroom.eventlog import EventLog

log = structlog.get_logger("amtsbote.runner")

_BATCH: Final = 64


class Signing:
    def __init__(self, events: EventLog) -> None:
        self._events = events
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled. What is left unsigned is signed after the next start, or when somebody reads it."""
        while True:
            self._woken.clear()
            try:
                while await self._events.sign_some(_BATCH):
                    pass
            except Exception:
                log.exception("signing.failed")
            await self._woken.wait()
