"""What a second look at one failing place tells beyond the validator's own error.

Names of the schema, numbers and paths: whoever has read the document says no sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A place that has failed, as the first look has found it."""

    code: str
    path: str
    key: str = ""
    """Of a key (`XSD-KEY`) the name of the identity constraint."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What one alternative wants of a JSON value."""

    code: str
    path: str
    """JSON Pointer."""
    expected: Sequence[str] = ()
    """Members that are missing."""
    keywords: Sequence[str] = ()
    """The way to it through the schema."""


@dataclass(frozen=True, slots=True)
class Insight:
    missing: Sequence[str] = ()
    """Elements one of which must stand here."""
    least: int = 0
    """How many of them there must be."""
    there: int = 0
    """How many of them there are."""
    most: int = 0
    """How often this element may be there, which is there once more."""
    before: str = ""
    """The element in front of which this one belongs."""
    behind: Sequence[str] = ()
    """Elements that come later, and behind which this one belongs."""
    rivals: Sequence[str] = ()
    """Elements that are there, and beside which this one may not be."""
    meant: str = ""
    """The element that may be here and is called as this one, in another namespace."""
    space: str | None = ""
    """The namespace that this one is in instead, empty for none; None for one that is the sender's word alone."""
    items: Sequence[int] = ()
    """Which items of a list are wrong, or which fields of a key are not there, counted from 1."""
    character: int = 0
    """Code point of the first character that may not be there; 0 where none is meant."""
    at: int = 0
    """Where it stands in the value, counted from 1."""
    other: str = ""
    """Path of where the same key stands first, or of what refers to nothing."""
    keywords: Sequence[str] = ()
    """The way through a JSON schema to what was not met, without its references."""
    nearest: int = 0
    """Which alternative of a choice comes nearest, counted from 1; 0 where none does more than others."""
    several: bool = False
    """Whether several alternatives fit, where only one may."""
    lacks: Sequence[Lack] = ()
    """What the nearest alternative wants."""
    value: str = ""
    """The key itself, where somebody asked for values."""
