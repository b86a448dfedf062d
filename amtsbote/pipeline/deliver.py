"""Step 4, deliver: hand verified parts to one target."""

from collections.abc import Mapping
from dataclasses import dataclass

from amtsbote.api.adapter import Adapter, Delivered, Outcome, VerifiedParts, WorkOrder


@dataclass(frozen=True, slots=True)
class Attempted:
    """What the target said to this attempt."""

    outcome: Outcome

    def told(self) -> Mapping[str, str]:
        match self.outcome:
            case Delivered(reference):
                return {"outcome": "delivered", "reference": reference}
            case other:
                return {"outcome": type(other).__name__.lower(), "reason": other.reason}


async def deliver_message(order: WorkOrder, parts: VerifiedParts, adapter: Adapter) -> Attempted:
    """At least once with a stable key; the adapter makes the effect exactly once."""
    return Attempted(await adapter.deliver(order, parts))
