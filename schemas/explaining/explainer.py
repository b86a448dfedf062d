"""A finding with the name of its field and what the schema demands there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from amtsbote.model.schema import Expectation, Finding, Layer
from schemas.explaining.field import Field
from schemas.explaining.words import told
from schemas.explaining.xsd_fields import XsdFields
from schemas.plan import SchemaPlan

ELEMENTS: Final = "elements"
_LENGTH: Final = ("length", "minLength", "maxLength")
_RANGE: Final = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
_WANTED: Final[Mapping[str, Sequence[str]]] = {
    "XSD-TYPE": ("type",),
    "XSD-PATTERN": ("pattern",),
    "XSD-ENUMERATION": ("enumeration",),
    "XSD-LENGTH": _LENGTH,
    "XSD-RANGE": _RANGE,
    "XSD-DIGITS": ("totalDigits", "fractionDigits"),
    "XSD-FIXED": ("fixed",),
    "JSON-TYPE": ("type",),
    "JSON-ENUM": ("enum",),
    "JSON-CONST": ("const",),
    "JSON-PATTERN": ("pattern",),
    "JSON-FORMAT": ("format",),
    "JSON-LENGTH": ("minLength", "maxLength"),
    "JSON-RANGE": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "JSON-MULTIPLE": ("multipleOf",),
    "JSON-COUNT": ("minItems", "maxItems"),
}
"""Code of a finding → facts of the schema that say what would be right."""


class _Fields(Protocol):
    def at(self, path: str) -> Field: ...


_OF_THE_WHOLE: Final = frozenset({"DOC-ROOT", "DOC-OTHER"})
"""Codes about the document as such: they have no field."""


class Explainer:
    """Of one schema. Raises `Misconfigured` when its files cannot be read."""

    def __init__(self, plan: SchemaPlan) -> None:
        self._fields: _Fields = _fields(plan)

    def explained(self, finding: Finding) -> Finding:
        if finding.layer is Layer.WELL_FORMED or finding.code in _OF_THE_WHOLE:
            return finding
        field = self._fields.at(finding.path)
        expected = (*finding.expected, *field.expected(_WANTED.get(finding.code, ())))
        facts = [each for each in expected if each.what != ELEMENTS]  # those are in the sentence already
        return replace(
            finding,
            field=self._awaited(finding) or field.name,
            expected=expected,
            de=" ".join((finding.de, *(told(each, "de") for each in facts))).rstrip(),
            en=" ".join((finding.en, *(told(each, "en") for each in facts))).rstrip(),
        )

    def _awaited(self, finding: Finding) -> str:
        """The field that is missing, where it is one alone."""
        match finding.expected:
            case (Expectation(what="elements", values=(name,)),):
                above = finding.path if finding.code.endswith(_HERE) else finding.path.rpartition("/")[0]
                return self._fields.at(f"{above}/{name}").name
        return ""


_HERE: Final = ("-MISSING", "-REQUIRED")
"""Codes whose path is that of the element in which something is missing."""


class Explainers:
    """Of many schemas, each read when there is something to explain."""

    def __init__(self) -> None:
        self._known: dict[str, Explainer] = {}

    def explained(self, plan: SchemaPlan, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        if not findings:
            return ()
        place = plan.xsd or plan.json_schema
        if place not in self._known:
            self._known[place] = Explainer(plan)
        return tuple(map(self._known[place].explained, findings))


def _fields(plan: SchemaPlan) -> _Fields:
    if not plan.json_schema:
        return XsdFields(plan)
    from schemas.explaining.json_fields import JsonFields  # noqa: PLC0415  (an installation without JSON needs none)

    return JsonFields(plan)
