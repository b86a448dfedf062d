"""Taking over what operators and subscribers change in directory and routing tables, here or at another node."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from amtsbote.errors import AmtsboteError

log = structlog.get_logger("amtsbote.daemon")


class Renewing:
    """Reloads when told to: at once where a change is known, by a timer where telling has failed."""

    def __init__(self, reload: Callable[[], Awaitable[object]]) -> None:
        self._reload = reload
        self._due = asyncio.Event()

    def due(self) -> None:
        """There may be something new. Told twice while one reload is under way means one more."""
        self._due.set()

    async def run(self) -> None:
        """Until cancelled. What is in the way is logged; what held before holds until the next try."""
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self._reload()
            except AmtsboteError as error:
                log.error("directory.not_reloaded", because=getattr(error, "en", str(error)))
            except Exception:
                log.exception("directory.not_reloaded")
