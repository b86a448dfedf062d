"""The layer of a service package's own rules: what its author knows and no schema says.

The helper answers with the number of a rule; its sentence is taken from the package, in the process that asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lxml import etree

from amtsbote.model.schema import Finding, Layer, Severity
from schemas.findings import AGAINST_PACKAGE_RULES, Observation
from schemas.places import Places
from schemas.plan import RulePlan
from schemas.xpath import compiled, condition, raise_out_of_memory


class PackageRules:
    """Compiled rules of one plan. Raises `Misconfigured` when one cannot be compiled. Runs in the helper processes."""

    layer: Final = Layer.PACKAGE_RULES

    def __init__(self, rules: Sequence[RulePlan], prefixes: Mapping[str, str], places: Places) -> None:
        self._places = places
        self._rules = [
            (rule.severity, compiled(rule.context, prefixes), condition(rule.test, prefixes)) for rule in rules
        ]

    def findings(self, root: etree._Element) -> Iterator[Observation]:
        for number, (severity, context, test) in enumerate(self._rules):
            met = root
            try:
                for met in _elements(context, root):
                    if not test(met):
                        yield self._seen("PKG-RULE", met, severity, number)
            except etree.XPathError as failed:
                raise_out_of_memory(failed)
                yield self._seen("PKG-ERROR", met, Severity.ERROR, number)

    def _seen(self, code: str, element: etree._Element, severity: Severity, number: int) -> Observation:
        path, line = self._places.path(element), element.sourceline or 0
        return Observation(code, path, line, severity=severity, rule=number)


def _elements(context: etree.XPath, root: etree._Element) -> Iterator[etree._Element]:
    found = context(root)
    for node in found if isinstance(found, list) else [found]:
        if not etree.iselement(node) or not isinstance(node.tag, str):
            raise etree.XPathResultError("a rule is judged per element")
        yield node


def credible(seen: Observation, rules: Sequence[RulePlan]) -> bool:
    """Whether a helper can have said this."""
    if seen.code not in AGAINST_PACKAGE_RULES:
        return seen.rule is None
    if seen.rule is None or not 0 <= seen.rule < len(rules):
        return False
    own = rules[seen.rule].severity if seen.code == "PKG-RULE" else Severity.ERROR
    return seen.severity is own and not seen.type_name and not seen.expected


def finding_of_rule(seen: Observation, rule: RulePlan) -> Finding:
    """In the words of the package, where the rule is broken."""
    sentence = AGAINST_PACKAGE_RULES[seen.code]
    de, en = (rule.de, rule.en) if seen.code == "PKG-RULE" else (sentence.de, sentence.en)
    return Finding(seen.code, Layer.PACKAGE_RULES, seen.severity, de, en, seen.path, seen.line, rule.id)
