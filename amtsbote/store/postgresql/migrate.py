"""Each migration in one transaction, applied once, by one node at a time."""

from collections.abc import Sequence
from typing import Final

from amtsbote.store.migrations import Migration, newer, outdated
from amtsbote.store.postgresql.cluster import lock_key
from amtsbote.store.postgresql.connection import Connection, described, schema_of
from amtsbote.store.refusal import StoreRefused

_VERSIONS: Final = """CREATE TABLE IF NOT EXISTS schema_version (number INTEGER PRIMARY KEY, name TEXT NOT NULL)"""


def migrate(connection: Connection, migrations: Sequence[Migration]) -> None:
    """Bring the schema to the last of `migrations`. Raises `StoreRefused` for a newer one and for somebody else's."""
    key = lock_key(schema_of(connection), "migrate")
    connection.execute("SELECT pg_advisory_lock(%s)", (key,))
    try:
        version = schema_version(connection)
        if version > len(migrations):
            raise newer(described(connection), version, len(migrations))
        if not version:
            must_be_empty(connection)
        for migration in migrations[version:]:
            _apply(connection, migration)
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", (key,))


def must_be_current(connection: Connection, migrations: Sequence[Migration]) -> None:
    """Change nothing. Raises `StoreRefused` for an older schema and for a newer one."""
    version = schema_version(connection)
    if version != len(migrations):
        say = newer if version > len(migrations) else outdated
        raise say(described(connection), version, len(migrations))


def schema_version(connection: Connection) -> int:
    """Number of the last migration; 0 for an empty schema."""
    if "schema_version" not in _tables(connection):
        return 0
    [(applied,)] = connection.execute("SELECT coalesce(max(number), 0) FROM schema_version").fetchall()
    return int(applied)


def must_be_empty(connection: Connection) -> None:
    """Raises `StoreRefused` for a schema with tables of somebody else."""
    if _tables(connection):
        schema = schema_of(connection)
        raise StoreRefused(
            f"Das Schema {schema} der Datenbank {described(connection)} gehört nicht zu Amtsbote und ist nicht leer."
            " Bitte eine eigene Datenbank oder ein leeres Schema angeben.",
            f"The schema {schema} of the database {described(connection)} does not belong to Amtsbote and is not empty."
            " Name a database of its own or an empty schema.",
        )


def _tables(connection: Connection) -> frozenset[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    return frozenset(str(name) for (name,) in found)


def _apply(connection: Connection, migration: Migration) -> None:
    with connection.transaction():
        connection.execute(_VERSIONS)
        connection.execute(migration.script)
        connection.execute(
            "INSERT INTO schema_version (number, name) VALUES (%s, %s)", (migration.number, migration.name)
        )
