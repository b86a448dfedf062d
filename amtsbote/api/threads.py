"""Threads of one target's own: a share that hangs takes these, and nobody else's.

A call into a file system that hangs cannot be broken off. Its thread is left behind: it does not count as free, nobody
waits for it, and as a daemon thread it does not keep the process from ending. What it was doing is as harmless as after
a crash at the same place.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Any, Final, TypeVar

from amtsbote.errors import AmtsboteError

R = TypeVar("R")

MANY: Final = 4
"""As many as write at once; the disk of a target is the limit long before."""


class AllStuck(AmtsboteError):
    """Every thread is held by a call whose caller has given it up."""


class OwnThreads:
    """They come with work and go without it, so there is nothing to close."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._running = 0
        self._given_up: set[Future[Any]] = set()

    async def run(self, work: Callable[[], R]) -> R:
        """Raises `AllStuck` at once, and whatever `work` raises. Cancelling gives up a call that has begun, and keeps
        one that has not from beginning."""
        if len(self._given_up) >= MANY:
            raise AllStuck
        future: Future[R] = Future()
        self._begin(future, work)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancel():
                self._given_up.add(future)
                future.add_done_callback(self._given_up.discard)
            raise

    def _begin(self, future: Future[R], work: Callable[[], R]) -> None:
        with self._lock:
            self._waiting.append((future, work))
            if self._running == MANY:
                return
            self._running += 1
        Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running -= 1
                    return
                future, work = self._waiting.popleft()
            _fulfil(future, work)


def _fulfil(future: Future[R], work: Callable[[], R]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  (whoever awaits the call gets it)
        future.set_exception(error)
