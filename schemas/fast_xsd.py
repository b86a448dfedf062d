"""The verdict of libxml2 on one document. Runs in the helper processes."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml import etree

from amtsbote.errors import Misconfigured
from amtsbote.model.schema import Layer
from schemas.findings import Observation, code_of
from schemas.places import Places
from schemas.plan import SchemaPlan
from schemas.reading import load_schema
from schemas.types import Kind, Typing

_STEP: Final = re.compile(r"([^\[\]/]+)(?:\[(\d+)\])?")
_ATTRIBUTE: Final = re.compile(r"Element '[^']*', attribute '([^']*)':")
_IDENTITY: Final = re.compile(
    r"Element '[^']*', attribute '([^']*)': '[^']*' is not a valid value of the atomic type 'xs:ID'\.$"
)
_MISSING_ATTRIBUTE: Final = re.compile(r"Element '[^']*': The attribute '([^']*)' is required but missing\.")
_MISSING_CHILD: Final = re.compile(r"Element '[^']*': Missing child element\(s\)\.")
_LIST_IS_WRONG: Final = "SCHEMAV_CVC_DATATYPE_VALID_1_2_2"
"""Said after what is wrong with the list: one of its items, or their number."""
_CONSTRAINT: Final = re.compile(r"(?:identity-constraint|keyref) '([^']*)'(?: evaluate to a node)?\.$")
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\( ([^()]*) \)\.$")


class FastXsd:
    """Compiled schema of one plan. Raises `Misconfigured` when it cannot be compiled."""

    layer: Final = Layer.XSD

    def __init__(self, plan: SchemaPlan, places: Places) -> None:
        self._places = places
        try:
            self._schema = load_schema(plan.xsd)
        except etree.XMLSchemaParseError as cause:
            raise Misconfigured(
                f"{plan.package}: {plan.xsd} does not compile: {cause}",
                f"{plan.package}: {plan.xsd} lässt sich nicht übersetzen: {cause}",
            ) from cause

    def findings(self, root: etree._Element) -> Iterator[Observation]:
        if self._satisfied(root):
            return
        last: Observation | None = None
        for entry in self._schema.error_log:
            if self._repeats_identity(root, entry):
                continue
            found = self._observe(root, entry)
            echo = entry.type_name == _LIST_IS_WRONG and last is not None and found.path == last.path
            if not echo:
                yield found
                last = found

    def _satisfied(self, root: etree._Element) -> bool:
        try:
            return self._schema.validate(root)
        except etree.XMLSchemaValidateError:
            return False  # a limit of libxml2, e.g. of its regular expressions; the log says where

    def _repeats_identity(self, root: etree._Element, entry: etree._LogEntry) -> bool:
        """Whether an `xs:ID` is all right but for the other one like it: `references` judges that, by its own grade."""
        named = _IDENTITY.match(entry.message)
        if named is None:
            return False
        element = _locate(root, entry)
        attribute = Typing(self._places.types).shape(element).attributes.get(named.group(1))
        return attribute is not None and attribute.kind is Kind.ID and _is_name(element.get(named.group(1), ""))

    def _observe(self, root: etree._Element, entry: etree._LogEntry) -> Observation:
        if entry.type_name == "ERR_NO_MEMORY":
            raise MemoryError
        code = code_of(entry.type_name)
        message = entry.message
        if code == "XSD-UNEXPECTED" and _MISSING_CHILD.match(message):
            code = "XSD-MISSING"
        element = _locate(root, entry)
        path, type_name = self._places.path(element), self._places.type_of(element)
        if named := _ATTRIBUTE.match(message) or _MISSING_ATTRIBUTE.match(message):
            path += f"/@{self._places.attribute(named.group(1))}"
            type_name = ""
        expected = self._expected(message) if code in {"XSD-UNEXPECTED", "XSD-MISSING"} else ()
        if code == "XSD-KEY" and (named := _CONSTRAINT.search(message)):
            type_name = self._places.constraint(named[1]) or type_name
        return Observation(code, path, max(entry.line, 0), type_name, expected)

    def _expected(self, message: str) -> tuple[str, ...]:
        found = _EXPECTED.search(message)
        names = (name.strip() for name in found.group(1).split(",")) if found else ()
        return tuple(shown for name in names if (shown := self._places.name(name)))[:10]


def _locate(root: etree._Element, entry: etree._LogEntry) -> etree._Element:
    """The element an error is about. libxml2 gives a path with the document's own prefixes, or for references only a
    line; then the element is known only if it is alone on it."""
    if not entry.path:
        there = list(islice((each for each in root.iter(etree.Element) if each.sourceline == entry.line), 2))
        return there[0] if len(there) == 1 else root
    element = root
    for name, place in _STEP.findall(entry.path)[1:]:
        if name.startswith("@"):
            break
        below = (each for each in element.iterchildren(etree.Element) if name in ("*", _qualified(each)))
        found = next(islice(below, int(place or 1) - 1, None), None)
        if found is None:
            break
        element = found
    return element


def _is_name(text: str) -> bool:
    try:
        return etree.QName(text.strip()).text == text.strip() and not {":", "{"} & set(text)
    except ValueError:
        return False


def _qualified(element: etree._Element) -> str:
    local = etree.QName(element).localname
    return f"{element.prefix}:{local}" if element.prefix else local
