"""Moving a stopped installation from SQLite to PostgreSQL: every row as it was, or nothing at all."""

from pathlib import Path

import apsw
import psycopg
import pytest
from postgres_kit import server
from store_samples import NOON, a_message, a_part

from amtsbote.api.persistence import AuditRow, Page, Transaction
from amtsbote.errors import Damaged, StorageFailed
from amtsbote.model.ids import MessageId
from amtsbote.model.job import JobKind
from amtsbote.store import SqliteStore, StoreRefused
from amtsbote.store.postgresql import PostgresStore
from amtsbote.store.postgresql import takeover as takeovers
from amtsbote.store.postgresql.rows import Rows, measured
from amtsbote.store.postgresql.takeout import take_out
from amtsbote.store.postgresql.takeover import take_over
from amtsbote.store.sqlite.copying import must_be_sound

BODY = bytes(range(256)) * 4
ODD = "tab\t newline\n backslash\\ \\N \\. umlaut ä 😀"


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A stopped installation with three messages, a part, jobs, a routing version and an audit row."""
    store = SqliteStore.open(tmp_path)

    def unit(tx: Transaction) -> None:
        for number in range(3):
            tx.messages.add(a_message(f"m{number}", service_name=ODD), None)
        tx.parts.put(a_part("m1", inline=BODY))
        tx.jobs.add(JobKind.PROCESS, "m1", NOON)
        tx.routing.add({"regions.csv": b"ars;name\n"}, at=NOON, author="uid:0")
        tx.audit.add(AuditRow(NOON, "uid:0", "tenant.put", "t1", None, {"name": ODD}))

    await store.write(unit)
    await store.close()
    return tmp_path / "amtsbote.db"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return server().schema_url(tmp_path)


async def test_everything_is_there_afterwards_and_goes_on_counting(file: Path, url: str) -> None:
    moved = take_over(file, url)

    assert (moved["message"].count, moved["part"].count, moved["job"].count) == (3, 1, 1)
    store = PostgresStore.open(url, readers=1)
    await store.write(lambda tx: tx.messages.add(a_message("m3"), None))
    assert await store.write(lambda tx: tx.routing.add({}, at=NOON, author="uid:0")) == 2
    _, messages = await store.read(lambda tx: tx.messages.page(None, Page(0, 9)))
    parts = await store.read(lambda tx: tx.parts.of(MessageId("m1")))
    [row] = await store.read(lambda tx: tx.audit.page(Page(0, 9)))
    await store.close()
    assert [message.id for message in messages] == ["m3", "m2", "m1", "m0"]
    assert messages[-1] == a_message("m0", service_name=ODD)
    assert [part.inline for part in parts.values()] == [BODY]
    assert row.after == {"name": ODD}


def test_taking_over_again_finds_everything_there_and_changes_nothing(file: Path, url: str) -> None:
    assert take_over(file, url) == take_over(file, url)


def test_a_database_in_use_is_not_taken_over_into(file: Path, url: str) -> None:
    take_over(file, url)
    with psycopg.connect(url) as target:
        target.execute("UPDATE message SET service_name = 'another' WHERE id = 'm1'")

    with pytest.raises(StoreRefused, match="is not empty"):
        take_over(file, url)


def test_a_copy_that_differs_is_not_kept(file: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeovers, "from_postgresql", lambda *_: iter([("another",)]))

    with pytest.raises(Damaged, match="differs"):
        take_over(file, url)

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM message").fetchall() == [(0,)]
        assert connection.execute("SELECT number FROM revision").fetchall() == [(0,)]


def test_text_that_postgresql_cannot_hold_is_refused_and_nothing_is_kept(file: Path, url: str) -> None:
    connection = apsw.Connection(str(file))
    connection.execute("UPDATE message SET service_name = 'nul ' || char(0) WHERE id = 'm2'")
    connection.close()

    with pytest.raises(StoreRefused, match="cannot be taken over"):
        take_over(file, url)

    with psycopg.connect(url) as target:
        assert target.execute("SELECT count(*) FROM message").fetchall() == [(0,)]


def test_a_database_of_another_version_is_refused(file: Path, url: str) -> None:
    connection = apsw.Connection(str(file))
    connection.execute("INSERT INTO schema_version (number, name) VALUES (7, 'later')")
    connection.close()

    with pytest.raises(StoreRefused, match="The database has schema 7"):
        take_over(file, url)


async def test_what_was_taken_out_is_what_was_taken_over(file: Path, url: str, tmp_path: Path) -> None:
    held = take_over(file, url)
    (tmp_path / "out").mkdir()
    told: list[tuple[int, int]] = []

    assert take_out(url, tmp_path / "out" / "amtsbote.db", told=lambda done, total: told.append((done, total))) == held

    must_be_sound(tmp_path / "out" / "amtsbote.db")
    store = SqliteStore.open(tmp_path / "out", readers=1)
    parts = await store.read(lambda tx: tx.parts.of(MessageId("m1")))
    await store.close()
    assert [part.inline for part in parts.values()] == [BODY]
    assert (tmp_path / "out" / "amtsbote.db").stat().st_mode & 0o777 == 0o600


def test_an_existing_file_is_not_taken_out_into(file: Path, url: str) -> None:
    take_over(file, url)
    before = file.read_bytes()

    with pytest.raises(StorageFailed):
        take_out(url, file)

    assert file.read_bytes() == before


def test_the_digest_knows_rows_but_not_their_order() -> None:
    rows = [(1, "a", None), (2, "b", b"c")]

    assert measured(rows) == measured(reversed(rows))
    assert measured(rows) != measured(rows * 2)
    assert measured([(1, "a")]) != measured([("1", "a")])
    assert measured([]) == Rows(0, "0" * 64)
