"""A real listener and strangers with raw sockets: each is refused in bounds, and the next good request is served."""

import asyncio
import json
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from patience import PATIENCE
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from amtsbote.daemon.listening import HEAD_BYTES, HEAD_LINES, PIPELINED, GuardedProtocol, raise_open_files
from amtsbote.daemon.posts import bound
from amtsbote.daemon.serving import _config

GOOD = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSING = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
BEGUN = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"


class Listener:
    """`/gated` answers when `gate` is set; `waiting`: somebody has asked for it."""

    def __init__(self, port: int, server: uvicorn.Server, gate: asyncio.Event, waiting: asyncio.Event) -> None:
        self.port = port
        self.server = server
        self.gate = gate
        self.waiting = waiting
        self._connected: list[asyncio.StreamWriter] = []

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Closed at the end, whatever the test comes to."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._connected.append(writer)
        return reader, writer

    def hang_up(self) -> None:
        for writer in self._connected:
            writer.close()

    async def say(self, *parts: bytes) -> bytes:
        """Everything that is answered until the listener closes."""
        reader, writer = await self.connect()
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), PATIENCE)
        finally:
            writer.close()

    async def serves(self) -> None:
        answer = await self.say(CLOSING)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"ok\n")


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    gate, waiting = asyncio.Event(), asyncio.Event()

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def gated(_: Request) -> Response:
        waiting.set()
        await gate.wait()
        return PlainTextResponse("at last\n")

    async def size(request: Request) -> Response:
        return PlainTextResponse(f"{len(await request.body())}\n")

    async def large(_: Request) -> Response:
        return PlainTextResponse(b"x" * 30_000_000)

    async def who(request: Request) -> Response:
        return PlainTextResponse(f"{request.client.host if request.client else '-'} {request.url.scheme}\n")

    routes = [
        Route("/healthz", healthz),
        Route("/gated", gated),
        Route("/size", size, methods=["POST"]),
        Route("/who", who),
        Route("/large", large),
    ]
    server = uvicorn.Server(_config(Starlette(routes=routes)))
    sock = bound("127.0.0.1:0")
    sock.listen()
    serving = asyncio.create_task(server._serve([sock]))
    built = Listener(sock.getsockname()[1], server, gate, waiting)
    yield built
    built.hang_up()
    gate.set()
    server.should_exit = True
    await asyncio.wait_for(serving, PATIENCE)


