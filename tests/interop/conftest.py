"""Programs that others wrote, run unchanged against a broker. Collected only by `make interop`: they are downloaded."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

import pytest
from broker_kit import RunningBroker
from foreign_programs import LIBRARIES, JosePeer, Missing, Person, Program, node, python, versions
from interop_sites import SITES
from interop_table import FAILED, OK, SKIPPED, Trial, capability, table
from node_people import portal_of, software_of
from portal_kit import Portal
from tls_for_tests import Authority

collect_ignore_glob = [] if os.environ.get("INTEROP") else ["test_*.py"]

P = TypeVar("P", bound=Program)
Who = Callable[..., Person]
"""`who("hamburg-portal")`: the client of this name at the broker; more words as the program needs them."""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certifies the receivers of callbacks; the brokers trust it."""
    return Authority.made(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def brokers(
    shared_folder: Path, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], RunningBroker]]:
    """Each is started when it is first needed, and serves to the end."""
    with ExitStack() as running:

        def started(site: str) -> RunningBroker:
            return running.enter_context(SITES[site](tmp_path_factory.mktemp("broker"), shared_folder, authority.file))

        yield cache(started)


@pytest.fixture(params=SITES)
def broker(request: pytest.FixtureRequest, brokers: Callable[[str], RunningBroker]) -> RunningBroker:
    return brokers(request.param)


@pytest.fixture
def portal(broker: RunningBroker) -> Portal:
    return broker.portal()


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Program]]:
    """Clients, each in a process of its own that serves to the end."""
    commands = {
        "codedust": lambda: python("codedust_client.py"),
        "jonbulica": lambda: python("jonbulica_client.py"),
        "node": lambda: node("client.mjs"),
        "receiver": lambda: node("receiver.mjs"),
    }
    with ExitStack() as running:
        yield cache(lambda name: running.enter_context(_started(commands[name], Program, tmp_path_factory)))


@pytest.fixture
def codedust(broker: RunningBroker, programs: Callable[[str], Program]) -> Who:
    """The client library `fitconnect` (PyPI), v1."""
    return partial(_person, programs("codedust"), broker)


@pytest.fixture
def jonbulica(broker: RunningBroker, programs: Callable[[str], Program]) -> Who:
    """The client library `fitconnect-client` (PyPI), v1."""
    return partial(_person, programs("jonbulica"), broker)


@pytest.fixture
def node_client(broker: RunningBroker, programs: Callable[[str], Program]) -> Who:
    """The client on npm's `jose`, v2."""
    return partial(_person, programs("node"), broker)


@pytest.fixture
def hamburg(broker: RunningBroker, node_client: Who) -> Person:
    return portal_of(broker, node_client)


@pytest.fixture
def leipzig(broker: RunningBroker, node_client: Who) -> Person:
    return software_of(broker, node_client)


@pytest.fixture(scope="session", params=LIBRARIES)
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JosePeer]:
    """A JOSE library in a process of its own."""
    with _started(LIBRARIES[request.param], JosePeer, tmp_path_factory) as running:
        yield running


def _started(command: Callable[[], list[str]], kind: type[P], folders: pytest.TempPathFactory) -> P:
    try:
        return kind(command(), folders.mktemp("foreign") / "errors")
    except Missing as missing:
        pytest.skip(str(missing))


def _person(program: Program, broker: RunningBroker, client: str, **more: object) -> Person:
    identity = {"base": broker.base, "client": client, "secret": broker.installation.secret(client)}
    return Person(program, identity | more)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test that names a client knows its row of the table."""
    for item in items if os.environ.get("INTEROP") else ():
        if isinstance(item, pytest.Function) and ("peer" in item.fixturenames or hasattr(item.module, "CLIENT")):
            params = item.callspec.params if hasattr(item, "callspec") else {}
            client = versions()[str(params["peer"])] if "peer" in params else item.module.CLIENT
            item.user_properties.append(("trial", (client, capability(item.originalname), params.get("broker", ""))))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    trials = [
        Trial(client, what, where, result, report.longrepr[2].removeprefix("Skipped: ") if result == SKIPPED else "")
        for kind, result in (("passed", OK), ("failed", FAILED), ("error", FAILED), ("skipped", SKIPPED))
        for report in terminalreporter.stats.get(kind, [])
        for name, (client, what, where) in report.user_properties
        if name == "trial"
    ]
    for line in table(trials):
        terminalreporter.write_line(line)
