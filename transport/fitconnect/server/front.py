"""What every endpoint works with, and what stands before it."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import OVERLOADED
from amtsbote.mailroom import Cases, Managing, Receiving, Sending
from amtsbote.mailroom.parts import PartRoom
from amtsbote.model.directory import Directory
from amtsbote.model.report import CheckReport
from transport.fitconnect.server.publishing import Published
from transport.fitconnect.server.rates import Rates
from transport.fitconnect.server.slowdown import SlowDown
from transport.fitconnect.server.sources import Sources
from transport.fitconnect.server.tokens import Tokens

RETRY_AFTER: Final = 2
"""Seconds a refused client is asked to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How slowly a body may come."""

    silence: float = 30.0
    """Longest wait for the next piece of a body, in seconds."""
    patience: float = 60.0
    """Seconds a body may take in any case; beyond them it must come at `pace`."""
    pace: int = 16 * 1024
    """Bytes per second."""


@dataclass(frozen=True, slots=True)
class ServerLimits(Patience):
    """Bytes as received, and how slowly they may come."""

    metadata: int
    data: int
    attachment: int

    @property
    def submit(self) -> int:
        """The body of the final PUT: both parts and a little JSON."""
        return self.metadata + self.data + 4096


class Admission:
    """Counts the bytes of request bodies held in memory; beyond the limit a request is turned away."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._free = limit

    def resize(self, limit: int) -> None:
        """From now on; bodies that are here stay, and nobody else comes in until there is room again."""
        self._free += limit - self._limit
        self._limit = limit

    @contextmanager
    def room(self, most: int) -> Iterator["Room"]:
        """Room for one body, of which never more than `most` bytes are in memory. An announced byte takes none."""
        room = Room(self, most)
        try:
            yield room
        finally:
            self._free += room.taken

    def take(self, size: int) -> None:
        if size > self._free:
            raise RequestRefused(OVERLOADED(seconds=RETRY_AFTER))
        self._free -= size


class Room:
    """What one body takes of the memory, as it arrives."""

    def __init__(self, admission: Admission, most: int) -> None:
        self._admission = admission
        self._most = most
        self.taken = 0

    def grow(self, size: int) -> None:
        """Raises `RequestRefused` when there is none left."""
        more = min(size, self._most - self.taken)
        self._admission.take(more)
        self.taken += more


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may come in, and how often."""

    rates: Rates
    sources: Sources
    slow_down: SlowDown
    basic: bool
    """Whether the token endpoint takes credentials from a header, too."""


class Watch(Protocol):
    """Who counts what is answered."""

    def answered(self, status: int) -> None: ...

    def refused(self, code: str) -> None: ...

    def token(self, outcome: str) -> None: ...


Check = Callable[[bytes, str, str], Awaitable[CheckReport]]
"""Document, media type, declared schema or nothing → what is right and wrong with it."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What a request meets before its endpoint, at every listener that asks for tokens."""

    tokens: Tokens
    directory: Callable[[], Directory]
    limits: Patience
    admission: Admission
    gate: Gate
    watch: Watch


@dataclass(frozen=True, slots=True)
class Front(Reception):
    """What the endpoints of FIT-Connect work with."""

    limits: ServerLimits
    sending: Sending
    receiving: Receiving
    cases: Cases
    managing: Managing
    parts: PartRoom
    published: Published
    clock: Callable[[], datetime]
    check: Check