def problem(answer: bytes) -> tuple[int, str]:
    """(status, code) of the one answer there is; a problem that lacks nothing."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\ncontent-type: application/problem+json\r\n" in head
    assert b"\r\nconnection: close" in head
    said = json.loads(body)
    assert said.keys() >= {"type", "title", "status", "detail", "instance"}
    assert head.startswith(b"HTTP/1.1 %d " % said["status"])
    return said["status"], said["code"]


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


async def test_pipelined_requests_whose_answers_nobody_reads_are_hung_up_on(listener: Listener) -> None:
    await listener.serves()
    before = resident()
    _, writer = await listener.connect()

    with pytest.raises(ConnectionError):
        await _flood(writer)
    writer.transport.abort()

    assert resident() - before < 30_000_000
    await listener.serves()


async def _flood(writer: asyncio.StreamWriter) -> None:
    for _ in range(30):
        writer.write(GOOD * 30_000)
        await asyncio.wait_for(writer.drain(), PATIENCE)


async def test_a_few_pipelined_requests_are_answered_in_order(listener: Listener) -> None:
    answer = await listener.say(GOOD * (PIPELINED - 1) + CLOSING)

    assert answer.count(b"HTTP/1.1 200 ") == answer.count(b"ok\n") == PIPELINED


@pytest.mark.parametrize(
    "parts",
    [
        [b"GET /" + b"a" * (HEAD_BYTES + 1) + b" HTTP/1.1\r\nHost: a\r\n\r\n"],
        [b"GET /", *[b"a" * 8192] * 40],
        [BEGUN, b"X: " + b"a" * (HEAD_BYTES + 1) + b"\r\n\r\n"],
        [BEGUN, b"X: ", *[b"a" * 8192] * 40],
        [BEGUN, *[b"X: " + b"a" * 8192 + b"\r\n"] * 20],
        [BEGUN + b"X: 1\r\n" * HEAD_LINES + b"\r\n"],
        [b"\r\n" * 100_000],
        [b"POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: 1\r\n" * (HEAD_LINES + 1)],
    ],
    ids=["address", "endless address", "line", "endless line", "lines in sum", "many lines", "nothing", "trailers"],
)
async def test_a_head_beyond_its_bounds_is_answered_431(listener: Listener, parts: list[bytes]) -> None:
    assert problem(await listener.say(*parts)) == (431, "AB-1118")

    await listener.serves()


async def test_a_head_within_its_bounds_and_a_large_body_are_served(listener: Listener) -> None:
    lines = b"X: 1\r\n" * (HEAD_LINES - 4) + b"Y: " + b"a" * (HEAD_BYTES - 1000) + b"\r\n"
    head = b"POST /size HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3000000\r\n" + lines + b"\r\n"

    assert (await listener.say(head + b"b" * 3_000_000)).endswith(b"3000000\n")


@pytest.mark.parametrize("served", [0, 1, 2])
@pytest.mark.parametrize("begun", [b"G", BEGUN, b"\r\n"])
async def test_a_head_that_does_not_end_in_time_is_hung_up_on(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, served: int, begun: bytes
) -> None:
    with monkeypatch.context() as hasty:
        if not served:
            hasty.setattr(GuardedProtocol, "head_seconds", 0.1)
        reader, writer = await listener.connect()
        for _ in range(served):
            writer.write(GOOD)
            await asyncio.wait_for(reader.readuntil(b"ok\n"), PATIENCE)

        hasty.setattr(GuardedProtocol, "head_seconds", 0.1)
        writer.write(begun)

        assert await _until_closed(reader) == b""
    await listener.serves()


async def test_a_connection_that_says_nothing_is_hung_up_on(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as hasty:
        hasty.setattr(GuardedProtocol, "head_seconds", 0.1)
        reader, _ = await listener.connect()

        assert await _until_closed(reader) == b""
    await listener.serves()


async def _until_closed(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE)
    except ConnectionResetError:
        return b""


async def test_an_answer_that_takes_longer_than_a_head_may_is_given(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = asyncio.Event()
    head_is_late = GuardedProtocol._head_is_late

    def noticed(protocol: GuardedProtocol) -> None:
        monkeypatch.setattr(GuardedProtocol, "head_seconds", PATIENCE)
        head_is_late(protocol)
        late.set()

    reader, writer = await listener.connect()
    writer.write(b"GET /gated HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.wait_for(listener.waiting.wait(), PATIENCE)
    monkeypatch.setattr(GuardedProtocol, "_head_is_late", noticed)
    monkeypatch.setattr(GuardedProtocol, "head_seconds", 0.05)
    writer.write(b"\r\n")
    await asyncio.wait_for(late.wait(), PATIENCE)
    listener.gate.set()

    assert (await asyncio.wait_for(reader.readuntil(b"at last\n"), PATIENCE)).startswith(b"HTTP/1.1 200 ")


async def test_a_connection_too_many_is_refused_and_the_next_is_served_when_there_is_room(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GuardedProtocol, "most_connections", 2)
    held = [await listener.connect() for _ in range(2)]
    for reader, writer in held:
        writer.write(GOOD)
        await asyncio.wait_for(reader.readuntil(b"ok\n"), PATIENCE)

    refused, _ = await listener.connect()
    assert await _until_closed(refused) == b""
    for _, writer in held:
        writer.close()
    async with asyncio.timeout(PATIENCE):
        while listener.server.server_state.connections:  # noqa: ASYNC110  (uvicorn sets no event)
            await asyncio.sleep(0)

    await listener.serves()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET /healthz HTTP/9.9\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
async def test_what_is_not_http_is_answered_with_a_problem(listener: Listener, sent: bytes) -> None:
    assert problem(await listener.say(sent)) == (400, "AB-1117")

    await listener.serves()


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
        b"Content-Length: 5\r\nContent-Length: 60",
        b"Content-Length: 5, 60",
        b"Content-Length: +5",
        b"Content-Length: 0x5",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5",
    ],
)
async def test_a_request_two_readers_could_cut_differently_is_refused_and_nothing_behind_it_is_read(
    listener: Listener, lengths: bytes
) -> None:
    answer = await listener.say(b"POST /size HTTP/1.1\r\nHost: a\r\n" + lengths + b"\r\n\r\n0\r\n\r\n" + GOOD)

    assert answer.count(b"HTTP/1.1 ") == 1
    assert problem(answer) == (400, "AB-1117")
    await listener.serves()


async def test_what_a_proxy_says_about_the_caller_is_not_believed(listener: Listener) -> None:
    claims = b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nForwarded: for=203.0.113.9;proto=https\r\n"

    answer = await listener.say(b"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + claims + b"\r\n")

    assert answer.endswith(b"\r\n127.0.0.1 http\n")


async def test_rubbish_after_a_request_is_not_taken_for_its_answer(listener: Listener) -> None:
    reader, writer = await listener.connect()
    writer.write(b"GET /gated HTTP/1.1\r\nHost: a\r\n\r\n\x16\x03\x01")

    assert await _until_closed(reader) == b""
    await listener.serves()


def test_as_many_files_as_are_allowed_may_be_open() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, soft), hard))
    try:
        raise_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("request_", [GOOD, CLOSING])
async def test_a_peer_that_does_not_read_its_answer_is_hung_up_on(
    listener: Listener, request_: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = asyncio.Event()
    lost = GuardedProtocol.connection_lost

    def noticed(protocol: GuardedProtocol, exc: Exception | None) -> None:
        lost(protocol, exc)
        gone.set()

    monkeypatch.setattr(GuardedProtocol, "connection_lost", noticed)
    monkeypatch.setattr(GuardedProtocol, "reader_seconds", 0.05)
    reader, writer = await listener.connect()
    writer.write(request_.replace(b"/healthz", b"/large"))

    await asyncio.wait_for(gone.wait(), PATIENCE)

    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(30_000_000), PATIENCE)
