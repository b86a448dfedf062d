"""A house of its own for every test that asks for one."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from front_for_tests import Asked, asking
from house_for_tests import House, a_house

from amtsbote.daemon.logs import where_it_failed
from schemas.helpers import HelperLimits, HelperPool
from schemas.on_demand import HelpersOnDemand
from schemas.registry import SchemaRegistry


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> Iterator[None]:
    """The product's own form: the library's default renders a coloured traceback for a second each."""
    structlog.configure(processors=[where_it_failed, structlog.processors.JSONRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture
async def house(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[House]:
    async with a_house(tmp_path, rsa_key) as built:
        yield built


@pytest.fixture
async def asked(house: House) -> AsyncIterator[Asked]:
    """The server over this house."""
    async with asking(house) as built:
        yield built


@pytest.fixture(scope="session")
def bundled_schemas() -> Iterator[SchemaRegistry]:
    """The bundled packages with real helper processes."""
    helpers, on_demand = HelperPool(2, HelperLimits()), HelpersOnDemand(HelperLimits())
    helpers.start()
    yield SchemaRegistry.bundled(helpers, on_demand)
    helpers.close()
    on_demand.close()
