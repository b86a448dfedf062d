"""Whence a request comes: the address of its connection, or what a proxy we trust says. Only counting relies on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from starlette.requests import Request

_PREFIX: Final = 64
"""Bits of an IPv6 address that tell one subscriber line from another: the rest is the subscriber's own choice."""


@dataclass(frozen=True, slots=True)
class Source:
    address: str
    vouched: bool
    """Whether a trusted proxy named it; else it may be that of a proxy, and stand for many."""


class Sources:
    def __init__(self, trusted: Iterable[str]) -> None:
        """`trusted`: networks of reverse proxies that set `X-Forwarded-For`."""
        self._trusted = tuple(ip_network(one, strict=False) for one in trusted)

    @property
    def trusts(self) -> bool:
        """Whether there is a proxy whose word counts."""
        return bool(self._trusted)

    def of(self, request: Request) -> Source:
        """The rightmost address that is no trusted proxy's: what stands left of it anybody may have written."""
        peer = _address(request.client.host) if request.client else None
        if peer is None or not self._is_trusted(peer):
            return Source(_key(peer), vouched=False)
        claimed = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        for text in reversed(claimed):
            address = _address(text.strip())
            if address is None:
                break
            if not self._is_trusted(address):
                return Source(_key(address), vouched=True)
        return Source(_key(peer), vouched=False)

    def _is_trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


@lru_cache(maxsize=1024)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _key(address: IPv4Address | IPv6Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _PREFIX), strict=False))
    return str(address)
