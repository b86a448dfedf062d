"""Two processes that use the folder adapter and can be killed or stopped at any call."""

from collections.abc import Iterator

import pytest
from folder_attempts import Attempts, attempts


@pytest.fixture(scope="module")
def worker() -> Iterator[Attempts]:
    with attempts() as running:
        yield running


@pytest.fixture(scope="module")
def successor() -> Iterator[Attempts]:
    with attempts() as running:
        yield running
