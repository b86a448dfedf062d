"""What an earlier life left behind: leases nobody holds any more, bodies no row owns.

Where this process is the only one it is done at the start. On a database that others share nobody's leases are
touched, they run out; and bodies are swept by one node at a time, only those so old that no commit of their row can be
under way.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from amtsbote.api.bodies import Bodies, Swept
from amtsbote.api.persistence import Database, Page
from amtsbote.daemon.meter import Meter

log = structlog.get_logger("amtsbote.daemon")

_YOUNG: Final = timedelta(days=1)
"""Longer than any upload and any clock that is wrong."""


async def tidy_alone(store: Database, files: Bodies, meter: Meter) -> None:
    """At the start of the only process, before anything is written."""
    released = await store.write(lambda tx: tx.jobs.release())
    owned = await store.read(lambda tx: tx.parts.files())
    swept = await asyncio.to_thread(files.sweep, owned)
    meter.orphans.set(swept.orphans)
    _tell(released, swept)


class Sweeping:
    """The same beside other nodes, now and then."""

    def __init__(self, store: Database, files: Bodies, meter: Meter, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._files = files
        self._meter = meter
        self._clock = clock

    async def look(self) -> None:
        """Nothing is removed while there is no message at all: this may be the wrong database for these bodies."""
        try:
            async with self._store.sole("sweep") as mine:
                if mine and (await self._store.read(lambda tx: tx.messages.page(None, Page(0, 1))))[0]:
                    await self._sweep()
        except Exception:
            log.exception("sweep.failed")

    async def _sweep(self) -> None:
        before = self._clock() - _YOUNG
        owned = await self._store.read(lambda tx: tx.parts.files())
        swept = await asyncio.to_thread(self._files.sweep, owned, before)
        self._meter.orphans.set(swept.orphans)
        _tell(0, swept)


def _tell(released: int, swept: Swept) -> None:
    log.info(
        "start.tidied", leases=released, orphans=swept.orphans, unfinished=swept.unfinished, missing=len(swept.missing)
    )
