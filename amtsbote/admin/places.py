"""Where the rows of an installation lie, taken as a whole: to copy them out while it runs, and to put them in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from amtsbote.admin.manifest import DATABASE
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.operations import Around, Disk, unobserved
from amtsbote.daemon.settings import Settings
from amtsbote.errors import Misconfigured
from amtsbote.store.sqlite.copying import copy_database

Told = Callable[[int, int], None]
"""How many rows or parts are done with, and of how many."""


class Place(Protocol):
    @property
    def name(self) -> str:
        """For sentences: no user, no password."""
        ...

    def copy_to(self, file: Path) -> None:
        """One consistent snapshot as a new, durable SQLite file. Raises `StorageFailed`, `Damaged`, `StoreRefused`."""
        ...

    def must_be_free(self) -> None:
        """Raises `CommandRefused` when an installation lies here, `StoreRefused` when none can."""
        ...

    def fill(self, file: Path, told: Told, around: Around = unobserved) -> None:
        """Put the rows of this SQLite file, which ends with that, in a free place: all of them or none.

        Raises `StoreRefused`, `Damaged`, `OSError`.
        """
        ...


@dataclass(frozen=True, slots=True)
class FolderPlace:
    folder: Path

    @property
    def name(self) -> str:
        return str(self.folder)

    def copy_to(self, file: Path) -> None:
        copy_database(self.folder / DATABASE, file)

    def must_be_free(self) -> None:
        if any((self.folder / f"{DATABASE}{ending}").exists() for ending in ("", "-wal", "-shm", "-journal")):
            raise CommandRefused("in-the-way", "restore.not-empty", path=self.folder)

    def fill(self, file: Path, told: Told, around: Around = unobserved) -> None:
        disk = Disk.watched(around)
        disk.rename(file, self.folder / DATABASE)
        disk.sync_folder(self.folder)
        told(1, 1)


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """A schema of PostgreSQL. The URL may hold a password: it is part of no sentence and no `repr`."""

    url: Callable[[], str]

    @property
    def name(self) -> str:
        return "PostgreSQL"

    def copy_to(self, file: Path) -> None:
        from amtsbote.store.postgresql.takeout import take_out  # noqa: PLC0415  (its driver is an extra)

        take_out(self.url(), file)

    def must_be_free(self) -> None:
        from amtsbote.store.postgresql.takeover import is_empty  # noqa: PLC0415  (its driver is an extra)

        if not is_empty(self.url()):
            raise CommandRefused("in-the-way", "restore.database-not-empty")

    def fill(self, file: Path, told: Told, around: Around = unobserved) -> None:
        from amtsbote.store.postgresql.takeover import take_over  # noqa: PLC0415  (its driver is an extra)

        take_over(file, self.url(), told=told, around=around)
        file.unlink()


def place_of(settings: Settings) -> Place:
    """Raises `Misconfigured`."""
    address = settings.storage.database_address()
    return FolderPlace(settings.storage.folder) if address is None else server_place(address)


def server_place(url: str) -> ServerPlace:
    """Raises `Misconfigured` when the driver is not installed."""
    try:
        import amtsbote.store.postgresql  # noqa: F401, PLC0415  (its driver is an extra)
    except ImportError:
        raise Misconfigured(
            "the driver of PostgreSQL is not installed: install amtsbote[postgres]",
            "der Treiber für PostgreSQL fehlt: bitte amtsbote[postgres] installieren",
        ) from None
    return ServerPlace(lambda: url)
