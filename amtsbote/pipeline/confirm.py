"""Step 5, confirm: what an attempt means for the delivery, the message and the portal."""

from collections.abc import Mapping
from dataclasses import dataclass

from amtsbote.api.adapter import Delivered, Refused, Retry, Unknown
from amtsbote.model.deadletter import Reason
from amtsbote.model.message import Delivery
from amtsbote.pipeline.deliver import Attempted


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The verdict on one attempt. Exactly one of delivered, again, or a reason for a person."""

    delivered: bool = False
    accepted: bool = False
    """The primary target has it: the portal gets its accept event."""
    again: bool = False
    held: Reason | None = None
    failure: str = ""

    def told(self) -> Mapping[str, str]:
        if self.delivered:
            return {"accepted": "yes" if self.accepted else "no, a copy"}
        return {"next": f"held: {self.held}" if self.held else "again", "failure": self.failure}


def confirm_delivery(delivery: Delivery, attempted: Attempted, *, last_attempt: bool) -> Confirmation:
    """*Accepted* means that the primary delivery is delivered. Copies retry alone."""
    match attempted.outcome:
        case Delivered():
            return Confirmation(delivered=True, accepted=delivery.primary)
        case Retry(reason) if not last_attempt:
            return Confirmation(again=True, failure=reason)
        case Retry(reason):
            return Confirmation(held=Reason.ATTEMPTS_USED_UP, failure=reason)
        case Refused(reason):
            return Confirmation(held=Reason.DELIVERY_REFUSED, failure=reason)
        case Unknown(reason):
            return Confirmation(held=Reason.DELIVERY_UNKNOWN, failure=reason)
