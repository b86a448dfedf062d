"""The editing API of a daemon in this process: time that passes, uploads that do not come, and requests at once."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from threading import get_ident
from typing import Any, NoReturn

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from house_for_tests import Clock, Ids, KeyRing, a_directory
from patience import PATIENCE
from routes_kit import CHEMNITZ, SERVICE, TABLES

from amtsbote.admin.bundle import hash_of
from amtsbote.admin.commands import COMMANDS, run_command
from amtsbote.admin.office import Office
from amtsbote.admin.opening import office_of
from amtsbote.admin.people import EDITOR
from amtsbote.admin.turns import Turns
from amtsbote.daemon import Settings, compose
from amtsbote.daemon.composition import World
from amtsbote.daemon.posts import bound
from amtsbote.daemon.serving import _config
from amtsbote.editing.apart import Apart, Job, _started
from amtsbote.editing.application import editing_application, editing_front
from amtsbote.editing.front import EditingFront
from amtsbote.keys.vault import Vault
from amtsbote.model.directory import Client, ClientRole, Editor
from amtsbote.model.ids import ClientId, EditorId
from amtsbote.store import SqliteStore
from routing.layout import COLUMNS
from routing.resolver import Resolver
from routing.sheet import as_workbook
from transport.fitconnect.server.front import Patience

MASTER = bytes(range(32))
SECRET = "karins-secret"
KARIN = Editor(EditorId("karin"), "Karin Maier", None, ("14",), may_release=True)
PROGRAM = Client(ClientId("karins-program"), ClientRole.EDITOR, "karin", (hash_of(SECRET),))


@dataclass
class Desk:
    front: EditingFront
    clock: Clock

    def http(self, **changed: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(editing_application(replace(self.front, **changed)), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://editing.test")

    @asynccontextmanager
    async def lines(self) -> AsyncIterator[list["Line"]]:
        """Three connections to a real listener."""
        sock = bound("127.0.0.1:0")
        sock.listen()
        server = uvicorn.Server(_config(editing_application(self.front)))
        serving = asyncio.create_task(server._serve([sock]))
        streams = [await asyncio.open_connection(*sock.getsockname()) for _ in range(3)]
        try:
            yield [Line(*one, self.bearer()["Authorization"]) for one in streams]
        finally:
            for _, writer in streams:
                writer.transport.abort()
            server.should_exit = True
            await asyncio.wait_for(serving, PATIENCE)

    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.front.tokens.issue(PROGRAM)}"}


@dataclass
class Line:
    """A connection of one who reads of an answer what he likes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    bearer: str

    async def asked(self, path: str) -> tuple[int, int]:
        """Status and length of the answer, of which only the head is read."""
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: {self.bearer}\r\n\r\n".encode())
        status, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        head = dict(line.split(": ", 1) for line in lines if line)
        return int(status.split()[1]), int(head["content-length"])


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[Desk]:
    (tmp_path / "master.key").write_text(MASTER.hex())
    (tmp_path / "master.key").chmod(0o600)
    directory = a_directory(KeyRing(rsa_key, Vault(MASTER)))
    store = SqliteStore.open(tmp_path / "data")
    for entry in (*directory.keys.values(), KARIN, PROGRAM):
        await store.write(lambda tx, one=entry: tx.directory.put(one))  # type: ignore[misc]
    await store.close()
    settings: dict[str, Any] = {
        "storage": {"folder": tmp_path / "data"},
        "keys": {"master_key_file": tmp_path / "master.key"},
        "admin": {"socket": tmp_path / "a.sock", "listen": "127.0.0.1:0"},
        "work": {"threads": 1},
    }
    clock = Clock()
    daemon = await compose(Settings(**settings), World(clock=clock, new_id=Ids()))
    yield Desk(editing_front(daemon, office_of(daemon), Turns()), clock)
    await daemon.close()


