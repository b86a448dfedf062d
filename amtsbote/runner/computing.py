"""The computing threads: one call per message for RSA, AES, hashing and the trip to the validation helper.

They release the GIL where it matters and never wait for a disk or a network, except that large parts are read from
their files: large work therefore uses at most all threads but one, so that small work always finds one.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from typing import Final, ParamSpec, TypeVar

from amtsbote.runner.seats import Aside, Seats

P = ParamSpec("P")
T = TypeVar("T")

LARGE: Final = 8 * 1024 * 1024
"""Messages of more bytes than this need a seat among the large."""
_LARGE_WAITING: Final = 64


class Computing:
    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="compute")
        self._large = Seats(max(1, threads - 1), _LARGE_WAITING)

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: function(*args, **kwargs))

    def room_for(self, size: int, aside: Aside, patience: timedelta) -> AbstractAsyncContextManager[None]:
        """To be entered around work on `size` bytes. Entering raises `NotNow` when the large are too many."""
        return nullcontext() if size <= LARGE else self._large.taken(aside, patience)

    def close(self) -> None:
        """Wait for the calls in hand."""
        self._pool.shutdown(wait=True, cancel_futures=True)
