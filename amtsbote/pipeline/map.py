"""Between address and deliver, for a target that wants another version or format: the message in it, the original
beside.

Also when the message is sent as it is the step is recorded: the target has asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from hashlib import sha512
from typing import Final

from amtsbote.api.adapter import Original, VerifiedParts, WorkOrder
from amtsbote.errors import Damaged
from amtsbote.model.deadletter import Reason
from amtsbote.model.schema import Mapped, Postmark
from amtsbote.pipeline.steps import Held
from schemas.forms import NotMapped
from schemas.registry import SchemaRegistry

FAILURE: Final = "failure"
"""Names, among the details of what is held, the word for the delivery."""


@dataclass(frozen=True, slots=True)
class Suited:
    """A message as its target wants it. Made by `map_message` only."""

    order: WorkOrder
    parts: VerifiedParts

    def told(self) -> Mapping[str, str]:
        original = self.parts.original
        return {"form": "as sent"} if original is None else {"from": original.schema.uri, "to": self.order.schema.uri}


def map_message(order: WorkOrder, parts: VerifiedParts, wanted: Sequence[str], schemas: SchemaRegistry) -> Suited:
    """Raises `Held` when it cannot be had as the target wants it: it is never delivered otherwise."""
    try:
        form = schemas.forms.wanted(order.schema, wanted)
        if form is None:
            return Suited(order, parts)
        return _mapped(order, parts, schemas.translate(order.schema, form, _read(parts), _postmark(order)))
    except NotMapped as failed:
        raise Held(Reason.PROCESSING_FAILED, {FAILURE: failed.reason, "about": failed.about}) from None


def _postmark(order: WorkOrder) -> Postmark:
    at = order.submitted_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Postmark(order.message, at, order.authority, order.portal)


def _read(parts: VerifiedParts) -> bytes:
    document = b"".join(parts.data())
    if sha512(document).hexdigest() != parts.data_sha512.lower():
        raise Damaged("the data differs from what was verified")
    return document


def _mapped(order: WorkOrder, parts: VerifiedParts, made: Mapped) -> Suited:
    original = Original(order.schema, parts.data, parts.data_size, parts.data_sha512)
    digest = sha512(made.document).hexdigest()
    changed = replace(
        parts, data=lambda: iter((made.document,)), data_size=len(made.document), data_sha512=digest, original=original
    )
    return Suited(replace(order, schema=made.schema, package=made.package), changed)
