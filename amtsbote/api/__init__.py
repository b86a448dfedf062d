"""Contracts with more than one implementation or with third-party authors: adapter, envelope, persistence.

Adapters of third parties import this package and nothing else of ours.
"""

from amtsbote.api.adapter import (
    Adapter,
    AdapterKind,
    AdapterServices,
    Delivered,
    Misfit,
    Original,
    Outcome,
    Readiness,
    Ready,
    Refused,
    Retry,
    Unavailable,
    Unknown,
    VerifiedAttachment,
    VerifiedParts,
    WorkOrder,
)
from amtsbote.api.operations import Around, Disk, unobserved
from amtsbote.api.returning import Document, Receipt, ReceiptState, Refusal, Returned, Returning, Shown, Unfit, Unread
from amtsbote.api.threads import AllStuck, OwnThreads
from amtsbote.model.answer import AnswerKind

__all__ = [
    "Adapter",
    "AdapterKind",
    "AdapterServices",
    "AllStuck",
    "AnswerKind",
    "Around",
    "Delivered",
    "Disk",
    "Document",
    "Misfit",
    "Original",
    "Outcome",
    "OwnThreads",
    "Readiness",
    "Ready",
    "Receipt",
    "ReceiptState",
    "Refusal",
    "Refused",
    "Retry",
    "Returned",
    "Returning",
    "Shown",
    "Unavailable",
    "Unfit",
    "Unknown",
    "Unread",
    "VerifiedAttachment",
    "VerifiedParts",
    "WorkOrder",
    "unobserved",
]
