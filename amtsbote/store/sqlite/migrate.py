"""Each migration in one transaction, applied once."""

from collections.abc import Sequence

import apsw

from amtsbote.store.migrations import Migration, newer, outdated
from amtsbote.store.sqlite.connection import APPLICATION_ID


def migrate(connection: apsw.Connection, migrations: Sequence[Migration]) -> None:
    """Bring the database to the last of `migrations`. Raises `StoreRefused` for a newer one.

    Foreign keys are off meanwhile, so that a migration may rebuild a table, and checked before its commit.
    """
    version = schema_version(connection)
    if version > len(migrations):
        raise newer(str(connection.filename), version, len(migrations))
    connection.execute("PRAGMA foreign_keys = OFF")
    for migration in migrations[version:]:
        _apply(connection, migration)
    connection.execute("PRAGMA foreign_keys = ON")


def must_be_current(connection: apsw.Connection, migrations: Sequence[Migration]) -> None:
    """Change nothing. Raises `StoreRefused` for an older database and for a newer one."""
    version = schema_version(connection)
    if version != len(migrations):
        say = newer if version > len(migrations) else outdated
        raise say(str(connection.filename), version, len(migrations))


def schema_version(connection: apsw.Connection) -> int:
    """Number of the last migration; 0 for an empty database."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchall():
        return 0
    applied: int = connection.execute("SELECT max(number) FROM schema_version").get
    return applied


def _apply(connection: apsw.Connection, migration: Migration) -> None:
    with connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"
        )
        connection.execute(migration.script)
        connection.execute(
            "INSERT INTO schema_version (number, name) VALUES (?, ?)", (migration.number, migration.name)
        )
        if connection.execute("PRAGMA foreign_key_check").fetchall():
            raise ValueError(f"migration {migration.number} leaves rows that refer to nothing")
