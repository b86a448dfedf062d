"""How often one client, or one address, may ask: counted in windows of a minute, told in headers (dossier 2.7).

Each process counts for itself. What is remembered is bounded, however many ask.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

WINDOW: Final = 60.0
"""Seconds."""
_REMEMBERED: Final = 10_000
"""Who asked last; beyond it whoever was silent longest begins anew."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands after a request."""

    limit: int
    remaining: int
    reset: int
    """Seconds until the whole limit is there again."""
    exceeded: bool

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.reset),
        ]


class Rate:
    """Requests of each of many, within `limit` per window. Without a limit (0) nobody is counted."""

    def __init__(self, limit: int, clock: Callable[[], datetime]) -> None:
        self.limit = limit
        self._clock = clock
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, who: str) -> Standing | None:
        """Counts one request; None without a limit. A request beyond it does not prolong the window."""
        if not self.limit:
            return None
        now = self._clock().timestamp()
        began, taken = self._windows.get(who, (now, 0))
        if not 0 <= now - began < WINDOW:  # over, or the clock was set back
            began, taken = now, 0
        exceeded = taken >= self.limit
        taken = min(taken + 1, self.limit)
        self._windows[who] = began, taken
        self._windows.move_to_end(who)
        if len(self._windows) > _REMEMBERED:
            self._windows.popitem(last=False)
        return Standing(self.limit, self.limit - taken, max(ceil(began + WINDOW - now), 1), exceeded)


@dataclass(frozen=True, slots=True)
class Rates:
    clients: Rate
    """Of whoever has a valid token."""
    addresses: Rate
    """Of whoever has none, where a proxy we trust says whence the request comes."""

    @property
    def limited(self) -> bool:
        return bool(self.clients.limit or self.addresses.limit)
