"""The writer thread of a node: one connection, units committed in groups and in the order in which they were given.

Groups are serialisable, so units see each other as on a store of one machine even when several nodes write. Where two
nodes get in each other's way the database undoes one of them, and its units run again: they are repeatable.
"""

import secrets
from collections.abc import Callable
from functools import lru_cache, partial
from threading import Event, Thread
from typing import Any, Final

import psycopg

from amtsbote.api.operations import Around
from amtsbote.errors import CommitUnknown, StorageFailed
from amtsbote.store.inbox import Inbox
from amtsbote.store.postgresql.connection import Link
from amtsbote.store.postgresql.failures import Conflict, said, storage_failure, translated
from amtsbote.store.postgresql.session import ports
from amtsbote.store.work import Done, Failed, Outcome, Work, wake

ATTEMPTS: Final = 20
"""How often a single unit is tried against other nodes before its caller hears that the storage failed."""
TOGETHER: Final = 3
"""How often a group is tried before it is halved."""
_BEGIN: Final = "BEGIN ISOLATION LEVEL SERIALIZABLE"
_LONGEST: Final = 0.2


def pause(attempt: int) -> None:
    """Some milliseconds, more from attempt to attempt, by chance, so that two nodes do not keep pace."""
    longest = min(_LONGEST, 0.002 * 2**attempt)
    Event().wait(longest * secrets.randbelow(1_000) / 1_000)


class Writer(Thread):
    def __init__(
        self, link: Link, inbox: Inbox[Work[Any]], around: Around, pause: Callable[[int], None] = pause
    ) -> None:
        super().__init__(name="store-writer", daemon=True)
        self._link = link
        self._inbox = inbox
        self._pause = pause
        self._commit = around("commit", self._end)
        self._transaction = lru_cache(maxsize=1024)(partial(ports, link))

    def run(self) -> None:
        while group := self._inbox.take():
            wake(zip(group, self._write(group), strict=True))
        self._link.close()

    def _write(self, group: list[Work[Any]]) -> list[Outcome]:
        """One outcome per unit. A group that conflicts again and again is written in two halves."""
        for attempt in range(TOGETHER if len(group) > 1 else ATTEMPTS):
            outcomes, again = self._try(group)
            if not again:
                return outcomes
            self._pause(attempt)
        if len(group) == 1:
            return outcomes
        half = len(group) // 2
        return self._write(group[:half]) + self._write(group[half:])

    def _try(self, group: list[Work[Any]]) -> tuple[list[Outcome], bool]:
        """The outcomes, and whether it is worth running the group again."""
        try:
            self._link.begin(_BEGIN)
            outcomes = self._together(group)
            if any(isinstance(outcome, Done) for outcome in outcomes):
                self._commit()
            return outcomes, False
        except BaseException as error:  # noqa: BLE001  (whatever it was, everybody in the group hears it)
            failures: list[Outcome] = [Failed(storage_failure(error)) for _ in group]
            conflicts = isinstance(error, Conflict) or (
                isinstance(error, psycopg.Error) and isinstance(translated(error), Conflict)
            )
            return failures, conflicts
        finally:
            self._link.roll_back()

    def _together(self, group: list[Work[Any]]) -> list[Outcome]:
        """Savepoints cost two messages to the server for each unit, and units rarely fail: only when one did, all run
        again with one each."""
        outcomes: list[Outcome] = []
        for work in group:
            outcomes.append(self._alone(work))
            if len(group) > 1 and isinstance(outcomes[-1], Failed):
                self._link.roll_back()
                self._link.begin(_BEGIN)
                return [self._in_savepoint(each) for each in group]
        return outcomes

    def _alone(self, work: Work[Any]) -> Outcome:
        """When it fails, the caller undoes what the transaction did. A failing database leaves as it is."""
        try:
            return Done(work.unit(self._transaction(work.scope)))
        except StorageFailed:
            raise
        except BaseException as error:  # noqa: BLE001  (delivered to the caller)
            return Failed(error)

    def _in_savepoint(self, work: Work[Any]) -> Outcome:
        """One unit among others: when it fails, it is undone alone."""
        connection = self._link.current
        connection.execute("SAVEPOINT unit")
        outcome = self._alone(work)
        if isinstance(outcome, Failed):
            connection.execute("ROLLBACK TO unit")
        connection.execute("RELEASE unit")
        return outcome

    def _end(self) -> None:
        """Raises `StorageFailed` when the server undid what it should have kept: it says so only in its answer. Raises
        `CommitUnknown` when the connection is gone before there was one."""
        connection = self._link.current
        try:
            answer = connection.execute("COMMIT").statusmessage
        except psycopg.Error as error:
            if connection.closed:
                raise CommitUnknown(said(error)) from error
            raise
        if answer != "COMMIT":
            raise StorageFailed(f"the server answered a commit with something else: {answer}")
