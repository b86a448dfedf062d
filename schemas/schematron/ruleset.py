"""A rule set ready to run: what a helper process is told of it, and what its finds mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Final, Literal

from amtsbote.model.schema import Severity
from schemas.schematron.model import Check, Kind, Name
from schemas.schematron.rules import read_rules
from schemas.schematron.source import Source
from schemas.schematron.stylesheet import stylesheet_of

MASK: Final = "…"
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
        return "".join(chain.from_iterable(zip_longest(self.texts, said, fillvalue=""))).strip()


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


def load_rule_set(folder: Path, name: str, *, phase: str = "", quoting: bool = False) -> RuleSet:
    """The rule set in the file `name` of `folder`. `quoting`: messages carry values of the document.

    Raises `Misconfigured` that says where what is that cannot be used.
    """
    source = Source(folder, folder / name)
    schema = read_rules(source, phase)
    rules = [rule for pattern in schema.patterns for rule in pattern.rules]
    checks = [step for rule in rules for step in rule.steps if isinstance(step, Check)]
    return RuleSet(
        name=name,
        digest=source.digest,
        stylesheet=stylesheet_of(schema, quoting=quoting),
        rules=tuple(rule.label for rule in rules),
        checks=tuple(map(_known, checks)),
    )


def _known(check: Check) -> KnownCheck:
    texts, words = [""], list[Word]()
    for piece in check.message:
        if isinstance(piece, str):
            texts[-1] += piece
        else:
            words.append("name" if isinstance(piece, Name) else "value")
            texts.append("")
    return KnownCheck(check.kind, check.id, check.severity, tuple(texts), tuple(words))
