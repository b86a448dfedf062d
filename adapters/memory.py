"""An adapter that delivers into memory: for tests, and the smallest example for authors of adapters.

It is no registered kind: a target that forgets everything at the next restart must not be configurable.
"""

from dataclasses import dataclass, field
from threading import Lock

from adapters.checked import attachment_source, data_source
from amtsbote.api import Delivered, Outcome, Readiness, Ready, VerifiedParts, WorkOrder
from amtsbote.model.ids import DeliveryId


@dataclass(frozen=True, slots=True)
class Kept:
    """One delivered message."""

    order: WorkOrder
    data: bytes
    attachments: tuple[bytes, ...]


@dataclass(slots=True)
class MemoryTarget:
    """Stands for the local software: outlives every adapter that delivers to it."""

    messages: dict[DeliveryId, Kept] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, message: Kept) -> None:
        """The first one stays."""
        with self._lock:
            self.messages.setdefault(message.order.delivery, message)


class MemoryAdapter:
    def __init__(self, target: MemoryTarget) -> None:
        self._target = target

    async def prepare(self) -> Readiness:
        return Ready()

    async def deliver(self, order: WorkOrder, parts: VerifiedParts) -> Outcome:
        if order.delivery not in self._target.messages:
            data = b"".join(data_source(parts).read())
            attachments = tuple(b"".join(attachment_source(each).read()) for each in parts.attachments)
            self._target.keep(Kept(order, data, attachments))
        return Delivered(f"memory:{order.delivery}")

    async def close(self) -> None:
        """There is nothing to close."""
