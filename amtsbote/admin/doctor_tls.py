"""What stands at the addresses for others: a handshake as a portal, or an editor's program, would make it."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from amtsbote.admin.doctor_advice import Advice, Shaken, Site, error, warning
from amtsbote.admin.doctor_net import is_loopback

_SECONDS: Final = 5.0
_PORT: Final = 443
_SOON: Final = timedelta(days=30)


def tls(site: Site) -> Iterator[Advice]:
    """Only where `public.url` begins with https; otherwise `public_address` has said so."""
    yield from _judged(site.shaken, site.settings.public.url, site.at)


def editing(site: Site) -> Iterator[Advice]:
    """The editing API, where there is one."""
    admin = site.settings.admin
    if admin.listen is None:
        return
    url = urlsplit(admin.address)
    if not is_loopback(admin.listen.rpartition(":")[0]):
        yield warning("editing-open", address=admin.listen)
    if url.scheme != "https" and not is_loopback(url.hostname or ""):
        yield error("editing-plain", url=admin.address)
    if site.editing_answers is False:
        yield error("editing-silent", address=admin.listen)
    yield from _judged(site.editing, admin.address, site.at)


def answers(address: str | None) -> bool | None:
    """Whether somebody listens at HOST:PORT; None where there is no address."""
    if address is None:
        return None
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _SECONDS):
            return True
    except OSError:
        return False


def _judged(met: Shaken | None, url: str, at: datetime) -> Iterator[Advice]:
    if met is None:
        return
    if met.unreachable is not None:
        yield warning("tls-unreachable", url=url, reason=met.unreachable)
    elif met.untrusted is not None:
        yield error("tls-untrusted", url=url, reason=met.untrusted)
    elif met.until is not None and met.until - at < _SOON:
        yield warning("tls-ends", url=url, until=met.until.date().isoformat())


def shaken(url: str) -> Shaken | None:
    """Shake hands with what `url` names, trusting what this machine trusts; None when it is not https."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname is None:
        return None
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or _PORT), _SECONDS) as line,
            context.wrap_socket(line, server_hostname=parts.hostname) as met,
        ):
            certificate = met.getpeercert() or {}
    except ssl.SSLCertVerificationError as failed:
        return Shaken(untrusted=failed.verify_message)
    except ssl.SSLError as failed:
        return Shaken(untrusted=failed.reason or type(failed).__name__)
    except OSError as failed:
        return Shaken(unreachable=failed.strerror or type(failed).__name__)
    end = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return Shaken(until=datetime.fromtimestamp(end, UTC))
