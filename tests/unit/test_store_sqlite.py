"""What durability and secrecy hang on in SQLite: settings, modes of files, traces of what was deleted."""

from pathlib import Path
from stat import S_IMODE

import apsw
import pytest
from store_samples import a_message, a_part

from amtsbote.api.persistence import Transaction
from amtsbote.errors import Damaged, NotFound, StaleState, StorageFailed, StorageFull
from amtsbote.model.ids import MessageId
from amtsbote.store import SqliteStore
from amtsbote.store.sqlite import connection as connections
from amtsbote.store.sqlite.connection import APPLICATION_ID
from amtsbote.store.sqlite.failures import storage_failure, translated

M1 = MessageId("m1")


async def test_the_files_are_for_this_user_only(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    store = SqliteStore.open(folder)
    await store.write(lambda tx: tx.messages.add(a_message(), None))

    files = {file.name: S_IMODE(file.stat().st_mode) for file in folder.iterdir()}

    assert files == {"amtsbote.db": 0o600, "amtsbote.db-wal": 0o600, "amtsbote.db-shm": 0o600}
    assert S_IMODE(folder.stat().st_mode) == 0o700
    await store.close()
    assert [file.name for file in folder.iterdir()] == ["amtsbote.db"]


async def test_the_file_says_whose_it_is(tmp_path: Path) -> None:
    await SqliteStore.open(tmp_path).close()

    assert (tmp_path / "amtsbote.db").read_bytes()[68:72] == APPLICATION_ID.to_bytes(4, "big") == b"Amtb"


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("mmap_size", 0),
        ("busy_timeout", 5000),
        ("wal_autocheckpoint", 0),
        ("temp_store", 2),
        ("trusted_schema", 0),
    ],
)
def test_the_writing_connection_is_set_up_safely(tmp_path: Path, pragma: str, value: object) -> None:
    (tmp_path / "amtsbote.db").touch()
    connection = connections.writing(tmp_path / "amtsbote.db")

    assert connection.pragma(pragma) == value
    connection.close()


def test_a_reading_connection_trusts_no_schema_and_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "amtsbote.db").touch()
    connections.writing(tmp_path / "amtsbote.db").close()
    connection = connections.reading(tmp_path / "amtsbote.db")

    assert connection.pragma("trusted_schema") == 0
    with pytest.raises(apsw.ReadOnlyError):
        connection.execute("CREATE TABLE t (x)")
    connection.close()


async def test_deleted_bodies_leave_no_trace_in_the_file(tmp_path: Path) -> None:
    marker = b"marked body " * 2_000
    store = SqliteStore.open(tmp_path)

    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.parts.put(a_part(inline=marker))

    await store.write(unit)
    await store.close()
    assert b"marked body" in (tmp_path / "amtsbote.db").read_bytes()

    store = SqliteStore.open(tmp_path)
    await store.write(lambda tx: tx.parts.drop(M1))
    await store.close()

    assert b"marked body" not in (tmp_path / "amtsbote.db").read_bytes()


def of_kind(sort: type[apsw.Error], code: int) -> apsw.Error:
    error = sort("as SQLite says it")
    error.extendedresult = code  # type: ignore[attr-defined]
    return error


CONSTRAINTS = {
    apsw.SQLITE_CONSTRAINT_UNIQUE: StaleState,
    apsw.SQLITE_CONSTRAINT_PRIMARYKEY: StaleState,
    apsw.SQLITE_CONSTRAINT_ROWID: StaleState,
    apsw.SQLITE_CONSTRAINT_FOREIGNKEY: NotFound,
    apsw.SQLITE_CONSTRAINT_CHECK: ValueError,
    apsw.SQLITE_CONSTRAINT_NOTNULL: ValueError,
    apsw.SQLITE_CONSTRAINT_DATATYPE: ValueError,
}
OWN_FAULTS = {"SQLError", "MisuseError", "RangeError", "MismatchError", "TooBigError", "NoMemError"}
"""Faults of the program or of one value stay what they are."""


@pytest.mark.parametrize(("code", "seen"), CONSTRAINTS.items())
def test_constraints_are_told_in_words_of_the_house(code: int, seen: type[Exception]) -> None:
    error = of_kind(apsw.ConstraintError, code)

    assert type(translated(error, apsw.Connection(":memory:"))) is seen


def sorts_of_errors() -> list[type[apsw.Error]]:
    return [
        sort
        for sort in vars(apsw).values()
        if isinstance(sort, type) and issubclass(sort, apsw.Error) and sort is not apsw.ConstraintError
    ]


@pytest.mark.parametrize("sort", sorts_of_errors(), ids=lambda sort: sort.__name__)
def test_every_error_of_sqlite_has_a_word_of_the_house_or_is_our_own_fault(sort: type[apsw.Error]) -> None:
    seen = translated(sort("as SQLite says it"), apsw.Connection(":memory:"))

    if sort.__name__ in OWN_FAULTS:
        assert type(seen) is sort
    elif sort in (apsw.CorruptError, apsw.NotADBError):
        assert type(seen) is Damaged
    else:
        assert type(seen) is (StorageFull if sort is apsw.FullError else StorageFailed)


def test_a_failure_is_told_to_each_waiter_as_its_own_exception() -> None:
    first = StorageFull("no space")
    second = storage_failure(first, apsw.Connection(":memory:"))

    assert type(second) is StorageFull
    assert second is not first
    assert second.args == first.args
