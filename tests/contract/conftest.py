"""The stores that must keep the persistence contract. A second one only has to be named here."""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from amtsbote.api.persistence import Store
from amtsbote.store import SqliteStore

STORES: Mapping[str, Callable[[Path], Store]] = {"sqlite": SqliteStore.open}


@pytest.fixture(params=STORES)
def store_factory(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """Opens the store of this test; again after it was closed, with what it kept."""
    return partial(STORES[request.param], tmp_path / "data")


@pytest.fixture
async def store(store_factory: Callable[[], Store]) -> AsyncIterator[Store]:
    opened = store_factory()
    yield opened
    await opened.close()
