"""An installation on PostgreSQL as an operator makes and looks at it: by commands, without a service."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest
from chains_for_tests import NOW
from house_for_tests import Clock, Ids
from patience import PATIENCE
from postgres_kit import server
from processes_for_tests import becomes_true
from store_samples import NOON, a_message, in_file

from amtsbote.admin.founding import Founded, Wishes, found
from amtsbote.admin.opening import at_the_office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli.entry import run
from amtsbote.daemon import compose
from amtsbote.daemon.composition import World
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.storage import open_database
from amtsbote.errors import AmtsboteError, Misconfigured
from amtsbote.model.directory import Tenant
from amtsbote.model.ids import TenantId
from amtsbote.model.job import JobKind
from amtsbote.store import StoreRefused
from amtsbote.store.migrations import Migration
from amtsbote.store.postgresql import PostgresStore
from amtsbote.store.postgresql import migrate as postgresql
from amtsbote.store.sqlite import migrate as sqlite

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return server().schema_url(tmp_path)


@pytest.fixture
def secret(tmp_path: Path, url: str) -> Path:
    file = tmp_path / "database"
    file.write_text(f"{url}\n")
    return file


@pytest.fixture
def without_rsa(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the service's keys takes seconds; these tests are about where they lie."""
    monkeypatch.setattr("amtsbote.admin.founding.new_service_keys", lambda _: ())


def founded(folder: Path, secret: Path) -> Founded:
    return found(folder, Wishes(database_file=secret), "en", NOW)


