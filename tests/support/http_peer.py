"""An HTTP peer on a real socket of loopback: answers as a test says and remembers what it was asked."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any


class Peer:
    """`answer`: the bytes of every answer, or what makes them of a request. `then` runs after each answer."""

    def __init__(
        self,
        answer: bytes | Callable[[bytes], bytes],
        then: Callable[[asyncio.StreamWriter], None] = lambda _writer: None,
    ) -> None:
        self.answer = answer
        self.then = then
        self.requests: list[bytes] = []
        self.port = 0
        self.host = "127.0.0.1"
        self.secure = False
        self.connections: list[asyncio.Task[None]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.append(task)
        try:
            await self.serve(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # the client has gone, or the test ends
        finally:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            self.requests.append(head + await self._body(head, reader))
            writer.write(self.answer if isinstance(self.answer, bytes) else self.answer(self.requests[-1]))
            await writer.drain()
            self.then(writer)

    async def _body(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        if length := re.search(rb"\r\ncontent-length: (\d+)", head.lower()):
            return await reader.readexactly(int(length[1]))
        if b"transfer-encoding: chunked" not in head.lower():
            return b""
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return body

    @property
    def url(self) -> str:
        return f"http{'s' * self.secure}://{self.host}:{self.port}"


@asynccontextmanager
async def running(peer: Peer, tls: ssl.SSLContext | None = None, on: str = "127.0.0.1") -> AsyncIterator[Peer]:
    server = await asyncio.start_server(peer, on, 0, ssl=tls)
    peer.secure = tls is not None
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for connection in peer.connections:
            connection.cancel()
        await asyncio.gather(*peer.connections)


def ok(body: bytes, headers: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body


def as_json(content: Any, status: int = 200, media_type: str = "application/json") -> bytes:
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body
