"""Contracts with more than one implementation or with third-party authors: adapter, envelope, persistence.

Adapters of third parties import this package and nothing else of ours.
"""

from amtsbote.api.adapter import (
    Adapter,
    AdapterKind,
    AdapterServices,
    Delivered,
    Misfit,
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

__all__ = [
    "Adapter",
    "AdapterKind",
    "AdapterServices",
    "Around",
    "Delivered",
    "Disk",
    "Misfit",
    "Outcome",
    "Readiness",
    "Ready",
    "Refused",
    "Retry",
    "Unavailable",
    "Unknown",
    "VerifiedAttachment",
    "VerifiedParts",
    "WorkOrder",
    "unobserved",
]
