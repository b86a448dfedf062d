"""A broker that all acceptance tests of a worker share, and brokers of their own for tests that stop or kill."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from acceptance_words import NewBroker
from broker_kit import RunningBroker, broker_at
from portal_kit import Portal, Subscriber


@pytest.fixture(scope="session")
def broker(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    with broker_at(tmp_path_factory.mktemp("broker"), shared_folder) as running:
        yield running


@pytest.fixture(scope="session")
def portal(broker: RunningBroker) -> Portal:
    return broker.portal()


@pytest.fixture(scope="session")
def subscriber(broker: RunningBroker) -> Subscriber:
    return broker.subscriber()


@pytest.fixture
def new_broker(shared_folder: Path, tmp_path: Path) -> Iterator[NewBroker]:
    """`new_broker(WORK__ANNOUNCED_FOR="PT1S")`: a broker of this test alone, gone afterwards."""
    with ExitStack() as brokers:

        def make(*, started: bool = True, **settings: str) -> RunningBroker:
            return brokers.enter_context(broker_at(tmp_path / "broker", shared_folder, started=started, **settings))

        yield make
