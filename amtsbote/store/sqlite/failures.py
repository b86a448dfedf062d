"""What SQLite reports, in words of the house. The only place where its exceptions are named."""

import errno

import apsw

from amtsbote.errors import Damaged, NotFound, StaleState, StorageFailed, StorageFull

_TAKEN = frozenset({apsw.SQLITE_CONSTRAINT_PRIMARYKEY, apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_ROWID})
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PROGRAM = (apsw.SQLError, apsw.MisuseError, apsw.RangeError, apsw.MismatchError, apsw.TooBigError, apsw.NoMemError)
"""Faults of the program or of a single value, not of the disk: they concern one unit."""


def translated(error: apsw.Error, connection: apsw.Connection) -> Exception:
    """What a caller sees: the name is taken (`StaleState`), the row referred to is not there (`NotFound`), the value
    is not allowed (`ValueError`), the rows are unreadable (`Damaged`), the disk failed (`StorageFailed`,
    `StorageFull`); else a fault of the program."""
    if isinstance(error, apsw.ConstraintError):
        return _constraint(error)
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return Damaged(f"the database is damaged: {error}")
    if isinstance(error, _PROGRAM):
        return error
    return storage_failure(error, connection)


def storage_failure(error: BaseException, connection: apsw.Connection) -> StorageFailed:
    """Nothing was kept. Told apart: no space (also by quota or a limit on file size) and everything else."""
    if isinstance(error, StorageFailed):
        return type(error)(*error.args)
    full = isinstance(error, apsw.FullError) or (
        isinstance(error, apsw.IOError) and connection.system_errno in _NO_SPACE
    )
    sentence = f"{type(error).__name__}: {error}"
    return StorageFull(sentence) if full else StorageFailed(sentence)


def _constraint(error: apsw.ConstraintError) -> Exception:
    code = getattr(error, "extendedresult", 0)
    if code in _TAKEN:
        return StaleState(str(error))
    if code == apsw.SQLITE_CONSTRAINT_FOREIGNKEY:
        return NotFound(str(error))
    return ValueError(str(error))
