"""The store of one node or several: PostgreSQL, one schema per installation."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import psycopg

from amtsbote.api.operations import Around, unobserved
from amtsbote.api.persistence import SYSTEM, Scope, Unit
from amtsbote.store.inbox import Inbox
from amtsbote.store.migrations import bundled
from amtsbote.store.postgresql.about import about
from amtsbote.store.postgresql.cluster import Listener, lock_key
from amtsbote.store.postgresql.connection import Connection, Link, connect, must_suit, schema_of
from amtsbote.store.postgresql.failures import said, storage_failure
from amtsbote.store.postgresql.migrate import migrate, must_be_current
from amtsbote.store.postgresql.snapshots import Snapshots
from amtsbote.store.postgresql.writer import Writer
from amtsbote.store.readers import Readers
from amtsbote.store.refusal import StoreRefused
from amtsbote.store.work import Work

T = TypeVar("T")


class PostgresStore:
    """Implements `amtsbote.api.persistence.Database`. While the server is gone everything raises `StorageFailed`; once
    it is back, the next unit connects again."""

    shared = True

    def __init__(self, connect: Callable[[], Connection], around: Around, readers: int) -> None:
        self._connect = connect
        self._inbox: Inbox[Work[Any]] = Inbox()
        self._writer = Writer(Link(connect), self._inbox, around)
        self._readers = Readers(lambda: Snapshots(Link(connect)), readers)
        self._listeners: list[Listener] = []
        self._writer.start()
        self._readers.start()

    @classmethod
    def open(
        cls, url: str, *, around: Around = unobserved, readers: int = 4, migrating: bool = True
    ) -> "PostgresStore":
        """Open the schema that `url` leads to (the first of its search path); `migrating` brings it up to date.

        Each commit passes through `around("commit", …)`. Raises `StoreRefused` (a `Misconfigured`) when the database
        cannot be reached or used.
        """
        opening = partial(connect, url)
        try:
            with opening() as connection:
                must_suit(connection)
                (migrate if migrating else must_be_current)(connection, bundled(__package__))
        except psycopg.Error as error:
            raise StoreRefused(
                f"Die PostgreSQL-Datenbank lässt sich nicht öffnen: {said(error)}.",
                f"The PostgreSQL database cannot be opened: {said(error)}.",
            ) from error
        return cls(opening, around, readers)

    async def write(self, unit: Unit[T], *, scope: Scope = SYSTEM, patient: bool = False) -> T:
        """See `Store.write`. Raises `StorageFailed` (`StorageFull`) when nothing was kept, `CommitUnknown` when the
        connection broke during the commit itself: then the unit may be there nevertheless."""
        work = Work.of(unit, scope)
        put = self._inbox.put_patient if patient else self._inbox.put
        put(work)
        return await work.outcome()

    async def read(self, query: Unit[T], *, scope: Scope = SYSTEM) -> T:
        work = Work.of(query, scope)
        self._readers.put(work)
        return await work.outcome()

    def listen(self, wake: Callable[[], None], renew: Callable[[], None]) -> Listener:
        """See `Database.listen`; called for the commits of any node, this one too, from a thread of the store."""
        listener = Listener(self._connect, wake, renew)
        self._listeners.append(listener)
        listener.start()
        return listener

    async def about(self) -> Mapping[str, Any]:
        """See `Database.about`."""
        try:
            return await asyncio.to_thread(self._about)
        except psycopg.Error as error:
            raise storage_failure(error) from error

    @asynccontextmanager
    async def sole(self, name: str) -> AsyncIterator[bool]:
        """Whether this node alone may do `name`, until the block ends. Nobody waits: the others are told no.

        Raises `StorageFailed` when the server cannot be reached. A server that goes away meanwhile forgets the lock.
        """
        try:
            connection, alone = await asyncio.to_thread(self._claim, name)
        except psycopg.Error as error:
            raise storage_failure(error) from error
        try:
            yield alone
        finally:
            await asyncio.to_thread(self._let_go, connection)

    async def close(self) -> None:
        self._inbox.close()
        await asyncio.to_thread(self._end)

    def _about(self) -> Mapping[str, Any]:
        with self._connect() as connection:
            return about(connection)

    def _claim(self, name: str) -> tuple[Connection, bool]:
        """A connection of its own, which the lock lives and ends with, and whether it got the lock."""
        connection = self._connect()
        try:
            key = lock_key(schema_of(connection), name)
            [(alone,)] = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchall()
        except BaseException:
            connection.close()
            raise
        return connection, bool(alone)

    @staticmethod
    def _let_go(connection: Connection) -> None:
        """Unlock before closing: the server notices a closed connection only some time later."""
        with suppress(psycopg.Error):
            connection.execute("SELECT pg_advisory_unlock_all()")
        connection.close()

    def _end(self) -> None:
        for listener in self._listeners:
            listener.end()
        self._writer.join()
        self._readers.close()