def rows(url: str, query: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def refusal(action: Callable[[], object]) -> AmtsboteError:
    with pytest.raises(AmtsboteError) as caught:
        action()
    return caught.value


def test_init_founds_in_the_database_the_file_names_and_refuses_a_second_time(
    tmp_path: Path, url: str, secret: Path
) -> None:
    made = founded(tmp_path / "one", secret)

    assert len(rows(url, "SELECT 1 FROM entry WHERE kind = 'key'")) == 3
    assert not (made.data / "amtsbote.db").exists()
    assert url not in made.configuration.read_text()
    again = refusal(lambda: founded(tmp_path / "two", secret))
    assert isinstance(again, CommandRefused)
    assert "copy amtsbote.toml and master.key" in again.en
    assert {path.name for path in (tmp_path / "two").rglob("*")} == {"data", "amtsbote.lock"}
    assert len(rows(url, "SELECT 1 FROM entry WHERE kind = 'key'")) == 3


@pytest.mark.usefixtures("without_rsa")
def test_a_single_command_works_without_a_service(
    tmp_path: Path, secret: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = founded(tmp_path / "one", secret)

    assert run(["tenants", "list", "--json", "--config", str(made.configuration)]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 0


@pytest.mark.usefixtures("without_rsa")
def test_a_command_refuses_a_newer_database_and_leaves_it(tmp_path: Path, url: str, secret: Path) -> None:
    settings = Settings.load(founded(tmp_path / "one", secret).configuration)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99, 'later')")

    with at_the_office(settings) as ask:
        refused = refusal(lambda: ask("tenants.list", {}))

    assert isinstance(refused, StoreRefused)
    assert "newer than this program" in refused.en


def test_whoever_only_looks_leaves_an_older_database_as_it_is(tmp_path: Path, url: str) -> None:
    known = [
        Migration(1, "first", "CREATE TABLE one (a INTEGER)"),
        Migration(2, "second", "CREATE TABLE two (a INTEGER)"),
    ]
    with psycopg.connect(url, autocommit=True) as connection:
        postgresql.migrate(connection, known[:1])
        server_says = refusal(lambda: postgresql.must_be_current(connection, known))
    with closing(apsw.Connection(str(tmp_path / "a.db"))) as file:
        sqlite.migrate(file, known[:1])
        file_says = refusal(lambda: sqlite.must_be_current(file, known))

    assert "start amtsbote serve once" in str(server_says)
    assert "start amtsbote serve once" in str(file_says)
    assert rows(url, TABLES) == [("one",), ("schema_version",)]


def test_a_command_does_not_found_an_empty_database(tmp_path: Path, url: str) -> None:
    refused = refusal(lambda: PostgresStore.open(url, readers=1, migrating=False))

    assert isinstance(refused, StoreRefused)
    assert "First run: amtsbote init" in refused.en
    assert rows(url, TABLES) == []


def settings_of(folder: Path, text: str) -> Settings:
    file = folder / "amtsbote.toml"
    file.write_text(text)
    return Settings.load(file)


@pytest.mark.parametrize("content", ["", "host=a password=hidden-word", "postgres:/hidden-word", None])
def test_a_secret_file_that_is_none_is_refused_without_its_content(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "database").write_text(content)

    refused = refusal(lambda: open_database(settings_of(tmp_path, '[storage]\ndatabase_file = "database"')))

    assert isinstance(refused, Misconfigured)
    assert "database_file" in refused.en
    assert "hidden-word" not in f"{refused.en}{refused.de}"


def test_both_places_for_the_address_are_one_too_many(tmp_path: Path) -> None:
    text = '[storage]\ndatabase = "postgresql://hidden-word"\ndatabase_file = "database"'

    refused = refusal(lambda: settings_of(tmp_path, text))

    assert "exclude each other" in str(refused)
    assert "hidden-word" not in str(refused)


def test_the_address_comes_from_the_environment_and_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AMTSBOTE__STORAGE__DATABASE", "postgresql://amtsbote:hidden-word@127.0.0.1:1/amtsbote")
    file = tmp_path / "amtsbote.toml"
    file.write_text("")
    settings = Settings.load(file)

    assert settings.storage.on_postgresql
    assert run(["config", "check", "--config", str(file)]) == 0
    assert run(["tenants", "list", "--config", str(file)]) == 1
    said = capsys.readouterr()
    assert "storage.database" in said.out
    assert "hidden-word" not in said.out + said.err + repr(settings)


@pytest.mark.usefixtures("without_rsa")
def test_a_node_that_looks_for_the_parts_of_others_in_its_own_folder_does_not_start(
    tmp_path: Path, url: str, secret: Path
) -> None:
    settings = Settings.load(founded(tmp_path / "one", secret).configuration)
    part = settings.storage.folder / "parts" / "ab" / f"ab{'0' * 30}.part"

    async def furnish() -> None:
        store = PostgresStore.open(url, readers=1)
        await store.write(lambda tx: tx.messages.add(a_message(), None))
        await store.write(lambda tx: tx.parts.put(in_file(part.name)))
        await store.close()

    async def begin() -> None:
        await (await compose(settings)).close()

    asyncio.run(begin())
    asyncio.run(furnish())
    refused = refusal(lambda: asyncio.run(begin()))
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"sealed")
    asyncio.run(begin())

    assert isinstance(refused, Misconfigured)
    assert "set storage.parts to the same place on each" in refused.en


@pytest.mark.usefixtures("without_rsa")
def test_work_that_another_node_brings_wakes_a_service_without_a_timer(tmp_path: Path, url: str, secret: Path) -> None:
    settings = Settings.load(founded(tmp_path / "one", secret).configuration)

    async def done(node: PostgresStore, message: str) -> None:
        """A process job that is not needed: whoever claims it ends it."""
        await node.write(lambda tx: tx.messages.add(a_message(message), None))
        await node.write(lambda tx: tx.jobs.add(JobKind.PROCESS, message, NOON))
        while (await node.read(lambda tx: tx.jobs.counts()))[JobKind.PROCESS]:  # noqa: ASYNC110  (another's work)
            await asyncio.sleep(0.02)

    async def serve() -> None:
        daemon, node = await compose(settings, World(Clock(), Ids())), PostgresStore.open(url, readers=1)
        lanes = [asyncio.create_task(lane.run()) for lane in daemon.lanes]
        async with asyncio.timeout(PATIENCE):
            for message in ("found at the start", "found when the service began to listen", "told by the database"):
                await done(node, message)
        for lane in daemon.lanes:
            lane.stop()
        await asyncio.gather(*lanes)
        await node.close()
        await daemon.close()

    asyncio.run(serve())


async def test_a_change_at_one_node_reaches_the_other_without_its_timer(tmp_path: Path, secret: Path) -> None:
    """Nothing but the database tells the second: no service runs here, so no timer does."""
    settings = Settings.load((await asyncio.to_thread(founded, tmp_path / "one", secret)).configuration)
    elsewhere = settings.storage.model_copy(update={"folder": tmp_path / "two"})
    elsewhere.folder.mkdir()
    async with AsyncExitStack() as nodes:
        one, two = [
            await compose(settings.model_copy(update={"storage": storage}), World(Clock(), Ids()))
            for storage in (settings.storage, elsewhere)
        ]
        for node in (one, two):
            nodes.push_async_callback(node.close)
        renewing = asyncio.create_task(two.renewing.run())
        nodes.callback(renewing.cancel)

        await one.store.write(lambda tx: tx.directory.put(Tenant(TenantId("leipzig"), "Stadt Leipzig", "14")))

        known = two.foundation.present.directory
        assert await asyncio.to_thread(becomes_true, lambda: TenantId("leipzig") in known().tenants)
