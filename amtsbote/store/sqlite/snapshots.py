"""Queries of one reader thread: each sees one moment, on a connection that cannot write."""

import logging
from functools import lru_cache, partial
from typing import Any

import apsw

from amtsbote.store.sqlite.failures import translated
from amtsbote.store.sqlite.session import ports
from amtsbote.store.work import Done, Failed, Outcome, Work

log = logging.getLogger(__name__)


class Snapshots:
    """Implements `amtsbote.store.readers.Answering`."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._transaction = lru_cache(maxsize=1024)(partial(ports, connection))

    def answer(self, work: Work[Any]) -> Outcome:
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

    def close(self) -> None:
        self._connection.close()

    def _end(self) -> None:
        """The answer stands even if this fails: the next query tries again and is refused if that fails too."""
        try:
            self._roll_back()
        except apsw.Error as error:
            log.error("ending a query failed: %s", type(error).__name__)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
