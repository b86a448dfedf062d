"""The verdict of xmlschema on one document, for schemas that libxml2 does not compile. Runs in the helper processes."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import islice
from typing import Any, Final

import xmlschema
from lxml import etree
from xmlschema.loaders import SafeSchemaLoader
from xmlschema.validators import (
    XMLSchemaChildrenValidationError,
    XMLSchemaValidationError,
    XsdElement,
    XsdKey,
    XsdKeyref,
)
from xmlschema.validators.attributes import XsdAttributeGroup
from xmlschema.validators.identities import XsdIdentity

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Layer
from schemas.findings import Observation
from schemas.places import Places
from schemas.plan import SchemaPlan
from schemas.xsd import XSD, documentation

_BY_VALIDATOR: Final[Mapping[str, str]] = {
    "XsdPatternFacets": "XSD-PATTERN",
    "XsdEnumerationFacets": "XSD-ENUMERATION",
    "XsdLengthFacet": "XSD-LENGTH",
    "XsdMinLengthFacet": "XSD-LENGTH",
    "XsdMaxLengthFacet": "XSD-LENGTH",
    "XsdMinInclusiveFacet": "XSD-RANGE",
    "XsdMaxInclusiveFacet": "XSD-RANGE",
    "XsdMinExclusiveFacet": "XSD-RANGE",
    "XsdMaxExclusiveFacet": "XSD-RANGE",
    "XsdTotalDigitsFacet": "XSD-DIGITS",
    "XsdFractionDigitsFacet": "XSD-DIGITS",
    "XsdAssert": "XSD-ASSERT",
    "XsdAssertionFacet": "XSD-ASSERT",
    "XsdAtomicBuiltin": "XSD-TYPE",
    "XsdAtomicRestriction": "XSD-TYPE",
    "XsdUnion": "XSD-TYPE",
    "XsdList": "XSD-TYPE",
}
"""Class of the component that was not met → code."""
_KEY: Final = re.compile(r"(duplicated value|value) .*for \w+\(name='([^']*)'\)(?: \(\d+ times\))?", re.DOTALL)
_NO_KEY: Final = "missing key field "
_ATTRIBUTE: Final = re.compile(r"(?:missing required attribute |use of attribute )?'([^']*)'")


def compiled(plan: SchemaPlan) -> xmlschema.XMLSchemaBase:
    """By xmlschema, in its mode for XSD 1.1 where the schema needs that. Raises `Misconfigured`."""
    make = xmlschema.XMLSchema11 if plan.slow else xmlschema.XMLSchema10
    try:
        schema = make(plan.xsd, allow="sandbox", base_url=plan.folder, defuse="always", loader_class=SafeSchemaLoader)
    except xmlschema.XMLSchemaException as cause:
        raise Misconfigured(
            f"{plan.package}: {plan.xsd} does not compile: {cause}",
            f"{plan.package}: {plan.xsd} lässt sich nicht übersetzen: {cause}",
        ) from cause
    schema.is_valid("<x/>")  # what is loaded at the first use must be here before the process is sealed
    return schema


class SlowXsd:
    """Compiled schema of one plan. Raises `Misconfigured` when it cannot be compiled."""

    layer: Final = Layer.XSD

    def __init__(self, plan: SchemaPlan, places: Places) -> None:
        self._places = places
        self._schema = compiled(plan)

    def findings(self, root: etree._Element) -> Iterator[Observation]:
        source: Any = _without_comments(root)  # xmlschema takes elements of lxml, its annotation does not say so
        for error in self._schema.iter_errors(source):
            if _is_of_references(error):
                continue
            element = _element(error, root)
            path, type_name = self._places.path(element), self._places.type_of(element)
            if isinstance(error.validator, XsdAttributeGroup) and (named := _ATTRIBUTE.match(error.reason or "")):
                path, type_name = f"{path}/@{self._places.attribute(named[1])}", ""
            code = _code(error)
            if code == "XSD-KEY" and (constraint := _constraint(error)) is not None:
                type_name = self._places.constraint(constraint.name) or type_name
            assertion = self._assertion(error) if code == "XSD-ASSERT" else None
            yield Observation(
                code, path, element.sourceline or 0, type_name, self._expected(error), assertion=assertion
            )

    def _assertion(self, error: XMLSchemaValidationError) -> int | None:
        node: Any = getattr(error.validator, "elem", None)
        return None if node is None else self._places.assertion(node.get("test", "").strip(), documentation(node))

    def _expected(self, error: XMLSchemaValidationError) -> tuple[str, ...]:
        if not isinstance(error, XMLSchemaChildrenValidationError):
            return ()
        names = (getattr(each, "name", None) for each in error.expected or ())
        return tuple(shown for name in names if name is not None and (shown := self._places.name(name)))[:10]


def _is_of_a_key(reason: str) -> bool:
    return reason.startswith(_NO_KEY) or _KEY.fullmatch(reason) is not None


def _constraint(error: XMLSchemaValidationError) -> XsdIdentity | None:
    """The identity constraint that was not met, where it is one alone: of a reference xmlschema names the key."""
    element = error.validator
    if not isinstance(element, XsdElement):
        return None
    found: list[XsdIdentity]
    named = _KEY.fullmatch(error.reason or "")
    if named is None:
        found = [each for each in element.selected_by if isinstance(each, XsdKey)]
    elif named[1] == "value":
        found = [each for each in element.identities if isinstance(each, XsdKeyref) and _name(each.refer) == named[2]]
    else:
        found = [each for each in element.selected_by if each.prefixed_name == named[2]]
    return found[0] if len(found) == 1 else None


def _name(refer: object) -> str:
    return refer.prefixed_name if isinstance(refer, XsdIdentity) else ""


def _without_comments(root: etree._Element) -> etree._Element:
    """xmlschema takes a comment within a value for a child. The document itself stays as it is for later layers."""
    if next(root.iter(etree.Comment, etree.PI), None) is None:
        return root
    copy = deepcopy(root)
    etree.strip_tags(copy, etree.Comment, etree.PI)
    return copy


def _is_of_references(error: XMLSchemaValidationError) -> bool:
    """Whether it is about `xs:ID` or `xs:IDREF`: that layer has a grade of its own."""
    reason = error.reason or ""
    if isinstance(error.validator, xmlschema.XMLSchema11):
        return reason.startswith("IDREF ")
    return getattr(error.validator, "name", "") == f"{{{XSD}}}ID" and "duplicated xs:ID value" in reason


def _element(error: XMLSchemaValidationError, root: etree._Element) -> etree._Element:
    """What the error is about: of an element with a wrong child the child."""
    found: Any = error.elem
    element: etree._Element = root if found is None else found
    if isinstance(error, XMLSchemaChildrenValidationError) and error.invalid_tag is not None:
        return next(islice(element.iterchildren(etree.Element), error.index, None), element)
    return element


def _code(error: XMLSchemaValidationError) -> str:
    if isinstance(error, XMLSchemaChildrenValidationError):
        return "XSD-MISSING" if error.invalid_tag is None else "XSD-UNEXPECTED"
    if isinstance(error.validator, XsdAttributeGroup):
        missing = "missing required attribute" in (error.reason or "")
        return "XSD-ATTRIBUTE-MISSING" if missing else "XSD-ATTRIBUTE-UNKNOWN"
    if isinstance(error.validator, XsdElement) and _is_of_a_key(error.reason or ""):
        return "XSD-KEY"
    return _BY_VALIDATOR.get(type(error.validator).__name__.removeprefix("Xsd11").removeprefix("Xsd10"), "XSD-OTHER")
