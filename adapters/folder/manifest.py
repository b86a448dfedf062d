"""`manifest.json`: what a Fachverfahren or a person needs to know of a delivered folder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from adapters.folder.names import attachment_name, data_name, original_name
from amtsbote.api import Original, VerifiedAttachment, VerifiedParts, WorkOrder

VERSION: Final = 1
"""Raised when a field changes its meaning or goes away; new fields may appear at any time."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which part lies under which name."""

    data: str
    attachments: tuple[tuple[str, VerifiedAttachment], ...]
    original: tuple[str, Original] | None
    """The data as it was sent, where `data` is mapped."""


def layout(order: WorkOrder, parts: VerifiedParts) -> Layout:
    numbered = enumerate(parts.attachments, start=1)
    attachments = tuple((attachment_name(n, attachment.about), attachment) for n, attachment in numbered)
    original = None if parts.original is None else (original_name(parts.original.schema), parts.original)
    return Layout(data_name(order.schema), attachments, original)


def manifest(order: WorkOrder, parts: VerifiedParts, names: Layout, written_at: datetime) -> bytes:
    """UTF-8 JSON, but ASCII only: text of the sender cannot turn a terminal or a log around (bidi controls), and a lone
    surrogate in a file name still has a form."""
    document = {
        "format": "amtsbote-manifest",
        "version": VERSION,
        "kind": order.kind.value,
        "test": order.test,
        "ids": _ids(order),
        "service": {"key": order.service, "name": order.service_name},
        "region": order.region,
        "schema": {"uri": order.schema.uri, "mimeType": order.schema.mime_type},
        "package": order.package,
        "metadata": {"version": order.metadata_version, "fullyValidated": order.fully_validated},
        "signature": {
            "verdict": order.signature.verdict.value,
            "reason": order.signature.reason,
            "key": order.signature.key,
            "marked": order.marked,
        },
        "times": {"submitted": _moment(order.submitted_at), "written": _moment(written_at)},
        "senderReference": order.sender_reference,
        "data": {
            "file": names.data,
            "mimeType": order.schema.mime_type,
            "size": parts.data_size,
            "sha512": parts.data_sha512,
        },
        **_original(names),
        "attachments": _attachments(names.attachments),
    }
    return json.dumps(document, ensure_ascii=True, indent=2).encode("ascii") + b"\n"


def _original(names: Layout) -> dict[str, Any]:
    """Nothing where the data is what was sent."""
    if names.original is None:
        return {}
    name, original = names.original
    schema = {"uri": original.schema.uri, "mimeType": original.schema.mime_type}
    return {"original": {"file": name, "schema": schema, "size": original.size, "sha512": original.sha512}}


def _ids(order: WorkOrder) -> dict[str, str]:
    return {
        "message": order.message,
        "case": order.case,
        "delivery": order.delivery,
        "destination": order.destination,
        "authority": order.authority,
        "target": order.target,
        "portal": order.portal,
    }


def _attachments(attachments: Sequence[tuple[str, VerifiedAttachment]]) -> list[dict[str, Any]]:
    return [
        {
            "id": attachment.about.id,
            "file": name,
            "mimeType": attachment.about.mime_type,
            "size": attachment.about.size,
            "sha512": attachment.about.sha512,
            "purpose": attachment.about.purpose,
            "originalName": attachment.about.filename,
            "description": attachment.about.description,
        }
        for name, attachment in attachments
    ]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
