"""What PostgreSQL reports, in words of the house. The only place where its exceptions are named.

Its details quote values of rows, so only the first line of a report is ever passed on (PostgreSQL, appendix A).
"""

from collections.abc import Mapping
from typing import Final

import psycopg

from amtsbote.errors import Damaged, NotFound, StaleState, StorageFailed, StorageFull


class Conflict(StorageFailed):
    """Another node was quicker: nothing was kept, and the same unit may succeed when it is run again."""


_BY_CODE: Final[Mapping[str, type[Exception]]] = {
    "23505": StaleState,  # unique_violation
    "23503": NotFound,  # foreign_key_violation
    "40001": Conflict,  # serialization_failure
    "40P01": Conflict,  # deadlock_detected
    "53100": StorageFull,  # disk_full
    "XX001": Damaged,  # data_corrupted
    "XX002": Damaged,  # index_corrupted
    "42501": StorageFailed,  # insufficient_privilege
}
_BY_CLASS: Final[Mapping[str, type[Exception]]] = {"22": ValueError, "23": ValueError}
_PROGRAM: Final = (psycopg.ProgrammingError, psycopg.NotSupportedError)
"""Faults of the program, not of the database: they concern one unit."""


def translated(error: psycopg.Error) -> Exception:
    """What a caller sees: the name is taken (`StaleState`), the row referred to is not there (`NotFound`), the value
    is not allowed (`ValueError`), the rows are unreadable (`Damaged`), another node was quicker (`Conflict`), the
    database failed or is gone (`StorageFailed`, `StorageFull`); else a fault of the program."""
    code = error.sqlstate or ""
    word = _BY_CODE.get(code) or _BY_CLASS.get(code[:2])
    if word is not None:
        return word(said(error))
    if isinstance(error, psycopg.DataError):  # refused before it was sent, e.g. text with NUL
        return ValueError(said(error))
    if isinstance(error, _PROGRAM):
        return error
    return StorageFailed(said(error))


def storage_failure(error: BaseException) -> StorageFailed:
    """A failed commit, for one of those who waited for it: each gets an exception of its own."""
    if isinstance(error, psycopg.Error):
        seen = translated(error)
        return seen if isinstance(seen, StorageFailed) else StorageFailed(said(error))
    if isinstance(error, StorageFailed):
        return type(error)(*error.args)
    return StorageFailed(f"{type(error).__name__}: {error}")


def said(error: psycopg.Error) -> str:
    """One line without values of rows and without the connection's secrets."""
    first = error.diag.message_primary
    if first is None and isinstance(error, psycopg.OperationalError):
        first = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
