"""The store on SQLite: one writer thread that commits in groups, a few readers, everything in one file."""

from amtsbote.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
