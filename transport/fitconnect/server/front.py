"""What every endpoint works with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import OVERLOADED
from amtsbote.mailroom import EventLog, Receiving, Sending
from amtsbote.mailroom.parts import PartRoom
from amtsbote.model.directory import Directory
from transport.fitconnect.server.publishing import Published
from transport.fitconnect.server.tokens import Tokens

RETRY_AFTER: Final = 2
"""Seconds a refused client is asked to wait."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bytes as received."""

    metadata: int
    data: int
    attachment: int

    @property
    def submit(self) -> int:
        """The body of the final PUT: both parts and a little JSON."""
        return self.metadata + self.data + 4096


class Admission:
    """Counts the bytes of request bodies held in memory; beyond the limit a request is turned away at the door."""

    def __init__(self, limit: int) -> None:
        self._free = limit

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        if size > self._free:
            raise RequestRefused(OVERLOADED(seconds=RETRY_AFTER))
        self._free -= size
        try:
            yield
        finally:
            self._free += size


@dataclass(frozen=True, slots=True)
class Front:
    sending: Sending
    receiving: Receiving
    events: EventLog
    parts: PartRoom
    tokens: Tokens
    published: Published
    directory: Callable[[], Directory]
    limits: ServerLimits
    admission: Admission
    clock: Callable[[], datetime]
