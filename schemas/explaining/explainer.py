"""A finding with the name of its field, what the schema demands there, and what a second look has seen."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Final, Protocol

from amtsbote.model.schema import Finding, Layer
from schemas.confinement import HelperLimits
from schemas.explaining.insight import Asked, Insight
from schemas.explaining.second_looks import Misses, SecondLooks
from schemas.explaining.xsd_explainer import XsdExplainer
from schemas.plan import SchemaPlan

_OF_THE_WHOLE: Final = frozenset({"DOC-ROOT", "DOC-NAMESPACE", "DOC-OTHER"})
"""Codes about the document as such: they have no field."""
_MOST_KNOWN: Final = 16
"""Schemas whose documentation is kept in memory."""


class Explainer(Protocol):
    """Of the documents of one schema."""

    def asked(self, finding: Finding) -> Asked | None:
        """What a second look is asked about it; None where it would tell nothing."""

    def explained(self, finding: Finding, insight: Insight | None = None) -> Finding:
        """The same finding in better words. `insight`: what the second look has seen."""


def explainer_of(plan: SchemaPlan) -> Explainer:
    """Raises `Misconfigured` when the files of the schema cannot be read."""
    if not plan.json_schema:
        return XsdExplainer(plan)
    from schemas.explaining.json_explainer import JsonExplainer  # noqa: PLC0415  (no JSON, no need of its modules)

    return JsonExplainer(plan)


class Explainers:
    """Of many schemas, each read when there is something to explain. `close` at the end."""

    def __init__(self, limits: HelperLimits, misses: Misses | None = None) -> None:
        """`misses`: where they are counted together with those of others."""
        self.misses = Misses() if misses is None else misses
        self._looks = SecondLooks(limits, self.misses)
        self._changing = Lock()
        self._known: OrderedDict[tuple[str, bool], Explainer] = OrderedDict()

    def explained(self, plan: SchemaPlan, findings: Sequence[Finding], document: bytes) -> tuple[Finding, ...]:
        """The same findings, one by one."""
        if not findings:
            return ()
        explainer = self._explainer(plan)
        open_ = {number: found for number, found in enumerate(findings) if _has_a_field(found)}
        asked = {number: each for number, found in open_.items() if (each := explainer.asked(found))}
        seen = dict(zip(asked, self._looks.insights(plan, document, tuple(asked.values())), strict=True))
        told = {number: explainer.explained(found, seen.get(number)) for number, found in open_.items()}
        return tuple(told.get(number, found) for number, found in enumerate(findings))

    def _explainer(self, plan: SchemaPlan) -> Explainer:
        entry = (plan.xsd or plan.json_schema, plan.quotes)
        with self._changing:
            found = self._known.get(entry)
            if found is None:
                found = self._known[entry] = explainer_of(plan)
            self._known.move_to_end(entry)
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
            return found

    def close(self) -> None:
        self._looks.close()


def _has_a_field(finding: Finding) -> bool:
    return finding.layer is not Layer.WELL_FORMED and finding.code not in _OF_THE_WHOLE
