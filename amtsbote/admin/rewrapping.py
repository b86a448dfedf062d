"""Everything that lies under the master key, and how it is wrapped anew: from the former key to the present one.

Each batch is read, wrapped on a thread and written as one patient unit; a secret that changed meanwhile is left alone.
What opens under no key is left as it is and counted: `store check` says what it belongs to.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Generic, TypeVar

from amtsbote.admin.keyring import the_directory
from amtsbote.api.persistence import DirectoryEntry, Store, Transaction
from amtsbote.errors import Damaged
from amtsbote.keys.callbacks import callback_context
from amtsbote.keys.making import sealing_context
from amtsbote.keys.vault import Vault, key_id
from amtsbote.mailroom.parts import part_context
from amtsbote.model.directory import Destination, Directory, KeyEntry
from amtsbote.model.ids import MessageId
from amtsbote.model.masterkey import WrappedKind, WrappedValue
from amtsbote.runner.dossier import dossier_context

BATCH: Final = 200
_ENTRIES_AT_ONCE: Final = 500
"""Entries of one unit: it reads the whole directory."""
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Batch:
    done: int
    damaged: int
    after: int | None
    """Where to go on; None at the end."""


@dataclass(frozen=True, slots=True)
class Table:
    """One sort of wrapped secrets: how many lie under a key, and the next batch wrapped anew."""

    count: Callable[[Transaction, str], int]
    rewrap: Callable[[Store, Vault, str, int], Awaitable[Batch]]


async def rewrap_all(store: Store, vault: Vault, former: str) -> Batch:
    """All that is left under the former key, in every table."""
    done = damaged = 0
    for table in TABLES.values():
        after: int | None = 0
        while after is not None:
            batch = await table.rewrap(store, vault, former, after)
            done, damaged, after = done + batch.done, damaged + batch.damaged, batch.after
    return Batch(done, damaged, None)


def _context_of(kind: WrappedKind, value: WrappedValue) -> str:
    if kind is WrappedKind.CALLBACK:
        return callback_context(value.owner)
    message = MessageId(value.owner)
    return dossier_context(message) if value.part is None else part_context(message, value.part)


def _values(kind: WrappedKind) -> Table:
    async def rewrap(store: Store, vault: Vault, former: str, after: int) -> Batch:
        found = await store.read(lambda tx: tx.master.wrapped(kind, former, after, BATCH))
        if not found:
            return Batch(0, 0, None)
        anew = await asyncio.to_thread(_anew, kind, vault, found)

        def unit(tx: Transaction) -> int:
            return sum(tx.master.rewrap(kind, value, wrapped) for value, wrapped in anew)

        done = await store.write(unit, patient=True)
        return Batch(done, len(found) - len(anew), found[-1].number)

    return Table(lambda tx, key: tx.master.count(kind, key), rewrap)


def _anew(kind: WrappedKind, vault: Vault, found: Sequence[WrappedValue]) -> list[tuple[WrappedValue, bytes]]:
    anew = []
    for value in found:
        try:
            anew.append((value, vault.rewrap(value.wrapped, _context_of(kind, value))))
        except Damaged:
            continue
    return anew


@dataclass(frozen=True, slots=True)
class _InDirectory(Generic[E]):
    """Secrets that are part of entries of the directory, at most one of each."""

    entries: Callable[[Directory], Mapping[Any, E]]
    secret: Callable[[E], bytes | None]
    anew: Callable[[E, Vault], DirectoryEntry]
    """The entry with its secret under the present key. Raises `Damaged`."""

    def table(self) -> Table:
        return Table(lambda tx, key: len(self._under(tx.directory.load(), key)), self._rewrap)

    async def _rewrap(self, store: Store, vault: Vault, former: str, _: int) -> Batch:
        """All of them at once: there are few, in units of some hundred."""
        waiting = self._under(await store.read(the_directory), former)
        done = 0
        for start in range(0, len(waiting), _ENTRIES_AT_ONCE):
            some = waiting[start : start + _ENTRIES_AT_ONCE]
            done += await store.write(partial(self._some, vault, former, some))
        return Batch(done, len(waiting) - done, None)

    def _some(self, vault: Vault, former: str, names: Sequence[str], tx: Transaction) -> int:
        entries, done = self.entries(tx.directory.load()), 0
        for name in names:
            entry = entries.get(name)
            if entry is None or not self._lies_under(entry, former):
                continue
            with suppress(Damaged):
                tx.directory.put(self.anew(entry, vault))
                done += 1
        return done

    def _under(self, directory: Directory, master_key: str) -> list[str]:
        return sorted(name for name, entry in self.entries(directory).items() if self._lies_under(entry, master_key))

    def _lies_under(self, entry: E, master_key: str) -> bool:
        secret = self.secret(entry)
        return secret is not None and key_id(secret) == master_key


def _private_of(key: KeyEntry) -> bytes | None:
    return key.sealed_private


def _with_private(key: KeyEntry, vault: Vault) -> KeyEntry:
    context = sealing_context(key.kid, key.purpose, key.tenant)
    return replace(key, sealed_private=vault.rewrap(key.sealed_private or b"", context))


def _callback_of(destination: Destination) -> bytes | None:
    return None if destination.callback is None else destination.callback.sealed_secret


def _with_callback(destination: Destination, vault: Vault) -> Destination:
    callback = destination.callback
    if callback is None:
        return destination
    sealed = vault.rewrap(callback.sealed_secret, callback_context(destination.id))
    return replace(destination, callback=replace(callback, sealed_secret=sealed))


TABLES: Final[Mapping[str, Table]] = {
    "private-keys": _InDirectory(lambda found: found.keys, _private_of, _with_private).table(),
    "destination-callbacks": _InDirectory(lambda found: found.destinations, _callback_of, _with_callback).table(),
    "callbacks": _values(WrappedKind.CALLBACK),
    "dossiers": _values(WrappedKind.DOSSIER),
    "parts": _values(WrappedKind.PART),
}
"""Name → everything of that sort under the master key. Nothing else is wrapped."""
