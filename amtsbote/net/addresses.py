"""Which addresses may be called when somebody else says which.

Whoever may name an address to be called has a way into the operator's network. Permitted is what the whole internet can
reach; anything else only where the operator allows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPECIAL: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
"""Not for the internet: loopback, private, link-local, shared, documentation, multicast and reserved ranges, tunnels
(IANA IPv4 and IPv6 Special-Purpose Address Registries). Written down because what an interpreter takes for global
changes between its releases."""
_UNICAST: Final = IPv6Network("2000::/3")
"""The only IPv6 range assigned for the internet. Outside it: loopback, mapped IPv4, NAT64, unique local, link-local,
multicast."""
_LAST_32_BITS: Final = tuple(map(IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""Ranges whose addresses end in an IPv4 address: compatible, mapped, translated, NAT64 (RFC 4291, 2765, 6052)."""


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """`allowed` are exceptions to what is refused, `refused` are public ranges that are the operator's own."""

    allowed: Sequence[Network] = ()
    refused: Sequence[Network] = ()

    def permits(self, address: Address) -> bool:
        """An IPv6 address that leads to an IPv4 one needs both permitted."""
        plain = _without_zone(address)
        if not self._permitted(plain):
            return False
        inner = _carried(plain)
        return inner is None or self._permitted(inner)

    def _permitted(self, address: Address) -> bool:
        if _within(address, self.allowed):
            return True
        return not _within(address, self.refused) and _is_public(address)


def _is_public(address: Address) -> bool:
    return (address.version == 4 or address in _UNICAST) and not _within(address, SPECIAL)


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _without_zone(address: Address) -> Address:
    """`fe80::1%eth0` is compared as `fe80::1`."""
    return ip_address(int(address)) if address.version == 4 else IPv6Address(int(address))


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address a packet to this IPv6 address ends at, as far as its form tells."""
    if isinstance(address, IPv4Address) or address.is_loopback or address.is_unspecified:
        return None
    if any(address in network for network in _LAST_32_BITS):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else None
