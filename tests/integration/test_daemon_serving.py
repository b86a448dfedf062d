"""The daemon in this process, on real sockets: start, reload, stop in time, and everything that can be in the way."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hanging_target import HangingTarget, a_delivery_is_due
from house_for_tests import DIRECT, TABLES, Clock, Ids, KeyRing, KindForTests, a_directory
from openapi_oracle import judged_async
from patience import PATIENCE
from ports import free_port
from processes_for_tests import children, ends_within
from schemas_for_tests import REF, sample, slow
from store_samples import NOON

from adapters import AdapterKinds
from amtsbote.api import Misfit
from amtsbote.api.persistence import Transaction
from amtsbote.cli.serve import Node, _run
from amtsbote.daemon import Daemon, Settings, compose
from amtsbote.daemon.composition import World
from amtsbote.daemon.posts import Role, posts
from amtsbote.daemon.serving import PartEnded, _Health, serve
from amtsbote.errors import Damaged, Misconfigured
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import Directory
from amtsbote.model.job import JobKind
from amtsbote.model.schema import Inspection
from amtsbote.store import FolderLock, SqliteStore, StoreRefused
from schemas.helpers import HelperFailed

MASTER = bytes(range(32))


def settings_for(folder: Path, prefix: str = "", stop_seconds: float = 10) -> Settings:
    public, inner = free_port(), free_port()
    key = folder / "master.key"
    if not key.exists():
        key.write_text(MASTER.hex())
        key.chmod(0o600)
    values: dict[str, Any] = {
        "public": {"listen": f"127.0.0.1:{public}", "url": f"http://127.0.0.1:{public}{prefix}"},
        "metrics": {"listen": f"127.0.0.1:{inner}"},
        "storage": {"folder": folder / "data"},
        "keys": {"master_key_file": key},
        "admin": {"socket": folder / "a.sock"},
        "work": {"threads": 1},
        "serve": {"stop_seconds": stop_seconds},
    }
    return Settings(**values)


def furnish(directory: Directory) -> Callable[[Transaction], None]:
    """Everything of a directory, and routing tables."""

    def unit(tx: Transaction) -> None:
        for table in ("tenants", "portals", "clients", "destinations", "authorities", "targets", "keys"):
            for entry in getattr(directory, table).values():
                tx.directory.put(entry)
        tables = {name: "\n".join(rows).encode() for name, rows in TABLES.items()}
        tx.routing.add(tables, at=NOON, author="system")

    return unit


@dataclass
class Serving:
    """A daemon that serves until it is stopped."""

    daemon: Daemon
    stop: asyncio.Event
    task: "asyncio.Task[bool]"

    @property
    def public(self) -> str:
        return f"http://{self.daemon.settings.public.listen}"

    @property
    def inner(self) -> str:
        return f"http://{self.daemon.settings.metrics.listen}"

    async def get(self, address: str) -> httpx.Response:
        hooks = {"response": [judged_async]}
        async with httpx.AsyncClient(
            timeout=PATIENCE, trust_env=False, follow_redirects=False, event_hooks=hooks
        ) as http:
            return await http.get(address)

    async def ready(self) -> None:
        while not self.task.done():
            try:
                answer = await self.get(f"{self.public}/readyz")
            except httpx.ConnectError:
                await asyncio.sleep(0.01)
                continue
            assert answer.text == "ok\n"
            return
        raise AssertionError("it has ended before it was ready") from self.task.exception()

    async def stopped(self) -> bool:
        self.stop.set()
        return await asyncio.wait_for(self.task, PATIENCE)


@pytest.fixture
def ring(rsa_key: Callable[[str], RSAPrivateKey]) -> KeyRing:
    return KeyRing(rsa_key, Vault(MASTER))


@pytest.fixture
async def furnished(tmp_path: Path, ring: KeyRing) -> Path:
    """A folder with master key and a directory."""
    store = SqliteStore.open(tmp_path / "data")
    await store.write(furnish(a_directory(ring)))
    await store.close()
    return tmp_path


Begin = Callable[..., Any]


@pytest.fixture
async def begin(furnished: Path) -> AsyncIterator[Begin]:
    begun: list[Serving] = []

    async def start(**changes: Any) -> Serving:
        daemon = await compose(settings_for(furnished, **changes), World(Clock(), Ids()))
        stop = asyncio.Event()
        serving = Serving(daemon, stop, asyncio.create_task(serve(daemon, stop)))
        begun.append(serving)
        await serving.ready()
        return serving

    yield start
    for serving in begun:
        serving.stop.set()
        await asyncio.gather(serving.task, return_exceptions=True)
        await serving.daemon.close()


async def test_health_is_on_both_listeners_and_metrics_on_their_own_only(begin: Begin) -> None:
    serving = await begin()

    for listener in (serving.public, serving.inner):
        assert (await serving.get(f"{listener}/healthz")).text == "ok\n"
        assert (await serving.get(f"{listener}/readyz")).status_code == 200
    metrics = (await serving.get(f"{serving.inner}/metrics")).text
    assert 'amtsbote_jobs{kind="process"} 0.0' in metrics
    assert 'operation="commit"' in metrics
    assert (await serving.get(f"{serving.public}/metrics")).status_code == 404
    assert (await serving.get(f"{serving.public}/submission-api/v2/info")).json()["version"]["major"] == 2
    assert await serving.stopped() is True


async def test_what_was_imported_is_measured_until_its_last_row_has_ended(begin: Begin) -> None:
    serving = await begin()
    clock, store = serving.daemon.foundation.world.clock, serving.daemon.foundation.store
    imported = (
        "ars;ags;name;gueltig_ab;gueltig_bis;herkunft;stand",
        "16;;Thüringen;;2026-05-04;import:laender;2026-01-31",
    )
    tables = {name: "\n".join(rows).encode() for name, rows in {**TABLES, "gebiete": imported}.items()}
    await store.write(lambda tx: tx.routing.add(tables, at=clock(), author="system"))
    await serving.daemon.reload()

    async def measured() -> list[str]:
        text = (await serving.get(f"{serving.inner}/metrics")).text
        return [line for line in text.splitlines() if line.startswith("amtsbote_source_newest")]

    [line] = await measured()
    assert 'source="laender"' in line
    clock.passes(timedelta(days=1))
    assert await measured() == []


async def test_rule_sets_that_meet_nothing_are_measured_until_they_meet_something(begin: Begin) -> None:
    serving = await begin()

    async def measured(*, met: bool) -> float:
        serving.daemon.schemas.silence.take(Inspection("XHund 1.0", {}, (), {}, rules_met={"fremd.sch": met}))
        text = (await serving.get(f"{serving.inner}/metrics")).text
        [line] = [line for line in text.splitlines() if line.startswith("amtsbote_silent_rules_documents{")]
        assert 'package="XHund 1.0",rules="fremd.sch"' in line
        return float(line.rpartition(" ")[2])

    assert [await measured(met=met) for met in (False, False, True, False)] == [1, 2, 0, 0]


async def test_second_looks_that_fail_are_measured_and_cost_no_verdict(begin: Begin) -> None:
    serving = await begin()
    document = sample("ungueltig-baumnummer-doppelt")

    async def measured() -> str:
        text: str = (await serving.get(f"{serving.inner}/metrics")).text
        [line] = [line for line in text.splitlines() if line.startswith("amtsbote_second_looks_failed ")]
        return line.rpartition(" ")[2]

    before = children()
    seen = await asyncio.to_thread(serving.daemon.schemas.inspect, REF, document)
    [looking] = children() - before
    assert (await measured(), bool(seen.findings[0].other_path)) == ("0.0", True)
    os.kill(looking, signal.SIGKILL)
    assert ends_within(looking, PATIENCE)
    with structlog.testing.capture_logs() as logs:
        unseen = await asyncio.to_thread(serving.daemon.schemas.inspect, REF, document)

    assert await measured() == "1.0"
    assert [(each.code, each.path, each.other_path) for each in unseen.findings] == [
        (each.code, each.path, "") for each in seen.findings
    ]
    [told] = [each for each in logs if each["event"] == "schemas.second_look_failed"]
    assert (told["package"], told["reason"]) == (unseen.package, "crashed")


async def test_a_path_prefix_holds_for_the_services_and_nothing_redirects(begin: Begin) -> None:
    serving = await begin(prefix="/amtsbote")

    keys = await serving.get(f"{serving.public}/amtsbote/auth/.well-known/jwks.json")
    assert len(keys.json()["keys"]) == 1
    for path in ("/submission-api/v2/info", "/healthz/", "/amtsbote/auth/"):
        assert (await serving.get(serving.public + path)).status_code == 404


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_daemon_also_when_it_comes_twice(begin: Begin, number: signal.Signals) -> None:
    serving = await begin()

    os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)

    assert await asyncio.wait_for(serving.task, PATIENCE) is True


async def test_a_stopping_daemon_is_not_ready(begin: Begin) -> None:
    serving = await begin()
    blocked, gate, inside = None, threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_: Transaction) -> None:
        loop.call_soon_threadsafe(inside.set)
        gate.wait(PATIENCE)

    blocked = asyncio.create_task(serving.daemon.store.write(slow))
    await inside.wait()
    health = next(route for route in _routes(serving) if route.path == "/readyz")
    serving.stop.set()
    answer = await health.endpoint(None)
    gate.set()
    await blocked

    assert (answer.status_code, answer.body) == (503, b"stopping\n")


def _routes(serving: Serving) -> list[Any]:
    return list(_Health(serving.daemon, serving.stop).routes())


async def test_a_store_that_does_not_answer_is_not_ready(furnished: Path) -> None:
    daemon = await compose(settings_for(furnished), World(Clock(), Ids()))
    stop = asyncio.Event()
    health = _routes(Serving(daemon, stop, asyncio.create_task(asyncio.sleep(0, True))))[1]
    await daemon.close()

    answer = await health.endpoint(None)

    assert (answer.status_code, answer.body) == (503, b"store: StorageFailed\n")


@pytest.mark.parametrize("taken", ["public", "metrics"])
async def test_a_listener_that_is_taken_is_told_with_its_address(furnished: Path, taken: str) -> None:
    settings = settings_for(furnished)
    address = getattr(settings, taken).listen
    daemon = await compose(settings, World(Clock(), Ids()))
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(address.rpartition(":")[2])))
        other.listen()

        with pytest.raises(Misconfigured, match=f"cannot listen on {address}"):
            await serve(daemon, asyncio.Event())

    await daemon.close()


async def test_a_second_daemon_on_the_folder_is_refused_and_hears_by_whom(begin: Begin, furnished: Path) -> None:
    await begin()

    with pytest.raises(StoreRefused, match=str(os.getpid())):
        await compose(settings_for(furnished))


async def test_a_daemon_that_cannot_be_built_leaves_nothing_open(furnished: Path) -> None:
    settings = settings_for(furnished)
    (furnished / "master.key").write_text("00" * 32)

    for _ in range(2):
        with pytest.raises(Misconfigured, match="another installation"):
            await compose(settings)

    (furnished / "master.key").write_text(MASTER.hex())
    daemon = await compose(settings)
    await daemon.close()


async def test_an_adapter_kind_that_cannot_be_used_is_named_at_the_start(
    furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = AdapterKinds({}, {"sftp (friends:sftp)": Misfit("Er fehlt.", "It is missing.")})
    monkeypatch.setattr("amtsbote.daemon.composition.adapter_kinds", lambda: kinds)

    with structlog.testing.capture_logs() as logged:
        await (await compose(settings_for(furnished))).close()

    assert {
        "event": "adapter.unusable",
        "log_level": "warning",
        "point": "sftp (friends:sftp)",
        "because": "It is missing.",
    } in logged


async def test_parts_without_their_database_are_refused_and_left_alone(furnished: Path) -> None:
    """As an interrupted restore leaves them: a new, empty database would call all of them orphans."""
    settings = settings_for(furnished)
    part = settings.storage.folder / "parts" / "00" / f"{'0' * 32}.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"sealed")
    for file in settings.storage.folder.glob("amtsbote.db*"):
        file.unlink()

    with pytest.raises(Misconfigured, match="holds parts but no database"):
        await compose(settings)

    assert part.read_bytes() == b"sealed"
    assert not list(settings.storage.folder.glob("amtsbote.db*"))


async def test_what_an_earlier_life_left_is_tidied_at_the_start(furnished: Path) -> None:
    orphan = furnished / "data" / "parts" / "ab" / f"ab{'0' * 30}.part"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"x")
    store = SqliteStore.open(furnished / "data")
    await store.write(lambda tx: tx.jobs.add(JobKind.EXPIRE, "m1", NOON))
    await store.write(lambda tx: tx.jobs.claim([JobKind.EXPIRE], 1, now=NOON, lease=settings_for(furnished).work.lease))
    await store.close()

    daemon = await compose(settings_for(furnished), World(Clock(), Ids()))

    assert not orphan.exists()
    assert await daemon.store.write(lambda tx: tx.jobs.release()) == 0
    assert "amtsbote_orphans 1.0" in daemon.foundation.meter.exposition().decode()
    await daemon.close()


async def test_a_change_of_the_directory_is_noticed_and_its_keys_come_first(begin: Begin, ring: KeyRing) -> None:
    daemon = (await begin()).daemon
    present = daemon.foundation.present
    assert await daemon.reload() is False
    former = present.snapshot

    destination = present.directory().destinations[DIRECT]
    renamed = replace(destination, name="Chemnitz, neu")
    await daemon.store.write(lambda tx: tx.directory.put(renamed))
    assert sorted(await asyncio.gather(*(daemon.reload() for _ in range(3)))) in ([False, False, True], [False] * 3)
    assert present.directory().destinations[DIRECT].name == "Chemnitz, neu"
    assert former.directory.destinations[DIRECT].name == "chemnitz"

    key = present.directory().keys[destination.signing_key]
    await daemon.store.write(lambda tx: tx.directory.put(replace(key, kid="new", sealed_private=b"of another house")))
    for _ in range(2):
        with pytest.raises(Damaged):
            await daemon.reload()
    assert "new" not in present.directory().keys


async def test_a_part_that_ends_by_itself_stops_the_daemon(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    serving = await begin()

    async def fails() -> None:
        raise RuntimeError("the lane is broken")

    monkeypatch.setattr(serving.daemon.lanes[0], "_claim", fails)
    serving.daemon.wake()
    await asyncio.sleep(0)
    assert not serving.task.done()  # a claim that fails is tried again

    serving.daemon.lanes[0].stop()
    with pytest.raises(PartEnded, match="lane"):
        await asyncio.wait_for(serving.task, PATIENCE)


async def test_a_target_that_hangs_does_not_keep_the_daemon_from_stopping_in_time(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = HangingTarget()
    kinds = AdapterKinds({"test": KindForTests(lambda: hangs)}, {})
    monkeypatch.setattr("amtsbote.daemon.composition.adapter_kinds", lambda: kinds)
    serving = await begin(stop_seconds=0.2)
    await serving.daemon.store.write(a_delivery_is_due(serving.daemon.foundation.vault))
    serving.daemon.wake()
    await asyncio.to_thread(hangs.reached.wait, PATIENCE)

    drained = await serving.stopped()
    hangs.gate.set()

    assert drained is False
    counts = await serving.daemon.store.read(lambda tx: tx.jobs.counts())
    assert {kind: counts[kind] for kind in (JobKind.PROCESS, JobKind.DELIVER, JobKind.EXPIRE)} == {
        JobKind.PROCESS: 0, JobKind.DELIVER: 1, JobKind.EXPIRE: 0,
    }  # fmt: skip


class _Left(BaseException):
    """In place of the end of the process."""


@pytest.mark.parametrize("drained", [True, False])
async def test_a_process_with_a_thread_that_hangs_is_left_once_everything_is_closed(
    furnished: Path, monkeypatch: pytest.MonkeyPatch, drained: bool
) -> None:
    left: list[int] = []

    async def served(daemon: Daemon, *_: object) -> bool:
        left.append(daemon.foundation.helpers.restarts)
        return drained

    def leave(code: int) -> None:
        FolderLock.take(furnished / "data").release()  # nobody holds the folder any more
        left.append(code)
        raise _Left

    monkeypatch.setattr("amtsbote.cli.serve.serve_daemon", served)
    monkeypatch.setattr("os._exit", leave)

    with nullcontext() if drained else pytest.raises(_Left):
        settings = settings_for(furnished)
        [post] = posts(settings, Role.ALL, 1)
        with closing(post):
            await _run(Node(furnished / "amtsbote.toml", settings, 1), post, lambda: None)

    assert left == ([0] if drained else [0, 0])


async def test_a_document_that_is_being_checked_does_not_delay_the_end(furnished: Path) -> None:
    daemon = await compose(settings_for(furnished), World(Clock(), Ids()))
    begun = threading.Event()

    def check() -> Inspection:
        begun.set()
        return daemon.schemas.inspect(REF, slow())

    checking = asyncio.create_task(daemon.computing(check))
    await asyncio.to_thread(begun.wait, PATIENCE)

    await daemon.close()

    with pytest.raises(HelperFailed):
        await checking
