"""When certified keys run out: what the log, the metrics and `doctor` warn of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509

from amtsbote.model.directory import Directory, KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId

WARNING_DAYS: Final = (90, 30, 7, 0)
"""Days before the end at which somebody is told; 0: it is over."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """The end of one certified key that is not retired."""

    kid: KeyId
    owner: str
    """Destination id."""
    purpose: KeyPurpose
    until: datetime
    """The first moment at which a certificate of the chain is no longer valid."""
    current: bool
    """Whether its destination uses it now, so that it has to be replaced; others only open what was sent before."""
    left: timedelta
    """Negative when it is over."""

    @property
    def warned_at(self) -> int | None:
        """The narrowest of `WARNING_DAYS` that `left` is within; None when there is time enough."""
        return min((days for days in WARNING_DAYS if self.left <= timedelta(days=days)), default=None)


def expiries(directory: Directory, now: datetime) -> tuple[Expiry, ...]:
    """Every certified key that is not retired, the first to run out first."""
    current = {key for one in directory.destinations.values() for key in one.key_pair}
    found = [
        Expiry(key.kid, key.owner, key.purpose, until, key.kid in current, until - now)
        for key in directory.keys.values()
        if key.retired_at is None and (until := valid_until(key)) is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.until, one.kid)))


def expiring(directory: Directory, now: datetime) -> tuple[Expiry, ...]:
    """The keys in use now that run out within 90 days, or have, the first one first."""
    return tuple(one for one in expiries(directory, now) if one.current and one.warned_at is not None)


def valid_until(key: KeyEntry) -> datetime | None:
    """The end of the first certificate of the chain to end; None for a key without one."""
    return min(map(_end_of, key.chain), default=None)


@lru_cache(maxsize=16384)
def _end_of(certificate: bytes) -> datetime:
    """Asked for every key whenever metrics are read."""
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc
