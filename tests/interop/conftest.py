"""Programs that others wrote, run unchanged against a broker. Collected only by `make interop`: they are downloaded."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker_kit import RunningBroker, broker_at
from foreign_programs import Codedust, JosePeer, nimbus, node_jose
from portal_kit import Portal

collect_ignore_glob = [] if os.environ.get("INTEROP") else ["test_*.py"]

LIBRARIES = {"nimbus": nimbus, "jose": node_jose}


@pytest.fixture(scope="session")
def broker(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    with broker_at(tmp_path_factory.mktemp("broker"), shared_folder) as running:
        yield running


@pytest.fixture(scope="session")
def portal(broker: RunningBroker) -> Portal:
    return broker.portal()


@pytest.fixture(scope="session")
def codedust(broker: RunningBroker) -> Codedust:
    return Codedust(broker.base)


@pytest.fixture(scope="session", params=LIBRARIES)
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JosePeer]:
    """A JOSE library in a language of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    with JosePeer(LIBRARIES[request.param](folder), folder / "errors") as running:
        yield running
