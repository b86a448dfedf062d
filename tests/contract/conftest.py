"""The stores that must keep the persistence contract. Another one only has to be named here."""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from postgres_kit import open_postgres

from amtsbote.api.persistence import Store
from amtsbote.store import SqliteStore

STORES: Mapping[str, Callable[[Path], Store]] = {"sqlite": SqliteStore.open, "postgresql": open_postgres}


@pytest.fixture(params=STORES)
def open_store(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    """Opens a store in a folder; again after it was closed, with what it kept."""
    return STORES[request.param]


@pytest.fixture
def store_factory(open_store: Callable[[Path], Store], tmp_path: Path) -> Callable[[], Store]:
    """Opens the store of this test."""
    return partial(open_store, tmp_path / "data")


@pytest.fixture
async def store(store_factory: Callable[[], Store]) -> AsyncIterator[Store]:
    opened = store_factory()
    yield opened
    await opened.close()
