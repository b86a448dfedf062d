"""Listeners and the public address, as far as they can be judged from inside."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from amtsbote.admin.doctor_advice import Advice, Site, error, warning


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


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _host(address: str) -> str:
    return address.rpartition(":")[0]
