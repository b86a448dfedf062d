"""What waits for the writer. Urgent work wakes it at once; patient work sets an alarm and rides along."""

import time
from collections import deque
from collections.abc import Callable
from math import inf
from threading import Condition
from typing import Final, Generic, TypeVar

from amtsbote.errors import StorageFailed

W = TypeVar("W")

PATIENCE: Final = 0.020
"""Seconds a patient unit waits for company at the longest."""
GROUP: Final = 256
"""Units of one commit at the most."""


class Inbox(Generic[W]):
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = Condition()
        self._queued: deque[W] = deque()
        self._leaves_at = inf
        self._closed = False

    def put(self, work: W) -> None:
        """Urgent: everything queued leaves now. Raises `StorageFailed` after `close`."""
        self._put(work, self._clock())

    def put_patient(self, work: W) -> None:
        """Leaves with the next urgent unit, or when `PATIENCE` has passed since the first that waits."""
        self._put(work, self._clock() + PATIENCE)

    def _put(self, work: W, leaves_at: float) -> None:
        with self._changed:
            if self._closed:
                raise StorageFailed("the store is closed")
            self._queued.append(work)
            if leaves_at < self._leaves_at:
                self._leaves_at = leaves_at
                self._changed.notify()

    def remaining(self) -> float:
        """Seconds until what is queued leaves: 0 or less when it should go now, infinite when nothing waits."""
        return self._leaves_at - self._clock()

    def take(self) -> list[W]:
        """Wait for the next group, in the order of arrival. Empty exactly when the inbox is closed and drained."""
        with self._changed:
            while not self._closed and (remaining := self.remaining()) > 0:
                self._changed.wait(None if remaining == inf else remaining)
            group = [self._queued.popleft() for _ in range(min(GROUP, len(self._queued)))]
            if not self._queued:
                self._leaves_at = inf
            return group

    def close(self) -> None:
        """Nothing comes in any more; what is queued still leaves."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
