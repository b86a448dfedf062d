"""A version of the routing tables comes into force at the German midnight it was made for: on a node that runs, and
on one that starts."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread, current_thread
from typing import Any

import pytest
from house_for_tests import TABLES, Clock, Ids
from store_samples import NOON

from amtsbote.daemon import Daemon, Settings, compose
from amtsbote.daemon.composition import World
from amtsbote.daemon.snapshot import PublishedRoutes
from amtsbote.model.directory import Tenant
from amtsbote.model.ids import TenantId
from amtsbote.store import SqliteStore
from routing import former

FIRST_OF_APRIL = date(2026, 4, 1)
MIDNIGHT = datetime(2026, 3, 31, 22, tzinfo=UTC)
"""Summer time has begun."""


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """Of a folder with tables in force and others for the first of April."""
    (tmp_path / "master.key").write_text(bytes(range(32)).hex())
    (tmp_path / "master.key").chmod(0o600)
    tables = {name: "\n".join(rows).encode() for name, rows in TABLES.items()}
    store = SqliteStore.open(tmp_path / "data")
    await store.write(lambda tx: tx.routing.add(tables, at=NOON, author="uid:0"))
    await store.write(lambda tx: tx.routing.add(tables, at=NOON, author="uid:0", effective=FIRST_OF_APRIL))
    await store.close()
    values: dict[str, Any] = {
        "storage": {"folder": tmp_path / "data"},
        "keys": {"master_key_file": tmp_path / "master.key"},
        "work": {"threads": 1},
    }
    return Settings.model_validate(values)


async def started(settings: Settings, clock: Callable[[], datetime]) -> Daemon:
    return await compose(settings, World(clock, Ids()))


def version(daemon: Daemon) -> int:
    return daemon.foundation.present.snapshot.resolver.version


async def test_a_running_node_takes_it_over_at_midnight_and_not_before(settings: Settings) -> None:
    clock = Clock()
    clock.now = MIDNIGHT - timedelta(microseconds=1)
    daemon = await started(settings, clock)

    assert (await daemon.reload(), version(daemon)) == (False, 1)
    clock.now = MIDNIGHT
    assert (await daemon.reload(), version(daemon)) == (True, 2)
    await daemon.close()


async def test_a_node_that_was_down_at_midnight_starts_with_it(settings: Settings) -> None:
    daemon = await started(settings, lambda: MIDNIGHT)

    assert version(daemon) == 2
    await daemon.close()


async def test_what_has_ended_is_found_out_once_a_day_and_never_where_requests_are_answered(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[Thread] = []
    real = former._found

    def found(*given: Any) -> Any:
        threads.append(current_thread())
        return real(*given)

    monkeypatch.setattr(former, "_found", found)
    clock = Clock()
    clock.now = MIDNIGHT - timedelta(days=2)
    daemon = await started(settings, clock)
    clock.now += timedelta(days=1)
    assert not await daemon.reload()
    await daemon.foundation.store.write(lambda tx: tx.directory.put(Tenant(TenantId("gera"), "Gera", "16")))
    assert await daemon.reload()

    PublishedRoutes(daemon.foundation.present.snapshot).former("14", clock())
    assert len(threads) == 2
    assert current_thread() not in threads
    await daemon.close()
