"""The directory is reloaded when somebody says so, and a failure does not end that."""

import asyncio

from patience import PATIENCE

from amtsbote.daemon.renewing import Renewing
from amtsbote.errors import StorageFailed


class Registry:
    """Counts reloads; the first two fail."""

    def __init__(self) -> None:
        self.reloads = 0
        self.done = asyncio.Event()

    async def reload(self) -> None:
        self.reloads += 1
        self.done.set()
        if self.reloads == 1:
            raise StorageFailed
        if self.reloads == 2:
            raise ValueError


async def test_every_word_means_a_reload_whatever_the_last_one_ended_with() -> None:
    registry = Registry()
    renewing = Renewing(registry.reload)
    running = asyncio.create_task(renewing.run())

    for count in (1, 2, 3):
        registry.done.clear()
        renewing.due()
        renewing.due()
        await asyncio.wait_for(registry.done.wait(), PATIENCE)
        assert registry.reloads == count

    running.cancel()