async def test_a_token_ends_after_half_an_hour(desk: Desk) -> None:
    async with desk.http() as http:
        form = {"grant_type": "client_credentials", "client_id": PROGRAM.id, "client_secret": SECRET}
        token = (await http.post("/auth/token", data=form)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert (await http.get("/editing-api/v1/versions", headers=headers)).status_code == 200

        desk.clock.now += timedelta(minutes=30)

        assert (await http.get("/editing-api/v1/versions", headers=headers)).status_code == 401


async def test_an_upload_that_does_not_come_is_given_up(desk: Desk) -> None:
    stalled = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"--b\r\n"
        await stalled.wait()

    headers = {**desk.bearer(), "Content-Type": "multipart/form-data; boundary=b", "Transfer-Encoding": "chunked"}
    async with desk.http(limits=Patience(silence=0.05)) as http:
        answer = await http.post("/editing-api/v1/drafts", headers=headers, content=body())

    assert (answer.status_code, answer.json()["code"]) == (408, "AB-1116")


async def test_one_editor_has_two_requests_at_a_time_through_both_doors(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, released = asyncio.Event(), asyncio.Event()

    async def slow(_: Office, actor: str, __: Any) -> dict[str, Any]:
        assert actor == f"{EDITOR}karin"
        begun.set()
        await released.wait()
        return {}

    monkeypatch.setitem(COMMANDS, "routes.drafts", slow)
    async with desk.http() as http, asyncio.timeout(30):
        with desk.front.turns.of(f"{EDITOR}karin"):  # one at the socket
            first = asyncio.create_task(http.get("/editing-api/v1/drafts", headers=desk.bearer()))
            await begun.wait()
            third = await http.get("/editing-api/v1/versions", headers=desk.bearer())
            released.set()
            assert (await first).status_code == 200
        assert (third.status_code, third.json()["code"]) == (429, "AB-1508")
        assert int(third.headers["retry-after"]) > 0
        assert (await http.get("/editing-api/v1/versions", headers=desk.bearer())).status_code == 200


async def test_an_answer_that_nobody_has_read_yet_is_still_a_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def large(*_: Any) -> dict[str, Any]:
        return {"drafts": "x" * 30_000_000}

    monkeypatch.setitem(COMMANDS, "routes.drafts", large)
    async with desk.lines() as [first, second, third], asyncio.timeout(PATIENCE):
        _, length = await first.asked("/editing-api/v1/drafts")
        await second.asked("/editing-api/v1/drafts")

        assert (await third.asked("/editing-api/v1/versions"))[0] == 429

        await first.reader.readexactly(length)
        assert (await first.asked("/editing-api/v1/versions"))[0] == 200  # looked at after the turn had ended


def without_rules() -> dict[str, bytes]:
    """Tables in which nobody is competent."""
    rows = {**TABLES, "zustaendigkeiten": TABLES["zustaendigkeiten"][:1]}
    return {name: "\n".join([*lines, ""]).encode() for name, lines in rows.items()}


def workbook(name: str) -> tuple[str, bytes]:
    rows = f"{';'.join(COLUMNS[name])}\n".encode()
    return f"{name}.xlsx", as_workbook(name, rows)


async def test_all_workbooks_of_a_form_share_one_process_and_its_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    async def counted(job: Job) -> Process:
        started.append(job)
        return await _started(job)

    monkeypatch.setattr("amtsbote.editing.apart._started", counted)
    files = {name: workbook(name) for name in ("gebiete", "leistungen", "rollen")}
    async with desk.http() as http:
        answer = await http.post("/editing-api/v1/drafts", headers=desk.bearer(), data={"reason": "x"}, files=files)

    assert started == ["workbook"]
    assert answer.json()["detail"].startswith("gebiete, leistungen, rollen wird nicht übernommen")  # all were read


async def test_what_takes_long_with_large_tables_is_done_beside_the_service(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, set[int]] = {}

    def watched(place: str, work: Callable[..., Any]) -> None:
        def noted(*given: Any, **named: Any) -> Any:
            threads.setdefault(place, set()).add(get_ident())
            return work(*given, **named)

        monkeypatch.setattr(place, noted)

    places = {
        "amtsbote.editing.uploading": ("b64encode", "b64decode"),
        "amtsbote.editing.views": ("b64decode",),
        "amtsbote.admin.routes": ("b64encode",),
        "amtsbote.admin.replaying": ("b64encode",),
        "amtsbote.admin.drafts": ("sha256",),
    }
    for module, names in places.items():
        for name in names:
            watched(f"{module}.{name}", getattr(import_module(module), name))
    tables = without_rules()

    made = await run_command(desk.front.office, "uid:0", "routes.propose", {"tables": tables, "reason": "x"})
    assert made["version"] == 1
    async with desk.http() as http:
        headers = {**desk.bearer(), "Accept": "text/csv"}
        assert (await http.get("/editing-api/v1/tables/gebiete", headers=headers)).content == tables["gebiete"]
        form = {"data": {"reason": "x"}, "files": {"gebiete": workbook("gebiete")}}
        await http.post("/editing-api/v1/drafts", headers=desk.bearer(), **form)  # type: ignore[arg-type]
        assert (await http.get("/editing-api/v1/coverage", headers=desk.bearer())).status_code == 200

    assert threads.keys() == {f"{module}.{name}" for module, names in places.items() for name in names}
    assert all(get_ident() not in idents for idents in threads.values()), threads


async def test_a_question_is_answered_from_the_tables_in_memory(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = without_rules()
    await run_command(desk.front.office, "uid:0", "routes.propose", {"tables": tables, "reason": "x"})

    def again(*_: Any) -> NoReturn:
        raise AssertionError("they are in memory")

    monkeypatch.setattr(Resolver, "load", again)
    async with desk.http() as http:
        question = {"service": SERVICE, "region": CHEMNITZ}
        answer = await http.post("/editing-api/v1/explain", headers=desk.bearer(), json=question)

    assert (answer.status_code, answer.json()["trace"]["version"]) == (200, 1)


async def test_a_trial_that_comes_to_no_end_is_ended_and_told(desk: Desk) -> None:
    async with desk.http(files=Apart(seconds=0)) as http:
        files = {"gebiete": b"PK\x03\x04"}
        answer = await http.post("/editing-api/v1/drafts", headers=desk.bearer(), data={"reason": "x"}, files=files)

    assert (answer.status_code, answer.json()["code"]) == (422, "AB-1509")
    assert answer.json()["detail"].startswith("Dafür reichten Zeit oder Speicher nicht.")
