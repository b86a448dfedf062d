"""Reader threads: each has a read-only connection and answers one query after the other from a snapshot."""

import logging
from collections.abc import Callable
from functools import lru_cache, partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

import apsw

from amtsbote.errors import StorageFailed
from amtsbote.store.sqlite.failures import translated
from amtsbote.store.sqlite.session import ports
from amtsbote.store.work import Done, Failed, Outcome, Work, wake

log = logging.getLogger(__name__)


class Readers:
    def __init__(self, connect: Callable[[], apsw.Connection], count: int) -> None:
        self._queue: SimpleQueue[Work[Any] | None] = SimpleQueue()
        self._closing = Lock()
        self._closed = False
        self._threads = [_Reader(connect(), self._queue, number) for number in range(count)]

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
    def __init__(self, connection: apsw.Connection, queue: "SimpleQueue[Work[Any] | None]", number: int) -> None:
        super().__init__(name=f"store-reader-{number}", daemon=True)
        self._connection = connection
        self._queue = queue
        self._transaction = lru_cache(maxsize=1024)(partial(ports, connection))

    def run(self) -> None:
        while (work := self._queue.get()) is not None:
            wake([(work, self._look(work))])
        self._connection.close()

    def _look(self, work: Work[Any]) -> Outcome:
        try:
            self._roll_back()  # what the query before could not end
            self._connection.execute("BEGIN")
            return Done(work.unit(self._transaction(work.scope)))
        except apsw.Error as error:
            return Failed(translated(error, self._connection))
        except BaseException as error:  # noqa: BLE001  (delivered to the caller)
            return Failed(error)
        finally:
            self._end()

    def _end(self) -> None:
        """The answer stands even if this fails: the next query tries again and is refused if that fails too."""
        try:
            self._roll_back()
        except apsw.Error as error:
            log.error("ending a query failed: %s", type(error).__name__)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
