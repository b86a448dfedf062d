"""Ports of the outbox: what receivers of callbacks are to be told, and how it goes with them.

Whoever changes a message only adds notices, in the same transaction. Everything else is the system's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from amtsbote.model.callback import Callback, Mention, Notice, Receiver, Standing
from amtsbote.model.ids import ClientId, DestinationId, ReceiverId


@dataclass(frozen=True, slots=True)
class Untold:
    """A receiver for which notices lie in the outbox and no job in the job table."""

    receiver: ReceiverId
    rest_until: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many receivers stand how, and how much is to be told."""

    failing: int
    stopped: int
    notices: int


class Notices(Protocol):
    def add(self, notice: Notice) -> None:
        """Raises `NotFound` when the message lies outside the scope."""
        ...

    def untold(self, limit: int) -> tuple[Untold, ...]:
        """In the order of their ids; those that are stopped are left out."""
        ...

    def take(self, receiver: ReceiverId, batch: str, limit: int) -> tuple[Mention, ...]:
        """The oldest notices of one kind, marked with `batch`, oldest first. A mark of before is forgotten."""
        ...

    def told(self, receiver: ReceiverId, batch: str) -> None:
        """Remove what bears this mark."""
        ...

    def forget(self, receiver: ReceiverId) -> None:
        """Remove all notices of a receiver."""
        ...

    def prune(self, before: datetime) -> int:
        """Remove notices of before that moment; returns how many there were."""
        ...

    def count(self, receiver: ReceiverId) -> int: ...


class Receivers(Protocol):
    def add(self, receiver: Receiver) -> None:
        """Of a client that names its callback. Adding it again changes nothing. Raises `NotFound` for one of another
        client."""
        ...

    def named(self, client: ClientId, url: str, limit: int) -> tuple[Receiver, ...]:
        """Receivers of this client at this address, the newest first."""
        ...

    def find(self, receiver: ReceiverId) -> Receiver | None: ...

    def keep(self, receiver: ReceiverId, callback: Callback, standing: Standing) -> None:
        """How it goes with a receiver. One of a destination is added when it is not there yet, and keeps the callback
        it was called with; that of a client stays as it was named."""
        ...

    def stopped_destinations(self) -> tuple[Receiver, ...]: ...

    def page(self, *, troubled: bool, offset: int, limit: int) -> tuple[int, tuple[Receiver, ...]]:
        """Newest first: total count and one page; only those that fail or are stopped, or all."""
        ...

    def prune(self, answering: Collection[DestinationId], limit: int) -> int:
        """Remove clients' receivers that nobody will be told anything through any more, at most so many, and take them
        from the messages that named them. One is needed while something is still to be told, while a message that names
        it can still have events, or while replies in its case, from a destination that is `answering`, go to it. How
        many there were."""
        ...

    def after(self, number: int, limit: int) -> tuple[tuple[int, Receiver], ...]:
        """The next ones by their numbers, to walk all of them."""
        ...

    def tally(self) -> Tally: ...
