"""A lean HTTP/1.1 client for load: keep-alive connections, ready-made requests, nothing measured but the server."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode


class Connection:
    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.rpartition(":")
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, method: str, path: str, headers: bytes, body: bytes) -> tuple[int, bytes]:
        """Status and body of one request."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, int(self._port), limit=1 << 20)
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: {len(body)}\r\n".encode()
        writer.write(head + headers + b"\r\n" + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")), 0)
        return int(lines[0].split()[1]), await reader.readexactly(length)

    async def call_json(self, method: str, path: str, headers: bytes, body: bytes) -> Any:
        status, answer = await self.call(method, path, headers, body)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {answer[:300]!r}")
        return json.loads(answer)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


async def bearer(address: str, client: str, secret: str) -> bytes:
    """The authorisation header of this client, ready to send."""
    connection = Connection(address)
    form = urlencode({"grant_type": "client_credentials", "client_id": client, "client_secret": secret}).encode()
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    answer = await connection.call_json("POST", "/auth/token", kind, form)
    connection.close()
    return f"Authorization: Bearer {answer['access_token']}\r\nContent-Type: application/json\r\n".encode()
