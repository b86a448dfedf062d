"""Versions of the routing tables and the change sets that become one. Days are German calendar days."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Mirrored:
    """Where a version comes from that another node has signed."""

    issuer: str
    """Address of its routing API."""
    version: int
    """The number it has there."""
    digest: str
    """SHA-256 over all tables, hexadecimal, as it was signed."""


@dataclass(frozen=True, slots=True)
class RoutingVersion:
    """What is known about a version beside its tables."""

    number: int
    at: datetime
    author: str
    reason: str
    effective: date
    """The first day it is in force on."""
    releaser: str | None
    """The second person; None where nobody else had to agree."""
    draft: int | None
    """The change set it came from."""
    mirrored: Mirrored | None = None
    """None for one that was made here."""


class DraftState(StrEnum):
    OPEN = "open"
    RELEASED = "released"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A change set as it is proposed."""

    at: datetime
    author: str
    reason: str
    base: int
    """The version it changes; 0 = nothing."""
    effective: date | None
    """None: from the day of its release on."""
    digest: str
    """Of base and tables: the same proposal twice is recognised."""
    mirrored: Mirrored | None = None
    """None for one that was made here."""


@dataclass(frozen=True, slots=True)
class RoutingDraft:
    number: int
    proposed: NewDraft
    state: DraftState
    settled_at: datetime | None
    settled_by: str | None
    version: int | None
    """What its release made."""
