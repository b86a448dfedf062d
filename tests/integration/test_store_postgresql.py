"""What only PostgreSQL can show: several nodes on one database, and a server that goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Event, Semaphore

import apsw
import psycopg
import pytest
from patience import PATIENCE
from postgres_kit import server
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from store_samples import MINUTE, NOON, a_message

from amtsbote.api.persistence import Page, Transaction
from amtsbote.errors import Damaged, LeaseLost, NotFound, StaleState, StorageFailed, StorageFull
from amtsbote.model.directory import Tenant
from amtsbote.model.ids import CaseId, MessageId, TenantId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import State
from amtsbote.store import StoreRefused
from amtsbote.store.migrations import bundled
from amtsbote.store.postgresql import PostgresStore
from amtsbote.store.postgresql.failures import Conflict, storage_failure, translated
from amtsbote.store.sqlite.migrate import migrate

M1 = MessageId("m1")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return server().schema_url(tmp_path)


@pytest.fixture
async def nodes(url: str) -> AsyncIterator[list[PostgresStore]]:
    """Three nodes on one database."""
    opened = await asyncio.gather(*(asyncio.to_thread(PostgresStore.open, url, readers=1) for _ in range(3)))
    yield opened
    for node in opened:
        await node.close()


def nothing() -> None:
    """For whoever is not of interest."""


@contextmanager
def by_hand(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def cut_all(url: str) -> int:
    """End every connection into this schema but our own, as a server that restarts would; returns how many."""
    with by_hand(url) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
            " AND pid <> pg_backend_pid()",
            (_name(url),),
        )
        return len(ended.fetchall())


def _name(url: str) -> str:
    return str(conninfo_to_dict(url)["options"]).rpartition("=")[2]


@pytest.fixture
def named_url(url: str) -> str:
    """Connections of this test can be told from those of others."""
    return f"{url}&application_name={_name(url)}"


async def test_nodes_that_start_at_once_on_an_empty_database_found_it_once(
    nodes: list[PostgresStore], url: str
) -> None:
    await asyncio.gather(*(node.write(lambda tx: tx.jobs.counts()) for node in nodes))

    with by_hand(url) as connection:
        assert connection.execute("SELECT count(*) FROM revision").fetchall() == [(1,)]


async def test_nodes_share_the_jobs_and_nobody_gets_one_twice(nodes: list[PostgresStore]) -> None:
    def add(tx: Transaction) -> None:
        for number in range(120):
            tx.jobs.add(JobKind.PROCESS, f"m{number}", NOON)

    await nodes[0].write(add)

    async def drain(node: PostgresStore) -> list[str]:
        found: list[str] = []
        while jobs := await node.write(lambda tx: tx.jobs.claim([JobKind.PROCESS], 7, now=NOON, lease=MINUTE)):
            found += [job.reference for job in jobs]
        return found

    shares = await asyncio.gather(*map(drain, nodes))

    assert sorted(chain.from_iterable(shares)) == sorted(f"m{number}" for number in range(120))


async def test_a_claim_passes_by_what_another_node_is_claiming(nodes: list[PostgresStore], url: str) -> None:
    def add(tx: Transaction) -> None:
        for number in range(3):
            tx.jobs.add(JobKind.PROCESS, f"m{number}", NOON)

    await nodes[0].write(add)
    with psycopg.connect(url) as other:
        other.execute("SELECT 1 FROM job WHERE reference IN ('m0', 'm1') FOR UPDATE")
        async with asyncio.timeout(PATIENCE):
            [job] = await claimed(nodes[0], minutes=0)

    assert job.reference == "m2"


async def test_the_jobs_of_a_dead_node_come_back_when_its_lease_ends(nodes: list[PostgresStore]) -> None:
    await nodes[0].write(lambda tx: tx.jobs.add(JobKind.PROCESS, "m1", NOON))
    [lost] = await claimed(nodes[0], minutes=0)

    assert await claimed(nodes[1], minutes=4) == ()
    [taken] = await claimed(nodes[1], minutes=5)
    assert (taken.attempt, taken.token > lost.token) == (2, True)
    with pytest.raises(LeaseLost):
        await nodes[0].write(lambda tx: tx.jobs.finish(lost))


async def claimed(node: PostgresStore, minutes: int) -> tuple[Job, ...]:
    now = NOON + minutes * MINUTE
    return await node.write(lambda tx: tx.jobs.claim([JobKind.PROCESS], 1, now=now, lease=timedelta(minutes=5)))


async def test_two_nodes_that_decide_by_what_the_other_changes_decide_one_after_the_other(
    nodes: list[PostgresStore],
) -> None:
    """Each adds its message only if the case is empty: on snapshots alone both would."""

    def unit(case: CaseId, name: str, tx: Transaction) -> bool:
        alone = not tx.messages.case(case)
        if alone:
            tx.messages.add(a_message(name, case=case), None)
        return alone

    for case in map(CaseId, "abcdefghij"):
        units = [partial(unit, case, f"{case}{number}") for number in range(len(nodes))]
        won = await asyncio.gather(*(node.write(unit) for node, unit in zip(nodes, units, strict=True)))
        assert sorted(won) == [False, False, True]


async def test_a_commit_that_adds_jobs_wakes_every_node(nodes: list[PostgresStore]) -> None:
    woken = Semaphore(0)
    for node in nodes[1:]:
        assert node.listen(woken.release, nothing).wait_until_listening(PATIENCE)
        assert await asyncio.to_thread(woken.acquire, timeout=PATIENCE)  # what came before it listened

    await nodes[0].write(lambda tx: tx.jobs.add(JobKind.PROCESS, "m1", NOON))

    assert await asyncio.to_thread(woken.acquire, timeout=PATIENCE)
    assert await asyncio.to_thread(woken.acquire, timeout=PATIENCE)


async def test_a_commit_that_changes_the_registry_renews_every_node_and_wakes_none(nodes: list[PostgresStore]) -> None:
    woken, renewed = Semaphore(0), Semaphore(0)
    assert nodes[1].listen(woken.release, renewed.release).wait_until_listening(PATIENCE)
    for told in (woken, renewed):
        assert await asyncio.to_thread(told.acquire, timeout=PATIENCE)  # what came before it listened

    await nodes[0].write(lambda tx: tx.directory.put(Tenant(TenantId("leipzig"), "Stadt Leipzig", "14")))
    assert await asyncio.to_thread(renewed.acquire, timeout=PATIENCE)
    await nodes[0].write(lambda tx: tx.routing.add({"gebiete": b""}, at=NOON, author="uid:0"))
    assert await asyncio.to_thread(renewed.acquire, timeout=PATIENCE)
    assert not woken.acquire(blocking=False)


async def test_a_listener_listens_again_after_its_connection_was_cut(named_url: str) -> None:
    store = PostgresStore.open(named_url, readers=1)
    woken = Event()
    assert store.listen(woken.set, nothing).wait_until_listening(PATIENCE)
    assert await asyncio.to_thread(woken.wait, PATIENCE)
    woken.clear()

    cut_all(named_url)

    assert await asyncio.to_thread(woken.wait, PATIENCE)
    await store.close()


async def test_one_node_alone_does_what_is_done_once(nodes: list[PostgresStore]) -> None:
    async with AsyncExitStack() as held:
        assert [await held.enter_async_context(node.sole("tidy")) for node in nodes] == [True, False, False]
        assert await held.enter_async_context(nodes[1].sole("something else"))
    async with nodes[2].sole("tidy") as alone:
        assert alone


async def test_cut_connections_are_opened_again_without_a_word(named_url: str) -> None:
    store = PostgresStore.open(named_url, readers=1)
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    await store.read(lambda tx: tx.messages.get(M1))

    assert cut_all(named_url) == 2

    await store.write(lambda tx: tx.messages.move(M1, State.ANNOUNCED, State.SUBMITTED, at=NOON))
    assert (await store.read(lambda tx: tx.messages.get(M1))).state is State.SUBMITTED
    await store.close()


async def test_while_the_server_takes_nobody_in_units_fail_and_afterwards_they_go_on(url: str) -> None:
    role = sql.Identifier(_name(url))
    with by_hand(url) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} SUPERUSER LOGIN").format(role))
        store = PostgresStore.open(make_conninfo(url, user=_name(url), application_name=_name(url)), readers=1)
        await store.write(lambda tx: tx.messages.add(a_message(), None))

        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(role))
        cut_all(url)
        gone = await asyncio.gather(
            store.write(lambda tx: tx.messages.add(a_message("m2"), None)),
            store.write(lambda tx: tx.messages.add(a_message("m3"), None), patient=True),
            store.read(lambda tx: tx.messages.get(M1)),
            return_exceptions=True,
        )

        connection.execute(sql.SQL("ALTER ROLE {} LOGIN").format(role))
        await store.write(lambda tx: tx.messages.add(a_message("m4"), None))
        _, kept = await store.read(lambda tx: tx.messages.page(None, Page(0, 9)))
        await store.close()

    assert [type(answer) for answer in gone] == [StorageFailed] * 3
    assert [message.id for message in kept] == ["m4", "m1"]


async def test_a_unit_cut_in_its_middle_leaves_nothing_and_says_so(named_url: str) -> None:
    store = PostgresStore.open(named_url, readers=1)

    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        cut_all(named_url)
        tx.messages.add(a_message("m2"), None)

    with pytest.raises(StorageFailed):
        await store.write(unit)

    assert await store.read(lambda tx: tx.messages.page(None, Page(0, 9))) == (0, ())
    await store.write(lambda tx: tx.messages.add(a_message(), None))
    await store.close()


async def test_a_unit_that_goes_on_after_a_failed_statement_is_not_acknowledged(nodes: list[PostgresStore]) -> None:
    def careless(tx: Transaction) -> str:
        tx.messages.add(a_message(), None)
        try:
            tx.messages.add(a_message(), None)
        except StaleState:
            return "kept"
        return "no"

    with pytest.raises(StorageFailed, match="ROLLBACK"):
        await nodes[0].write(careless)

    assert await nodes[0].read(lambda tx: tx.messages.page(None, Page(0, 9))) == (0, ())


async def test_a_newer_database_is_refused_in_both_languages(url: str) -> None:
    await PostgresStore.open(url).close()
    with by_hand(url) as connection:
        connection.execute("INSERT INTO schema_version (number, name) VALUES (99, 'from the future')")

    with pytest.raises(StoreRefused) as refused:
        PostgresStore.open(url)

    assert "neuer als dieses Programm (Schema 99" in refused.value.text("de")
    assert "newer than this program (schema 99" in refused.value.text("en")


def test_a_schema_of_somebody_else_is_refused_and_left_alone(url: str) -> None:
    with by_hand(url) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")

    with pytest.raises(StoreRefused, match="does not belong to Amtsbote"):
        PostgresStore.open(url)

    with by_hand(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    assert found == [("theirs",)]


@pytest.mark.parametrize(
    "broken",
    ["postgresql://amtsbote:secret-word@127.0.0.1:1/none", "host=/nowhere password=secret-word", "secret-word"],
)
def test_a_database_that_cannot_be_reached_is_refused_without_its_password(broken: str) -> None:
    with pytest.raises(StoreRefused, match="cannot be opened") as refused:
        PostgresStore.open(broken)

    assert "secret-word" not in refused.value.text("de") + refused.value.text("en")


async def test_both_databases_have_the_same_tables_and_columns(url: str) -> None:
    await PostgresStore.open(url).close()
    light = apsw.Connection(":memory:")
    migrate(light, bundled("amtsbote.store.sqlite"))
    names = [name for (name,) in light.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    columns = {
        (table, column)
        for table in names
        if not str(table).startswith("sqlite_")
        for (column,) in light.execute("SELECT name FROM pragma_table_info(?)", (table,))
    }

    with by_hand(url) as connection:
        found = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        ).fetchall()

    assert set(found) == columns


REPORTS = {
    psycopg.errors.UniqueViolation: StaleState,
    psycopg.errors.ForeignKeyViolation: NotFound,
    psycopg.errors.CheckViolation: ValueError,
    psycopg.errors.NotNullViolation: ValueError,
    psycopg.errors.NumericValueOutOfRange: ValueError,
    psycopg.DataError: ValueError,
    psycopg.errors.SerializationFailure: Conflict,
    psycopg.errors.DeadlockDetected: Conflict,
    psycopg.errors.DiskFull: StorageFull,
    psycopg.errors.DataCorrupted: Damaged,
    psycopg.errors.AdminShutdown: StorageFailed,
    psycopg.errors.TooManyConnections: StorageFailed,
    psycopg.errors.ReadOnlySqlTransaction: StorageFailed,
    psycopg.errors.InsufficientPrivilege: StorageFailed,
    psycopg.errors.LockNotAvailable: StorageFailed,
    psycopg.OperationalError: StorageFailed,
    psycopg.InterfaceError: StorageFailed,
    psycopg.errors.UndefinedTable: psycopg.errors.UndefinedTable,
    psycopg.ProgrammingError: psycopg.ProgrammingError,
}


@pytest.mark.parametrize(("report", "seen"), REPORTS.items())
def test_reports_are_told_in_words_of_the_house(report: type[psycopg.Error], seen: type[Exception]) -> None:
    assert type(translated(report("as PostgreSQL says it"))) is seen
    assert isinstance(storage_failure(report("as PostgreSQL says it")), StorageFailed)


async def test_what_a_row_holds_stands_in_no_report(nodes: list[PostgresStore]) -> None:
    await nodes[0].write(lambda tx: tx.messages.add(a_message("marked-value"), None))

    with pytest.raises(StaleState) as taken:
        await nodes[0].write(lambda tx: tx.messages.add(a_message("marked-value"), None))

    assert "marked-value" not in str(taken.value)
