"""The stores that must keep the persistence contract. A second one only has to be named here."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from amtsbote.api.persistence import Store
from amtsbote.store import SqliteStore

STORES: Mapping[str, Callable[[Path], Store]] = {"sqlite": SqliteStore.open}


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = STORES[request.param](tmp_path / "data")
    yield opened
    await opened.close()
