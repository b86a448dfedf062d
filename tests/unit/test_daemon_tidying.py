"""What an earlier life left, on a database of one and of several."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from postgres_kit import open_postgres
from store_samples import MINUTE, NOON, a_message

from amtsbote.api.operations import Disk
from amtsbote.api.persistence import Transaction
from amtsbote.daemon.meter import Meter
from amtsbote.daemon.tidying import Sweeping, tidy_alone
from amtsbote.model.job import JobKind
from amtsbote.store import BodyFiles, SqliteStore
from amtsbote.store.postgresql import PostgresStore

DAYS = timedelta(days=1)


def a_body(files: BodyFiles, folder: Path, age: timedelta) -> Path:
    writer = files.begin()
    writer.write(b"sealed")
    file = folder / writer.keep()
    moment = (NOON - age).timestamp()
    os.utime(file, (moment, moment))
    return file


def a_message_in_hand(tx: Transaction) -> None:
    tx.messages.add(a_message(), None)
    tx.jobs.add(JobKind.PROCESS, "m1", NOON)
    tx.jobs.claim([JobKind.PROCESS], 1, now=NOON, lease=10 * MINUTE)


async def test_the_only_process_takes_leases_and_orphans_at_once(tmp_path: Path) -> None:
    store, files = SqliteStore.open(tmp_path), BodyFiles(tmp_path / "parts", Disk())
    await store.write(a_message_in_hand)
    orphan = a_body(files, tmp_path / "parts", MINUTE)

    await tidy_alone(store, files, Meter())

    claimed = await store.write(lambda tx: tx.jobs.claim([JobKind.PROCESS], 1, now=NOON, lease=MINUTE))
    await store.close()
    assert len(claimed) == 1
    assert not orphan.exists()


@pytest.fixture
def files(tmp_path: Path) -> BodyFiles:
    return BodyFiles(tmp_path / "parts", Disk())


def sweeping(store: PostgresStore, files: BodyFiles) -> Sweeping:
    return Sweeping(store, files, Meter(), lambda: NOON)


async def test_beside_others_only_what_is_old_goes_and_no_lease(tmp_path: Path, files: BodyFiles) -> None:
    store = open_postgres(tmp_path)
    await store.write(a_message_in_hand)
    old, young = (a_body(files, tmp_path / "parts", age) for age in (2 * DAYS, DAYS / 2))

    await sweeping(store, files).look()

    claimed = await store.write(lambda tx: tx.jobs.claim([JobKind.PROCESS], 1, now=NOON, lease=MINUTE))
    await store.close()
    assert claimed == ()
    assert (old.exists(), young.exists()) == (False, True)


async def test_one_node_at_a_time_sweeps(tmp_path: Path, files: BodyFiles) -> None:
    store, other = open_postgres(tmp_path), open_postgres(tmp_path)
    await store.write(a_message_in_hand)
    old = a_body(files, tmp_path / "parts", 2 * DAYS)

    async with other.sole("sweep") as mine:
        await sweeping(store, files).look()
        assert mine
        assert old.exists()

    await sweeping(store, files).look()
    assert not old.exists()
    await store.close()
    await other.close()


async def test_a_database_without_any_message_removes_nothing(tmp_path: Path, files: BodyFiles) -> None:
    """As when the address leads to another database than the bodies belong to."""
    store = open_postgres(tmp_path)
    old = a_body(files, tmp_path / "parts", 2 * DAYS)

    await sweeping(store, files).look()

    await store.close()
    assert old.exists()
