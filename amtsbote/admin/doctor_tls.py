"""What stands at the public address: a handshake as a portal would make it."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from amtsbote.admin.doctor_advice import Advice, Shaken, Site, error, warning

_SECONDS: Final = 5.0
_PORT: Final = 443
_SOON: Final = timedelta(days=30)


def tls(site: Site) -> Iterator[Advice]:
    """Only where `public.url` begins with https; otherwise `public_address` has said so."""
    met = site.shaken
    if met is None:
        return
    if met.unreachable is not None:
        yield warning("tls-unreachable", url=site.settings.public.url, reason=met.unreachable)
    elif met.untrusted is not None:
        yield error("tls-untrusted", url=site.settings.public.url, reason=met.untrusted)
    elif met.until is not None and met.until - site.at < _SOON:
        yield warning("tls-ends", url=site.settings.public.url, until=met.until.date().isoformat())


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
