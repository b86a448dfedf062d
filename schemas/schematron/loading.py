"""The files of a rule set → what a helper process is told of it."""

from pathlib import Path

from schemas.schematron.model import Check, Name
from schemas.schematron.rules import read_rules
from schemas.schematron.ruleset import KnownCheck, RuleSet, Word
from schemas.schematron.source import Source
from schemas.schematron.stylesheet import stylesheet_of


def load_rule_set(folder: Path, name: str) -> RuleSet:
    """The rule set in the file `name` of `folder`. Raises `Misconfigured` that says where what cannot be used is."""
    source = Source(folder, folder / name)
    schema = read_rules(source)
    rules = [rule for pattern in schema.patterns for rule in pattern.rules]
    checks = [step for rule in rules for step in rule.steps if isinstance(step, Check)]
    return RuleSet(
        name=name,
        digest=source.digest,
        stylesheet=stylesheet_of(schema),
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
