"""What must survive: the database, the files of large sealed parts, and the lock of the data folder."""

from amtsbote.store.bodies import BodyFiles
from amtsbote.store.lock import FolderLock
from amtsbote.store.refusal import StoreRefused
from amtsbote.store.sqlite import SqliteStore

__all__ = ["BodyFiles", "FolderLock", "SqliteStore", "StoreRefused"]
