"""HTTPS to addresses that others name. Nothing is called that was not looked at: the name is resolved once, each of its
addresses is examined, and the connection goes to that very address, with the certificate checked against the name."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from amtsbote.net.addresses import AddressGuard
from amtsbote.net.client import LAST_PORT, NOTHING, Answer, HttpClient, Method, Timeouts
from amtsbote.net.failures import Fault, Unreachable, translated

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port → addresses, numeric. Raises `OSError`."""

LONGEST_URL: Final = 2048
_TRIED: Final = 4
"""Addresses of one name that are tried."""
_LOOKUPS: Final = 8
"""Names looked up at once: a name server that does not answer holds these threads and no others."""


class _NoConnection(Unreachable):
    """The next address may do."""


class GuardedClient:
    """For any number of hosts. Every request has a connection of its own. Close it, or use it as a context."""

    def __init__(
        self,
        guard: AddressGuard,
        *,
        timeouts: Timeouts,
        limit: int,
        extra_ca: Path | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        """`extra_ca`: PEM file of authorities trusted besides those of the system. `limit`: bytes of an answer."""
        self._guard = guard
        self._whole = timeouts.whole
        self._lookups = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="names")
        self._resolve = resolve or self._looked_up
        self._client = HttpClient(timeouts=timeouts, extra_ca=extra_ca, limit=limit, keep=False)

    async def request(self, method: Method, url: str, *, headers: Mapping[str, str] = NOTHING, body: bytes) -> Answer:
        """The answer, whatever its status. Raises `Unreachable` and `AnswerTooLong`; a `fault` of NAME or FORBIDDEN
        means that nobody was called."""
        address = _parsed(url)
        host = address.raw_host.decode("ascii")
        named = {**headers, "host": address.netloc.decode("ascii")}
        with translated(host):
            async with asyncio.timeout(self._whole):
                ways = [address.copy_with(host=one) for one in await self._permitted(host, address.port or 443)]
                for way in ways[:-1]:
                    with suppress(_NoConnection):
                        return await self._ask(method, way, host, named, body)
                return await self._ask(method, ways[-1], host, named, body)

    async def close(self) -> None:
        self._lookups.shutdown(wait=False, cancel_futures=True)
        await self._client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _ask(self, method: Method, way: httpx.URL, host: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            return await self._client.request(method, str(way), headers=headers, body=body, server=host)
        except Unreachable as error:
            raise (_NoConnection if error.fault is Fault.CONNECT else Unreachable)(error.fault, host) from None

    async def _permitted(self, host: str, port: int) -> Sequence[str]:
        """At least one, numeric."""
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(Fault.NAME, host) from error
        addresses = [ip_address(one) for one in dict.fromkeys(found)]
        permitted = [str(one) for one in addresses if self._guard.permits(one)]
        if not permitted:
            raise Unreachable(Fault.FORBIDDEN if addresses else Fault.NAME, host)
        return permitted[:_TRIED]

    async def _looked_up(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._lookups, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        )
        return [str(address[0]) for *_, address in found]


def _parsed(url: str) -> httpx.URL:
    """An address that may be called at all: HTTPS, a host, no name and password, no fragment. Raises `Unreachable` with
    `Fault.ADDRESS`."""
    with translated("?"):
        address = httpx.URL(url)
    usable = (
        len(url) <= LONGEST_URL
        and address.scheme == "https"
        and address.raw_host
        and not address.userinfo
        and not address.fragment
        and address.port != 0
        and (address.port or 0) <= LAST_PORT
    )
    if not usable:
        raise Unreachable(Fault.ADDRESS, address.host or "?")
    return address
