"""HTTP to other services: bounded in time and size, without redirects, cookies, proxies or compression."""

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Mapping
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
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


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
        self, *, timeouts: Timeouts = Timeouts(), ca_bundle: Path | None = None, limit: int = ANSWER_LIMIT
    ) -> None:
        """`ca_bundle`: PEM file of the only certification authorities trusted; None: those of the system.
        `limit`: bytes of an answer."""
        self._whole = timeouts.whole
        self._limit = limit
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(
                connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.connect
            ),
            verify=_trust(ca_bundle),
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
        headers: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] = _NOTHING,
        body: Body = b"",
    ) -> Answer:
        """The answer, whatever its status. Raises `Unreachable` and `AnswerTooLong`."""
        host = _host(url)
        with translated(host):
            async with asyncio.timeout(self._whole) as deadline:
                content = body if isinstance(body, bytes) else self._postponing(deadline, body)
                request = self._client.build_request(
                    method, url, params=query or None, headers=dict(headers), content=content
                )
                return await self._answer(request, host)

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
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise Unreachable(Fault.ENCODED, host)
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > self._limit:
                    raise AnswerTooLong(self._limit, host)
            return Answer(response.status_code, dict(response.headers), bytes(body))
        finally:
            await response.aclose()


def _trust(ca_bundle: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:
        raise Misconfigured(
            f"CA bundle {ca_bundle}: not a readable PEM file with certificates",
            f"CA-Datei {ca_bundle}: keine lesbare PEM-Datei mit Zertifikaten",
        ) from error


def _host(url: str) -> str:
    """For messages: without path, query and credentials."""
    with translated("?"):
        address = httpx.URL(url)
    if (address.port or 0) > LAST_PORT:
        raise Unreachable(Fault.ADDRESS, address.host)
    return address.host or "?"
