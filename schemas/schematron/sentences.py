"""What a rule set says about a document, in the words of its author. Runs in this process, not in the helpers."""

import re
from collections.abc import Sequence
from typing import Final

from amtsbote.model.schema import Finding, Layer, Severity
from schemas.findings import AGAINST_RULES, NAME, SILENT, Observation, Stated
from schemas.schematron.ruleset import MASK, MAX_WORD, KnownCheck, RuleSet

_OF_NO_CHECK: Final = {"SCH-ERROR": Severity.ERROR, SILENT: Severity.WARNING}


def credible(seen: Observation, rule_sets: Sequence[RuleSet]) -> bool:
    """Whether a helper can have said this: it names what there is, and its words are of the kind that stands there."""
    stated = seen.stated
    if seen.code not in AGAINST_RULES:
        return stated is None
    if stated is None or not 0 <= stated.rule_set < len(rule_sets):
        return False
    rules = rule_sets[stated.rule_set]
    if stated.check is None:
        within = stated.rule is None or (seen.code == "SCH-ERROR" and 0 <= stated.rule < len(rules.rules))
        return within and not stated.words and _OF_NO_CHECK.get(seen.code) is seen.severity
    if stated.rule is not None or not 0 <= stated.check < len(rules.checks):
        return False
    check = rules.checks[stated.check]
    same = (seen.code, seen.severity) == (f"SCH-{check.kind.upper()}", check.severity)
    return same and _fitting(check, stated, quoting=rules.quoting)


def _fitting(check: KnownCheck, stated: Stated, *, quoting: bool) -> bool:
    def fits(kind: str, word: str) -> bool:
        if word == MASK or kind == "name":
            return word == MASK or re.fullmatch(NAME, word) is not None
        return quoting and len(word) <= MAX_WORD

    return len(stated.words) == len(check.words) and all(map(fits, check.words, stated.words))


def finding_of_rules(seen: Observation, stated: Stated, rule_sets: Sequence[RuleSet]) -> Finding:
    rules, sentence = rule_sets[stated.rule_set], AGAINST_RULES[seen.code]
    de, en, name = sentence.de, sentence.en, rules.name
    if stated.check is not None:
        check = rules.checks[stated.check]
        name = check.id
        if message := check.message(stated.words):
            de, en = message, f"{en} In the words of its author: {message}"
    elif stated.rule is not None:
        name = rules.rules[stated.rule]
    return Finding(seen.code, Layer.SCHEMATRON, seen.severity, de, en, seen.path, seen.line, name)
