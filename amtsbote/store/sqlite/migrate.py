"""Numbered migrations: each in one transaction, applied once, never changed after a release."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import apsw

from amtsbote.store.refusal import StoreRefused
from amtsbote.store.sqlite.connection import APPLICATION_ID

_NAME: Final = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    script: str


def bundled() -> tuple[Migration, ...]:
    """The migrations of this program, in order. Raises `ValueError` when a number is missing or there twice."""
    scripts = files(__package__).joinpath("migrations").iterdir()
    found = sorted(
        (
            Migration(int(match[1]), match[2], script.read_text(encoding="utf-8"))
            for script in scripts
            if (match := _NAME.fullmatch(script.name))
        ),
        key=lambda migration: migration.number,
    )
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError("the migrations are not numbered from 1 without a gap")
    return tuple(found)


def migrate(connection: apsw.Connection, migrations: Sequence[Migration]) -> None:
    """Bring the database to the last of `migrations`. Raises `StoreRefused` for a newer one.

    Foreign keys are off meanwhile, so that a migration may rebuild a table, and checked before its commit.
    """
    version = schema_version(connection)
    if version > len(migrations):
        raise StoreRefused(
            f"Die Datenbank {connection.filename} ist neuer als dieses Programm (Schema {version}, bekannt bis"
            f" {len(migrations)}). Bitte das neuere Programm starten oder die Sicherung von vor dem Update einspielen.",
            f"The database {connection.filename} is newer than this program (schema {version}, known up to"
            f" {len(migrations)}). Start the newer program, or restore the backup made before the update.",
        )
    connection.execute("PRAGMA foreign_keys = OFF")
    for migration in migrations[version:]:
        _apply(connection, migration)
    connection.execute("PRAGMA foreign_keys = ON")


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
