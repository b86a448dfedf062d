"""The computing threads: one call per message for RSA, AES, hashing and the trip to the validation helper.

They release the GIL where it matters and never wait for a disk or a network, except that large parts are read from
their files: large work therefore uses at most all threads but one, so that small work always finds one.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LARGE: Final = 8 * 1024 * 1024
"""Messages of more bytes than this take the lane of the large."""


class Computing:
    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="compute")
        self._large = asyncio.Semaphore(max(1, threads - 1))

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: function(*args, **kwargs))

    async def sized(self, size: int, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for work on `size` bytes."""
        if size <= LARGE:
            return await self(function, *args, **kwargs)
        async with self._large:
            return await self(function, *args, **kwargs)

    def close(self) -> None:
        """Wait for the calls in hand."""
        self._pool.shutdown(wait=True, cancel_futures=True)
