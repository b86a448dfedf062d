"""Listeners and the public address, as far as they can be judged from inside."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from amtsbote.admin.doctor_advice import Advice, Site, error, warning

_WIDEST: Final = {4: 8, 6: 7}
"""Bits that a network of proxies has at least: those of 10.0.0.0/8 and fc00::/7, the largest of one's own."""
_HERE: Final = (ip_address("127.0.0.1"), ip_address("::1"))


def public_address(site: Site) -> Iterator[Advice]:
    url = urlsplit(site.settings.public.url)
    if url.scheme == "https":
        return
    if is_loopback(url.hostname or ""):
        yield error("url-local", url=site.settings.public.url)
    else:
        yield error("url-plain", url=site.settings.public.url)


def listeners(site: Site) -> Iterator[Advice]:
    public, inner = site.settings.public.listen, site.settings.metrics.listen
    if not is_loopback(_host(public)):
        yield warning("listen-open", address=public)
    if not is_loopback(_host(inner)):
        yield warning("metrics-open", address=inner)


def proxies(site: Site) -> Iterator[Advice]:
    """The service speaks no TLS: behind an https address stands a proxy, and without its word every request comes from
    one and the same address."""
    public = site.settings.public
    trusted = [ip_network(one, strict=False) for one in public.trusted_proxies]
    yield from (error("proxies-everybody", network=one) for one in trusted if one.prefixlen < _WIDEST[one.version])
    if urlsplit(public.url).scheme != "https":
        return
    if not trusted:
        yield warning("proxies-none", url=public.url)
    elif is_loopback(_host(public.listen)) and not _from_here(trusted):
        named = ", ".join(public.trusted_proxies)
        yield warning("proxies-elsewhere", address=public.listen, named=named)


def _from_here(networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for address in _HERE for network in networks)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _host(address: str) -> str:
    return address.rpartition(":")[0]
