"""Whoever presents wrong secrets has to wait, longer each time, without keeping others out: decision 0012."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Final

_REMEMBERED: Final = 4096
"""Pairs of client id and address. To be forgotten costs an attacker more requests than it saves waiting."""
_FORGIVEN: Final = 900.0
"""Seconds without a wrong secret after which it begins anew."""


class SlowDown:
    """Of one client id from one address: the same client from elsewhere, and others from there, never wait for it."""

    def __init__(self, free: int, longest: timedelta, clock: Callable[[], datetime]) -> None:
        """`free`: wrong secrets in a row before the first wait, which is a second and doubles up to `longest`."""
        self._free = free
        self._longest = longest.total_seconds()
        self._clock = clock
        self._failures: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def wait(self, client: str, source: str) -> int:
        """Seconds this client has to wait before its secret is looked at; 0: none."""
        _, until = self._failures.get(_pair(client, source), (0, 0.0))
        left = until - self._clock().timestamp()
        return ceil(left) if 0 < left <= self._longest else 0  # more: the clock was set back

    def failed(self, client: str, source: str) -> None:
        pair, now = _pair(client, source), self._clock().timestamp()
        count, until = self._failures.get(pair, (0, now))
        count = count + 1 if now - until < _FORGIVEN else 1
        self._failures[pair] = count, now + self._seconds(count)
        self._failures.move_to_end(pair)
        if len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, client: str, source: str) -> None:
        self._failures.pop(_pair(client, source), None)

    def _seconds(self, count: int) -> float:
        """No wait for the free ones; `count` never makes a number too large."""
        over = min(count - self._free, 32)
        return 0.0 if over < 0 else min(float(1 << over), self._longest)


def _pair(client: str, source: str) -> bytes:
    """Of one size, however long the id is that somebody invents."""
    return sha256(f"{source}\0{client}".encode("utf-8", "surrogatepass")).digest()
