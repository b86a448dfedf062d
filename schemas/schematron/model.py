"""What a rule set says, with nothing abstract left in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lxml import etree

from amtsbote.model.schema import Severity

Kind = Literal["assert", "report"]


@dataclass(frozen=True, slots=True)
class Name:
    """`sch:name`: the name of a node stands here in the message."""

    path: str


@dataclass(frozen=True, slots=True)
class Value:
    """`sch:value-of`: a value stands here in the message."""

    select: str


Piece = str | Name | Value


@dataclass(frozen=True, slots=True)
class Let:
    name: str
    value: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """An assert or a report."""

    kind: Kind
    id: str
    test: str
    severity: Severity
    subject: str
    message: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Rule:
    label: str
    """Its id, else its context."""
    context: str
    steps: Sequence[Let | Check]
    """In the order in which they stand: a check sees what was let before it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    lets: Sequence[Let]
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True)
class Schema:
    """A rule set in one phase."""

    compatible: bool
    """Whether expressions mean what they mean in XPath 1.0."""
    namespaces: Mapping[str, str]
    lets: Sequence[Let]
    declarations: Sequence[etree._Element]
    """What stands in XSLT beside the patterns: functions, keys, variables."""
    patterns: Sequence[Pattern]


_ERRORS: Final = ("fatal", "error")
_WARNINGS: Final = ("warning", "warn", "information", "info", "hint")
_SEVERITIES: Final = {**dict.fromkeys(_ERRORS, Severity.ERROR), **dict.fromkeys(_WARNINGS, Severity.WARNING)}


def severity_of(words: Sequence[str]) -> Severity:
    """The first word that says how grave it is; an error when none does."""
    return next((_SEVERITIES[word] for each in words if (word := each.strip().lower()) in _SEVERITIES), Severity.ERROR)
