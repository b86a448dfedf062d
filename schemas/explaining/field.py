"""What a schema says of one place in a document."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from amtsbote.model.schema import Expectation

_LONGEST_NAME: Final = 120
_MOST_VALUES: Final = 10
_LONGEST_VALUE: Final = 80
_SHORT: Final = (
    "bspw",
    "bzw",
    "ca",
    "etc",
    "evtl",
    "gem",
    "ggf",
    "inkl",
    "max",
    "min",
    "sog",
    "usw",
    "vgl",
    "Abs",
    "Nr",
)
_NOT_SHORT: Final = "".join(rf"(?<!\b{word})" for word in (*_SHORT, r"\w"))
_SENTENCE: Final = re.compile(rf"(.{{20,}}?{_NOT_SHORT}[.!?])\s+[A-ZÄÖÜ0-9]")
"""Up to a mark that ends a sentence, and not an abbreviation."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str = ""
    """As the documentation of the schema calls it."""
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What is demanded, e.g. `maxLength` → `("50",)`."""

    def expected(self, wanted: Sequence[str]) -> tuple[Expectation, ...]:
        """Those of the facts, cut to what a person reads."""
        return tuple(_expectation(fact, self.facts[fact]) for fact in wanted if self.facts.get(fact))


def _expectation(fact: str, values: Sequence[str]) -> Expectation:
    """A pattern that is cut would be another one, so a long one is left out."""
    readable = [value for value in values if len(value) <= _LONGEST_VALUE][:_MOST_VALUES]
    return Expectation(fact, tuple(readable), more=len(readable) < len(values))


def name_from(documentation: str) -> str:
    """The first sentence, cut where a line of a report ends."""
    text = " ".join(documentation.split())
    first = (found[1] if (found := _SENTENCE.match(text)) else text).removesuffix(".")
    return first if len(first) <= _LONGEST_NAME else f"{first[: _LONGEST_NAME - 1].rstrip()}…"
