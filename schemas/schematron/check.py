"""The layer Schematron: rule sets over a parsed document. Runs in the helper processes."""

from collections.abc import Iterator, Sequence
from typing import Final

from lxml import etree

from amtsbote.model.schema import Layer, Severity
from schemas.findings import SILENT, Observation, Stated
from schemas.places import Places
from schemas.schematron.engine import Engine, Find
from schemas.schematron.ruleset import MASK, MAX_WORD, RuleSet


class SchematronCheck:
    """Compiled rule sets of one plan. Raises `Misconfigured` when one cannot be compiled."""

    layer: Final = Layer.SCHEMATRON

    def __init__(self, rule_sets: Sequence[RuleSet], places: Places) -> None:
        self._rule_sets = rule_sets
        self._places = places
        self._engine = Engine(rule_sets)

    def findings(self, root: etree._Element) -> Iterator[Observation]:
        for number, (rules, outcome) in enumerate(zip(self._rule_sets, self._engine.run(root), strict=True)):
            if rules.rules and not outcome.fired and not outcome.finds:
                yield Observation(SILENT, severity=Severity.WARNING, stated=Stated(number))
            for find in outcome.finds:
                yield self._observed(number, rules, find)

    def _observed(self, number: int, rules: RuleSet, find: Find) -> Observation:
        path = self._places.path(find.element)
        if find.attribute:
            path += f"/@{self._places.attribute(find.attribute.removeprefix('{}'))}"
        line = find.element.sourceline or 0
        if find.check is None:
            return Observation("SCH-ERROR", path, line, stated=Stated(number, rule=find.rule))
        check = rules.checks[find.check]
        words = tuple(
            word[:MAX_WORD] if kind == "value" else self._named(word.removeprefix("{}"))
            for kind, word in zip(check.words, find.words, strict=True)
        )
        stated = Stated(number, check=find.check, words=words)
        return Observation(f"SCH-{check.kind.upper()}", path, line, severity=check.severity, stated=stated)

    def _named(self, clark: str) -> str:
        """In a sentence, where a prefix only stands in the way."""
        shown = self._places.name(clark)
        return MASK if shown is None else shown.rpartition(":")[2]
