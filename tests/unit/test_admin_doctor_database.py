"""What `doctor` says about a PostgreSQL database, and that the facts come from the server."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from postgres_kit import open_postgres

from amtsbote.admin.doctor import examine
from amtsbote.admin.doctor_advice import Advice, Level, Site
from amtsbote.admin.doctor_database import database_facts
from amtsbote.admin.office import Office, nobody_to_tell
from amtsbote.daemon.settings import Settings, Storage
from amtsbote.errors import Language
from amtsbote.keys.vault import Vault
from amtsbote.store import SqliteStore

LANGUAGES: tuple[Language, Language] = ("de", "en")
GOOD: dict[str, Any] = {
    "version": 16, "fsync": True, "full_page_writes": True, "encrypted": True, "host": "db.example", "role": "amtsbote",
    "superuser": False, "now": "2026-01-01T00:00:00+00:00", "ahead": 0.01, "machines": 1,
}  # fmt: skip


def advice(parts: str | None = None, **changes: Any) -> dict[str, Advice]:
    """What is said of the database, by code."""
    settings = Settings(storage=Storage(folder=Path("/nowhere"), parts=parts))
    site = Site(
        file=Path("/nowhere/amtsbote.toml"),
        settings=settings,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        owner=1,
        facts={
            "uid": 1,
            "open_files": 10**6,
            "ends": [],
            "ages": [],
            "stages": [],
            "fetched": [],
            "callbacks": {"failing": 0, "stopped": 0},
            "destinations": [],
            "sources": [],
            "master_key": None,
            "database": GOOD | changes,
        },
        refused=None,
        running=True,
        mounts="",
        synchronised=True,
        sync_seconds=None,
        program=(),
    )
    return {one.code: one for one in examine(site) if "database" in one.code or one.code == "parts-apart"}


def test_a_good_database_is_fine() -> None:
    assert set(advice()) == {"fine.database"}


@pytest.mark.parametrize(
    ("changes", "code", "level"),
    [
        ({"fsync": False}, "database-forgets", Level.ERROR),
        ({"full_page_writes": False}, "database-forgets", Level.ERROR),
        ({"encrypted": False}, "database-plain", Level.ERROR),
        ({"superuser": True}, "database-superuser", Level.WARNING),
        ({"ahead": -7.5}, "database-clock", Level.ERROR),
        ({"machines": 2}, "parts-apart", Level.ERROR),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(changes: dict[str, Any], code: str, level: Level) -> None:
    found = advice(**changes)

    assert {one.code: one.level for one in found.values()} == {code: level}
    for language in LANGUAGES:
        assert "{" not in f"{found[code].what(language)}{found[code].todo(language)}"


@pytest.mark.parametrize("host", ["/run/postgresql", "127.0.0.1", "::1", "localhost"])
def test_a_server_on_this_machine_needs_no_encryption(host: str) -> None:
    assert set(advice(encrypted=False, host=host)) == {"fine.database"}


def test_shared_parts_are_fine_for_several_machines() -> None:
    assert set(advice(machines=3, parts="/srv/shared")) == {"fine.database"}


async def test_the_facts_are_those_of_the_server(tmp_path: Path) -> None:
    store = open_postgres(tmp_path)
    office = Office(store, Vault(bytes(32)), (), frozenset, {}, lambda: datetime.now(UTC), nobody_to_tell)

    facts = await database_facts(office)
    await store.close()

    assert set(facts) == set(GOOD)
    assert facts["version"] >= 15
    assert facts["superuser"] is True
    assert facts["fsync"] is False, "the server of the tests is fast and forgets"
    assert abs(facts["ahead"]) < 1


async def test_sqlite_has_no_server(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)

    assert await store.about() == {}
    await store.close()
