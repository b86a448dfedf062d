"""HTTP to other services: bounded in time and size, without redirects, cookies, proxies or compression."""

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Literal, Self

import httpx

from amtsbote import __version__
from amtsbote.errors import Misconfigured
from amtsbote.net.failures import AnswerTooLong, Fault, Unreachable, translated

Body = bytes | AsyncIterable[bytes]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

ANSWER_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of an answer."""
LAST_PORT: Final = 65535
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect`, `read` and `write` bound one wait each; `whole` bounds everything, counted from the last
    piece of a streamed body."""

    connect: float = 5.0
    read: float = 30.0
    write: float = 30.0
    whole: float = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def media_type(self) -> str:
        """Without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class HttpClient:
    """One per target: it keeps connections. Close it, or use it as an asynchronous context."""

    def __init__(
        self,
        *,
        timeouts: Timeouts = Timeouts(),
        ca_bundle: Path | None = None,
        extra_ca: Path | None = None,
        limit: int = ANSWER_LIMIT,
        keep: bool = True,
    ) -> None:
        """`ca_bundle`: PEM file of the only certification authorities trusted; None: those of the system. `extra_ca`:
        PEM file of more of them. `limit`: bytes of an answer. `keep`: whether a connection serves several requests."""
        self._whole = timeouts.whole
        self._limit = limit
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(
                connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.connect
            ),
            verify=_trust(ca_bundle, extra_ca),
            limits=httpx.Limits(max_keepalive_connections=None if keep else 0),
            follow_redirects=False,
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"user-agent": f"amtsbote/{__version__}", "accept-encoding": "identity"},
        )

    async def request(
        self,
        method: Method,
        url: str,
        *,
        headers: Mapping[str, str] = NOTHING,
        query: Mapping[str, str] = NOTHING,
        body: Body = b"",
        server: str | None = None,
    ) -> Answer:
        """The answer, whatever its status. `server`: the name its certificate must have, where that is not the host of
        the address; only for a client that keeps no connections. Raises `Unreachable` and `AnswerTooLong`."""
        host = _host(url)
        with translated(host):
            async with asyncio.timeout(self._whole) as deadline:
                content = body if isinstance(body, bytes) else self._postponing(deadline, body)
                request = self._client.build_request(
                    method,
                    url,
                    params=query or None,
                    headers=dict(headers),
                    content=content,
                    extensions=None if server is None else {"sni_hostname": server},
                )
                return await self._answer(request, host)

    async def download(
        self, url: str, sink: Callable[[bytes], object], *, headers: Mapping[str, str] = NOTHING, limit: int
    ) -> Answer:
        """Like `request`, but the body of a 200 goes piece by piece into `sink`, at most `limit` bytes of it, and may
        take its time as long as it moves. `sink` is called in the order of the pieces and may block."""
        host = _host(url)
        with translated(host):
            async with asyncio.timeout(self._whole) as deadline:
                response = await self._client.send(
                    self._client.build_request("GET", url, headers=dict(headers)), stream=True
                )
                try:
                    if response.status_code != httpx.codes.OK:
                        return await self._read(response, host)
                    async for chunk in _pieces(response, limit, host):
                        deadline.reschedule(asyncio.get_running_loop().time() + self._whole)
                        await asyncio.to_thread(sink, chunk)
                    return Answer(response.status_code, dict(response.headers), b"")
                finally:
                    await response.aclose()

    async def close(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _postponing(self, deadline: asyncio.Timeout, body: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """A long upload may take its time as long as it moves."""
        async for chunk in body:
            deadline.reschedule(asyncio.get_running_loop().time() + self._whole)
            yield chunk

    async def _answer(self, request: httpx.Request, host: str) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            return await self._read(response, host)
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response, host: str) -> Answer:
        body = bytearray()
        async for chunk in _pieces(response, self._limit, host):
            body += chunk
        return Answer(response.status_code, dict(response.headers), bytes(body))


async def _pieces(response: httpx.Response, limit: int, host: str) -> AsyncIterator[bytes]:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unreachable(Fault.ENCODED, host)
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > limit:
            raise AnswerTooLong(limit, host)
        yield chunk


def _trust(ca_bundle: Path | None, extra_ca: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_bundle)
        if extra_ca is not None:
            context.load_verify_locations(cafile=extra_ca)
    except OSError as error:
        raise Misconfigured(
            f"CA bundle {ca_bundle or extra_ca}: not a readable PEM file with certificates",
            f"CA-Datei {ca_bundle or extra_ca}: keine lesbare PEM-Datei mit Zertifikaten",
        ) from error
    return context


def _host(url: str) -> str:
    """For messages: without path, query and credentials."""
    with translated("?"):
        address = httpx.URL(url)
    if (address.port or 0) > LAST_PORT:
        raise Unreachable(Fault.ADDRESS, address.host)
    return address.host or "?"
