"""SIGHUP: what a running daemon takes over from the installation file, and what it only names."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chains_for_tests import as_pem, issue, issuer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from house_for_tests import Clock, Ids
from patience import PATIENCE
from ports import free_port
from structlog.testing import capture_logs

from amtsbote.cli.serve import Node, _run
from amtsbote.daemon import Daemon, Settings, compose
from amtsbote.daemon.composition import World
from amtsbote.daemon.configuration import values_of
from amtsbote.daemon.posts import Role, posts
from amtsbote.daemon.rereading import WITHOUT_RESTART, rereading
from amtsbote.errors import RequestRefused
from amtsbote.store import SqliteStore


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """The installation file of a folder with master key and empty database."""
    await SqliteStore.open(tmp_path / "data", readers=1).close()
    (tmp_path / "master.key").write_text(bytes(32).hex())
    (tmp_path / "master.key").chmod(0o600)
    write(tmp_path / "amtsbote.toml", "")
    return tmp_path / "amtsbote.toml"


def write(file: Path, more: str) -> None:
    file.write_text(f"{more}\n[serve]\nstop_seconds = 5\n", "utf-8")


Entry = MutableMapping[str, Any]


async def logged(logs: Sequence[Entry], wanted: Callable[[Entry], bool], since: int = 0) -> Entry:
    """The first such entry, once there is one."""
    async with asyncio.timeout(PATIENCE):
        while not (found := [*filter(wanted, logs[since:])]):  # noqa: ASYNC110  (structlog sets no event)
            await asyncio.sleep(0.01)
    return found[0]


@dataclass
class Running:
    daemon: Daemon
    hung_up: asyncio.Event
    logs: list[Entry]
    trusted: list[tuple[bytes, ...]] = field(default_factory=list)

    async def hang_up(self) -> Entry:
        """What was logged about it."""
        before = len(self.logs)
        self.hung_up.set()
        return await logged(self.logs, lambda entry: str(entry["event"]).startswith("settings.re"), before)


@asynccontextmanager
async def running(file: Path) -> AsyncIterator[Running]:
    daemon = await compose(Settings.load(file), World(Clock(), Ids()))
    try:
        with capture_logs() as logs:
            one = Running(daemon, asyncio.Event(), logs)
            async with rereading(daemon, one.hung_up, Node(file, Settings.load(file), 1).fresh, one.trusted.append):
                yield one
    finally:
        await daemon.close()


async def test_what_may_change_is_taken_over(file: Path) -> None:
    async with running(file) as one:
        write(file, "[work]\nattempts = 3\nfirst_retry = 7\nlongest_retry = 9\n[limits]\nin_flight = 2000000")

        told = await one.hang_up()

        assert set(told["taken"]) == {"work.attempts", "work.first_retry", "work.longest_retry", "limits.in_flight"}
        assert one.daemon.backoff.attempts == 3
        assert one.daemon.backoff.wait(1) >= timedelta(seconds=5)
        assert one.daemon.backoff.wait(30) <= timedelta(seconds=11)
        with pytest.raises(RequestRefused):
            one.daemon.admission.take(2_000_001)
        one.daemon.admission.take(2_000_000)
        assert (await one.hang_up())["taken"] == []


async def test_memory_in_use_stays_in_use_when_its_limit_shrinks(file: Path) -> None:
    write(file, "[limits]\nin_flight = 3000000")
    async with running(file) as one:
        with one.daemon.admission.room(2_500_000) as room:
            room.grow(2_500_000)
            write(file, "[limits]\nin_flight = 2000000")
            await one.hang_up()
            with pytest.raises(RequestRefused):
                one.daemon.admission.take(1)
        one.daemon.admission.take(2_000_000)


async def test_what_needs_a_restart_is_named_every_time_and_left_as_it_was(file: Path) -> None:
    async with running(file) as one:
        write(file, '[public]\nlisten = "127.0.0.1:1"\n[limits]\ndata = 5000')
        for _ in range(2):
            await one.hang_up()
            warning = one.logs[-1]
            assert (warning["event"], warning["log_level"]) == ("settings.restart_needed", "warning")
            assert warning["settings"] == ["public.listen", "limits.data"]
        assert one.daemon.settings.public.listen != "127.0.0.1:1"


@pytest.mark.parametrize(
    "wrong", ["[work]\nattempts = 0", "[work]\natempts = 5", "= 5", '[keys]\ntrust_anchors = ["gone.pem"]']
)
async def test_a_file_with_a_mistake_changes_nothing(file: Path, wrong: str) -> None:
    async with running(file) as one:
        write(file, wrong + "\n[limits]\nin_flight = 2000000")

        told = await one.hang_up()

        assert (told["event"], told["log_level"]) == ("settings.refused", "error")
        assert one.trusted == []
        one.daemon.admission.take(100_000_000)
        write(file, "[work]\nattempts = 5")
        assert (await one.hang_up())["taken"] == ["work.attempts"]


async def test_new_roots_are_trusted_also_when_only_their_file_changed(
    file: Path, root: RSAPrivateKey, second: RSAPrivateKey
) -> None:
    anchor = file.parent / "root.pem"
    anchor.write_bytes(as_pem(issue([issuer("Wurzel", root)])))
    async with running(file) as one:
        write(file, '[keys]\ntrust_anchors = ["root.pem"]')
        assert (await one.hang_up())["taken"] == ["keys.trust_anchors"]
        anchor.write_bytes(as_pem(issue([issuer("Wurzel", second)])))
        await one.hang_up()

        assert [len(anchors) for anchors in one.trusted] == [1, 1]
        assert one.trusted[0] != one.trusted[1]


@pytest.fixture
def root(rsa_key: Any) -> RSAPrivateKey:
    key: RSAPrivateKey = rsa_key("root")
    return key


@pytest.fixture
def second(rsa_key: Any) -> RSAPrivateKey:
    key: RSAPrivateKey = rsa_key("other-root")
    return key


def test_what_may_change_are_settings() -> None:
    assert set(values_of(Settings())) >= WITHOUT_RESTART


def test_the_handbook_names_what_may_change_without_a_restart() -> None:
    page = (Path(__file__).parents[2] / "docs/betrieb/installation.md").read_text("utf-8")
    paragraph = page.partition("**Ohne Neustart**")[2].partition("Alles andere")[0]

    assert set(re.findall(r"`(\w+\.\w+)`", paragraph)) == WITHOUT_RESTART


async def test_a_daemon_survives_the_signal_and_stops_after_it(file: Path) -> None:
    listeners = f'[public]\nlisten = "127.0.0.1:{free_port()}"\n[metrics]\nlisten = "127.0.0.1:{free_port()}"\n'
    write(file, listeners)
    announced = asyncio.Event()
    node = Node(file, Settings.load(file), 1)
    [post] = posts(node.settings, Role.ALL, 1)
    with capture_logs() as logs, closing(post):
        serving = asyncio.create_task(_run(node, post, announced.set))
        await asyncio.wait_for(announced.wait(), PATIENCE)
        write(file, f"{listeners}[work]\nattempts = 4\n")
        os.kill(os.getpid(), signal.SIGHUP)
        await logged(logs, lambda entry: entry["event"] == "serve.ready")
        await logged(logs, lambda entry: "taken" in entry)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(serving, PATIENCE)

    [told] = [entry for entry in logs if entry["event"] == "settings.reread"]
    assert told["taken"] == ["work.attempts"]
