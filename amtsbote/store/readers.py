"""Reader threads: each answers one query after the other from a snapshot."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Protocol

from amtsbote.errors import StorageFailed
from amtsbote.store.work import Outcome, Work, wake


class Answering(Protocol):
    """What one reader thread does with its connection."""

    def answer(self, work: Work[Any]) -> Outcome:
        """Raises nothing: whatever happens is the outcome."""
        ...

    def close(self) -> None: ...


class Readers:
    def __init__(self, answering: Callable[[], Answering], count: int) -> None:
        self._queue: SimpleQueue[Work[Any] | None] = SimpleQueue()
        self._closing = Lock()
        self._closed = False
        self._threads = [_Reader(answering(), self._queue, number) for number in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def put(self, work: Work[Any]) -> None:
        """Raises `StorageFailed` after `close`."""
        with self._closing:
            if self._closed:
                raise StorageFailed("the store is closed")
            self._queue.put(work)

    def close(self) -> None:
        """Answer what is queued; returns when every thread has ended and closed its connection."""
        with self._closing:
            self._closed = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()


class _Reader(Thread):
    def __init__(self, answering: Answering, queue: "SimpleQueue[Work[Any] | None]", number: int) -> None:
        super().__init__(name=f"store-reader-{number}", daemon=True)
        self._answering = answering
        self._queue = queue

    def run(self) -> None:
        while (work := self._queue.get()) is not None:
            wake([(work, self._answering.answer(work))])
        self._answering.close()
