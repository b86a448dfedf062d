"""The way of a message. Read from top to bottom: each step is one file beside this one.

    portal ─▶ open ─▶ inspect ─▶ address ─▶ deliver ─▶ confirm ─▶ portal

`process` is one job: it ends in an `Addressed` message with its targets, or leaves early as `Rejected` (the sender's
mistake: a reject event) or `Held` (a Klärungsfall: a person is needed). Each delivery is a job of its own: `deliver`
and `confirm`. Steps are pure: they know values and the readers handed to them, neither store nor network; only the
adapter that `deliver` is given touches the world. For a target that wants another version of a message, `map` comes
before `deliver`.
"""

from dataclasses import dataclass

from amtsbote.api.envelope import Envelope, KeyReader
from amtsbote.model.directory import Directory
from amtsbote.pipeline.address import Addressed, address_message
from amtsbote.pipeline.confirm import Confirmation, confirm_delivery
from amtsbote.pipeline.deliver import deliver_message
from amtsbote.pipeline.inspect import Inspected, inspect_message
from amtsbote.pipeline.map import map_message
from amtsbote.pipeline.open import Opened, Submitted, open_message
from amtsbote.pipeline.steps import Held, Recorder
from routing.resolver import Resolver
from schemas.registry import SchemaRegistry

STEPS = ("open", "inspect", "address", "deliver", "confirm")
"""The names of the steps in their order, as traces, metrics and fault campaigns use them."""

__all__ = [
    "STEPS",
    "Addressed",
    "Confirmation",
    "Held",
    "Inspected",
    "Opened",
    "Recorder",
    "Submitted",
    "Tools",
    "confirm_delivery",
    "deliver_message",
    "map_message",
    "process",
]


@dataclass(frozen=True, slots=True)
class Tools:
    """What the steps read with. One snapshot per message: a change of tables never reaches a message half way."""

    envelope: Envelope
    keys: KeyReader
    schemas: SchemaRegistry
    routes: Resolver
    directory: Directory


def process(submitted: Submitted, tools: Tools, record: Recorder) -> Addressed:
    """What came in → where it goes. Raises `Rejected` or `Held`; nothing else of the sender's leaves here."""
    opened = record.step("open", open_message, submitted, tools.envelope, tools.keys)
    inspected = record.step("inspect", inspect_message, opened, tools.schemas, tools.directory)
    decided = (submitted.assignment, submitted.follows)
    try:
        return record.step("address", address_message, inspected, tools.routes, tools.directory, *decided)
    except Held as held:
        held.facts = inspected.inspection.facts
        raise
