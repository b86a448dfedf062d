"""The store of one machine: SQLite in one file, one process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import apsw

from amtsbote.api.operations import Around, Disk, unobserved
from amtsbote.api.persistence import SYSTEM, Scope, Unit
from amtsbote.store.inbox import Inbox
from amtsbote.store.migrations import bundled
from amtsbote.store.readers import Readers
from amtsbote.store.refusal import StoreRefused
from amtsbote.store.sqlite import connection as connections
from amtsbote.store.sqlite.migrate import migrate, must_be_current
from amtsbote.store.sqlite.snapshots import Snapshots
from amtsbote.store.sqlite.writer import Writer
from amtsbote.store.work import Work

T = TypeVar("T")


class SqliteStore:
    """Implements `amtsbote.api.persistence.Database`. The folder lock is the caller's business."""

    shared = False

    def __init__(self, writing: apsw.Connection, readers: Readers, around: Around) -> None:
        self._writing = writing
        self._inbox: Inbox[Work[Any]] = Inbox()
        self._writer = Writer(writing, self._inbox, around)
        self._readers = readers
        self._writer.start()
        self._readers.start()

    @classmethod
    def open(
        cls, folder: Path, *, around: Around = unobserved, readers: int = 4, migrating: bool = True
    ) -> "SqliteStore":
        """Open `<folder>/amtsbote.db`; `migrating` creates it and brings it up to date.

        Each commit passes through `around("commit", …)`, each move of the log through `around("checkpoint", …)`.
        Raises `StoreRefused` (a `Misconfigured`) when the folder or the database cannot be used.
        """
        try:
            file = connections.prepare_file(folder, Disk.watched(around))
            writing = connections.writing(file)
            (migrate if migrating else must_be_current)(writing, bundled(__package__))
            return cls(writing, Readers(lambda: Snapshots(connections.reading(file)), readers), around)
        except (OSError, apsw.Error) as error:
            raise StoreRefused(
                f"Die Datenbank im Ordner {folder} lässt sich nicht öffnen: {error}.",
                f"The database in the folder {folder} cannot be opened: {error}.",
            ) from error

    async def write(self, unit: Unit[T], *, scope: Scope = SYSTEM, patient: bool = False) -> T:
        """See `Store.write`. Raises `StorageFailed` (`StorageFull`) when the commit failed: nothing was kept."""
        work = Work.of(unit, scope)
        put = self._inbox.put_patient if patient else self._inbox.put
        put(work)
        return await work.outcome()

    async def read(self, query: Unit[T], *, scope: Scope = SYSTEM) -> T:
        work = Work.of(query, scope)
        self._readers.put(work)
        return await work.outcome()

    def listen(self, wake: Callable[[], None], renew: Callable[[], None]) -> None:
        """See `Database.listen`: there is no other node, and who writes here tells this one itself."""

    async def about(self) -> Mapping[str, Any]:
        """See `Database.about`: there is no server."""
        return {}

    @asynccontextmanager
    async def sole(self, name: str) -> AsyncIterator[bool]:  # noqa: ARG002  (of `Database`)
        """See `Database.sole`: always true, under the lock of the folder."""
        yield True

    async def close(self) -> None:
        self._inbox.close()
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._writer.join()
        self._readers.close()
        self._writing.close()
