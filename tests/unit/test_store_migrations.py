"""From every older schema to the newest, each step whole or not at all; never into a newer or a foreign database."""

from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import apsw
import pytest

from amtsbote.api.persistence import Scope
from amtsbote.errors import Misconfigured
from amtsbote.model.deadletter import Reason
from amtsbote.model.event import EventKind
from amtsbote.model.job import JobKind
from amtsbote.model.message import DeliveryState, State
from amtsbote.store import SqliteStore, StoreRefused
from amtsbote.store.migrations import Migration, bundled
from amtsbote.store.sqlite.migrate import migrate, schema_version

DATABASES = ("amtsbote.store.sqlite", "amtsbote.store.postgresql")
BUNDLED = bundled(DATABASES[0])
STEPS = (
    Migration(1, "one", "CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT; INSERT INTO a VALUES (1), (2);"),
    Migration(2, "two", "ALTER TABLE a ADD COLUMN name TEXT NOT NULL DEFAULT ''; UPDATE a SET name = 'n' || id;"),
    Migration(
        3,
        "three",
        "CREATE TABLE b (a INTEGER NOT NULL REFERENCES a (id)) STRICT; INSERT INTO b SELECT id FROM a;"
        "CREATE TABLE a2 (id INTEGER PRIMARY KEY, name TEXT NOT NULL, more INTEGER) STRICT;"
        "INSERT INTO a2 SELECT id, name, 7 FROM a; DROP TABLE a; ALTER TABLE a2 RENAME TO a;",
    ),
)


def schema(connection: apsw.Connection) -> list[Any]:
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()


def migrated(steps: tuple[Migration, ...], before: int = 0) -> apsw.Connection:
    """A database brought first to `before`, then to the last of `steps`."""
    connection = apsw.Connection(":memory:")
    migrate(connection, steps[:before])
    migrate(connection, steps)
    return connection


@pytest.mark.parametrize("steps", [BUNDLED, STEPS], ids=["bundled", "invented"])
def test_every_upgrade_path_ends_in_the_same_schema(steps: tuple[Migration, ...]) -> None:
    fresh = migrated(steps)

    assert schema_version(fresh) == len(steps)
    for before in range(len(steps) + 1):
        assert schema(migrated(steps, before)) == schema(fresh)


@pytest.mark.parametrize("before", range(4))
def test_rows_survive_every_upgrade_path(before: int) -> None:
    connection = migrated(STEPS, before)

    assert connection.execute("SELECT id, name, more FROM a").fetchall() == [(1, "n1", 7), (2, "n2", 7)]
    assert connection.pragma("foreign_keys") == 1


def test_a_migration_that_fails_leaves_nothing_of_itself() -> None:
    broken = (*STEPS[:1], Migration(2, "broken", "CREATE TABLE c (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1);"))
    connection = migrated(STEPS[:1])
    before = schema(connection)

    with pytest.raises(apsw.SQLError):
        migrate(connection, broken)

    assert schema(connection) == before
    assert schema_version(connection) == 1
    migrate(connection, STEPS)
    assert schema_version(connection) == 3


def test_a_migration_may_not_leave_rows_that_refer_to_nothing() -> None:
    connection = migrated(STEPS)

    with pytest.raises(ValueError, match="migration 4"):
        migrate(connection, (*STEPS, Migration(4, "careless", "DELETE FROM a WHERE id = 1;")))

    assert schema_version(connection) == 3


async def test_a_newer_database_is_refused_in_both_languages(tmp_path: Path) -> None:
    await SqliteStore.open(tmp_path).close()
    connection = apsw.Connection(str(tmp_path / "amtsbote.db"))
    connection.execute("INSERT INTO schema_version (number, name) VALUES (99, 'from the future')")
    connection.close()

    with pytest.raises(Misconfigured) as refused:
        SqliteStore.open(tmp_path)

    assert isinstance(refused.value, StoreRefused)
    assert "neuer als dieses Programm (Schema 99" in refused.value.text("de")
    assert "newer than this program (schema 99" in refused.value.text("en")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("a database of somebody else", "is not a database of Amtsbote"), ("no database at all", "cannot be opened")],
)
def test_a_file_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "amtsbote.db"
    if content.startswith("no"):
        file.write_bytes(b"plain text, long enough to be no header of SQLite " * 9)
    else:
        connection = apsw.Connection(str(file))
        connection.execute("CREATE TABLE theirs (id INTEGER)")
        connection.close()

    before = file.read_bytes()

    with pytest.raises(StoreRefused, match=sentence):
        SqliteStore.open(tmp_path)

    assert file.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == [file.name]


def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreRefused, match="cannot be opened"):
        SqliteStore.open(tmp_path / "file")


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("state", State),
        ("state", DeliveryState),
        ("kind", EventKind),
        ("kind", JobKind),
        ("reason", Reason),
    ],
)
@pytest.mark.parametrize("database", DATABASES)
def test_the_schema_knows_every_word_of_the_model(database: str, column: str, words: type[StrEnum]) -> None:
    scripts = " ".join(" ".join(migration.script for migration in bundled(database)).split())
    listed = ", ".join(f"'{word.value}'" for word in words)

    assert f"CHECK ({column} IN ({listed}))" in scripts.replace("( ", "(")


@pytest.mark.parametrize("database", DATABASES)
def test_the_schema_knows_every_kind_of_scope(database: str) -> None:
    kinds = get_args(Scope.__annotations__["kind"])

    assert f"scope_kind IN ({', '.join(repr(kind) for kind in kinds)})" in bundled(database)[0].script
