"""Judging a document layer by layer: what a check of one layer is, and how their findings become one report."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from lxml import etree

from amtsbote.model.schema import Layer, LayerOutcome, Severity
from schemas.findings import Observation, layer_of
from schemas.plan import MAX_FINDINGS, Report, SchemaPlan

_FIRST_OF_LAYER, _OTHER_ERROR, _WARNING = range(3)


class Check(Protocol):
    """Judges one layer of a parsed document. Compiled once; called for every document, and does not change it."""

    @property
    def layer(self) -> Layer: ...

    def findings(self, root: etree._Element) -> Iterator[Observation]:
        """In the order of the document, one by one: nobody asks on when there are enough errors."""


class Tally:
    """The outcome of every layer of one document, as the checks come in."""

    def __init__(self, plan: SchemaPlan) -> None:
        self._outcomes = dict(plan.layers)
        self._findings: list[Observation] = []
        self._more = False

    def take(self, layer: Layer, findings: Iterable[Observation]) -> bool:
        """Whether the layer has passed. At most `MAX_FINDINGS` of each severity are kept."""
        seen: Counter[Severity] = Counter()
        kept: dict[Observation, None] = {}
        for finding in findings:
            seen[finding.severity] += 1
            if seen[finding.severity] <= MAX_FINDINGS:
                kept[finding] = None
                continue
            self._more = True
            if finding.severity is Severity.ERROR:
                break
        failed = bool(seen[Severity.ERROR])
        if failed or self._outcomes[layer] is not LayerOutcome.FAILED:
            self._outcomes[layer] = LayerOutcome.FAILED if failed else LayerOutcome.PASSED
        self._findings += kept
        return not failed

    @property
    def valid(self) -> bool:
        return LayerOutcome.FAILED not in self._outcomes.values()

    def report(self, facts: Mapping[str, str] | None = None) -> Report:
        findings = _most_important(self._findings)
        return Report(self._outcomes, findings, self._more or len(findings) < len(self._findings), facts or {})


def _most_important(findings: list[Observation]) -> tuple[Observation, ...]:
    """At most `MAX_FINDINGS`, in their order: an error of every layer that has one, before other errors, before
    warnings."""
    ranks = list(_ranks(findings))
    chosen = sorted(range(len(findings)), key=ranks.__getitem__)[:MAX_FINDINGS]
    return tuple(findings[number] for number in sorted(chosen))


def _ranks(findings: Iterable[Observation]) -> Iterator[int]:
    begun: set[Layer] = set()
    for finding in findings:
        if finding.severity is Severity.WARNING:
            yield _WARNING
        elif (layer := layer_of(finding.code)) in begun:
            yield _OTHER_ERROR
        else:
            begun.add(layer)
            yield _FIRST_OF_LAYER
