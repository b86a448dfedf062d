"""One compiled schema with all its layers, and its verdict on one document. Runs in the helper processes.

The document is parsed once. Its later layers are judged only when the XSD is satisfied: they may rely on it.
"""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Layer
from schemas.code_lists import CodeLists
from schemas.fast_xsd import FastXsd
from schemas.findings import Observation
from schemas.identifier import Agreement, Recognition
from schemas.layers import Check, Tally
from schemas.package_rules import PackageRules
from schemas.places import Places
from schemas.plan import MAX_FACT, Report, Scenario, SchemaPlan, quoting
from schemas.reading import Unreadable, read_document
from schemas.references import References


class Inspector:
    """Compiled schema of one plan. Raises `Misconfigured` when it cannot be compiled."""

    def __init__(self, plan: SchemaPlan, max_tags: int) -> None:
        self._plan = plan
        self._max_tags = max_tags
        self._places = Places(plan)
        self._agreement = Agreement(plan)
        self._xsd = _xsd(plan, self._places)
        self._later = tuple(_later(plan, self._places))
        try:
            self._facts = [
                (fact.name, etree.XPath(f"normalize-space({fact.at})", namespaces=dict(plan.prefixes)), fact.pattern)
                for fact in plan.facts
            ]
        except etree.XPathSyntaxError as cause:
            raise Misconfigured(
                f"{plan.package}: the XPath of a fact does not compile: {cause}",
                f"{plan.package}: Der XPath einer Angabe lässt sich nicht übersetzen: {cause}",
            ) from cause

    def inspect(self, document: bytes) -> Report:
        """With what stands at the places of its findings, where the plan says so."""
        return self.inspect_as(self._plan.root, self._plan.others, document)

    def inspect_as(self, message: str, others: Sequence[Scenario], document: bytes) -> Report:
        """The same by another message of the closed set. `message`: Clark name of its root."""
        tally = Tally(self._plan)
        try:
            root = read_document(document, self._max_tags, large_texts=self._plan.large_texts)
        except Unreadable as refused:
            tally.take(Layer.WELL_FORMED, (refused.seen,))
            return tally.report()
        tally.take(Layer.WELL_FORMED, ())
        if tally.take(Layer.XSD, self._against_schema(root, message, Recognition(others))):
            for check in self._later:
                tally.take(check.layer, check.findings(root))
        report = tally.report(dict(self._read_facts(root)) if tally.valid else None)
        return quoting(report, lambda path: self._places.value(root, path)) if self._plan.quotes else report

    def _against_schema(self, root: etree._Element, message: str, others: Recognition) -> Iterator[Observation]:
        if root.tag != message:
            yield self._places.wrong_root(root, message, others.match(root))
        elif not self._agreement.fits(root):
            yield self._another(root, others.match(root))
        else:
            for number, found in enumerate(self._xsd.findings(root)):
                if not number and self._agreement.of_other_version(root) and (other := others.match(root)) is not None:
                    yield self._another(root, other)
                yield found

    def _another(self, root: etree._Element, other: int | None) -> Observation:
        return Observation("DOC-OTHER", self._places.path(root), root.sourceline or 0, other=other)

    def _read_facts(self, root: etree._Element) -> Iterator[tuple[str, str]]:
        for name, xpath, pattern in self._facts:
            value = xpath(root)
            if isinstance(value, str) and len(value) <= MAX_FACT and re.fullmatch(pattern, value):
                yield name, str(value)


def _later(plan: SchemaPlan, places: Places) -> Iterator[Check]:
    """What is judged once the XSD is satisfied, in this order."""
    if plan.references is not None:
        yield References(places, plan.references)
    if plan.code_lists is not None:
        yield CodeLists(places, plan.code_lists)
    if plan.rule_sets:
        from schemas.schematron.check import SchematronCheck  # noqa: PLC0415  (brings Saxon, which need not be there)

        yield SchematronCheck(plan.rule_sets, places)
    if plan.rules:
        yield PackageRules(plan.rules, plan.prefixes, places)


def _xsd(plan: SchemaPlan, places: Places) -> Check:
    if not plan.slow:
        return FastXsd(plan, places)
    from schemas.slow_xsd import SlowXsd  # noqa: PLC0415  (xmlschema takes half a second to load)

    return SlowXsd(plan, places)
