"""The writer thread: it alone owns the one connection that writes, and commits in groups.

Every unit of a group runs in a savepoint of its own: one that fails is undone alone. A commit that fails undoes the
whole group, and everybody hears it. Nobody is answered before the commit.
"""

import logging
from functools import lru_cache, partial
from threading import Thread
from typing import Any, Final

import apsw

from amtsbote.api.operations import Around
from amtsbote.errors import StorageFailed
from amtsbote.store.inbox import Inbox
from amtsbote.store.sqlite.failures import storage_failure
from amtsbote.store.sqlite.session import ports
from amtsbote.store.work import Done, Failed, Outcome, Work, wake

CHECKPOINT_AT: Final = 2_000
"""Pages in the write-ahead log from which on the writer moves them into the database between two groups (8 MB)."""

log = logging.getLogger(__name__)


class Writer(Thread):
    def __init__(self, connection: apsw.Connection, inbox: Inbox[Work[Any]], around: Around) -> None:
        super().__init__(name="store-writer", daemon=True)
        self._connection = connection
        self._inbox = inbox
        self._commit = around("commit", partial(connection.execute, "COMMIT"))
        self._checkpoint = around("checkpoint", partial(connection.wal_checkpoint, mode=apsw.SQLITE_CHECKPOINT_PASSIVE))
        self._transaction = lru_cache(maxsize=1024)(partial(ports, connection))
        self._logged_pages = 0
        connection.set_wal_hook(self._count_pages)

    def run(self) -> None:
        while group := self._inbox.take():
            wake(zip(group, self._write(group), strict=True))
            self._checkpoint_when_due()

    def _write(self, group: list[Work[Any]]) -> list[Outcome]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(work) for work in group]
            self._commit()
        except BaseException as error:  # noqa: BLE001  (whatever it was, everybody in the group hears it)
            self._undo()
            return [Failed(storage_failure(error, self._connection)) for _ in group]
        return outcomes

    def _attempt(self, work: Work[Any]) -> Outcome:
        """Run one unit in its savepoint. A failing disk is everybody's concern and leaves as `StorageFailed`."""
        self._connection.execute("SAVEPOINT unit")
        try:
            outcome: Outcome = Done(work.unit(self._transaction(work.scope)))
        except StorageFailed:
            raise
        except BaseException as error:  # noqa: BLE001  (delivered to the caller)
            self._connection.execute("ROLLBACK TO unit")
            outcome = Failed(error)
        self._connection.execute("RELEASE unit")
        return outcome

    def _undo(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except apsw.Error as error:
            log.error("undoing a group failed: %s", type(error).__name__)

    def _count_pages(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._logged_pages = pages
        return apsw.SQLITE_OK

    def _checkpoint_when_due(self) -> None:
        if self._logged_pages < CHECKPOINT_AT:
            return
        self._logged_pages = 0
        try:
            self._checkpoint()
        except Exception as error:  # noqa: BLE001  (nothing is lost: the log keeps what could not be moved)
            log.warning("moving the write-ahead log into the database failed: %s", type(error).__name__)
