"""A rule set ready to run: what a helper process is told of it, and what its finds mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, Final, Literal, Self

from amtsbote.model.schema import Severity
from schemas.schematron.model import Kind

MASK: Final = "…"
MAX_WORD: Final = 200
"""Of a value that a message quotes."""
_LONGEST: Final = 1000
Word = Literal["name", "value"]


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """An assert or a report. Its message is texts and, between them, words of the document."""

    kind: Kind
    id: str
    severity: Severity
    texts: Sequence[str]
    words: Sequence[Word]

    def message(self, words: Sequence[str]) -> str:
        """The author's own sentence. Without `words` what the document says is left out."""
        said = (words or (MASK,) * len(self.words))[: len(self.words)]
        message = "".join(chain.from_iterable(zip_longest(self.texts, said, fillvalue=""))).strip()
        return message if len(message) <= _LONGEST else f"{message[:_LONGEST]}{MASK}"


@dataclass(frozen=True, slots=True)
class RuleSet:
    name: str
    """The file, as it was declared."""
    digest: str
    """SHA-256 over the files it consists of."""
    stylesheet: str
    rules: Sequence[str]
    """Id or context of each rule."""
    checks: Sequence[KnownCheck]
    quoting: bool = False
    """Whether messages carry values of the document."""

    @classmethod
    def told(cls, plain: Mapping[str, Any]) -> Self:
        """From what `asdict` made of it."""
        checks = (KnownCheck(**{**each, "severity": Severity(each["severity"])}) for each in plain["checks"])
        return cls(**{**plain, "checks": tuple(checks)})
