"""An adapter that delivers into memory and gives back from there: for tests, and the smallest example for authors.

It is no registered kind: a target that forgets everything at the next restart must not be configurable.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock

from adapters.checked import attachment_source, data_source, original_source
from amtsbote.api import (
    Delivered,
    Outcome,
    Readiness,
    Ready,
    Receipt,
    ReceiptState,
    Refusal,
    Returned,
    VerifiedParts,
    WorkOrder,
)
from amtsbote.model.ids import DeliveryId, MessageId


@dataclass(frozen=True, slots=True)
class Kept:
    """One delivered message."""

    order: WorkOrder
    data: bytes
    attachments: tuple[bytes, ...]
    original: bytes | None = None


@dataclass(slots=True)
class MemoryTarget:
    """Stands for the local software: outlives every adapter that delivers to it."""

    messages: dict[DeliveryId, Kept] = field(default_factory=dict)
    answers: dict[str, Returned] = field(default_factory=dict)
    """What it gives back, by item; the software numbers them."""
    settled: dict[str, Refusal | None] = field(default_factory=dict)
    """Items that were acknowledged, or refused with this reason."""
    receipts: dict[MessageId, Receipt] = field(default_factory=dict)
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
            original = None if parts.original is None else b"".join(original_source(parts.original).read())
            self._target.keep(Kept(order, data, attachments, original))
        return Delivered(f"memory:{order.delivery}")

    async def collect(self, limit: int, skip: Collection[str]) -> list[Returned]:
        left_out = {*self._target.settled, *skip}
        waiting = (answer for item, answer in self._target.answers.items() if item not in left_out)
        return list(islice(waiting, limit))

    async def show(self, item: str) -> Returned | None:
        return None if item in self._target.settled else self._target.answers.get(item)

    async def acknowledge(self, item: str, receipt: Receipt) -> None:
        self._target.settled[item] = None
        await self.tell(receipt)

    async def refuse(self, item: str, refusal: Refusal) -> None:
        self._target.settled[item] = refusal

    async def tell(self, receipt: Receipt) -> None:
        if receipt.state is not ReceiptState.PASSED_ON or receipt.reply not in self._target.receipts:
            self._target.receipts[receipt.reply] = receipt

    async def close(self) -> None:
        """There is nothing to close."""
