"""A second look at the places that have failed, with xmlschema. Runs in a helper process of its own, which has compiled
the schema before it sees a document.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import xmlschema
from lxml import etree
from xmlschema.validators import XsdComplexType, XsdElement, XsdGroup

from schemas.explaining.characters import stranger_in_xml
from schemas.explaining.content import of_content
from schemas.explaining.insight import Asked, Insight
from schemas.explaining.keys import Keys
from schemas.places import Places
from schemas.plan import SchemaPlan, readable
from schemas.reading import Unreadable, read_document
from schemas.slow_xsd import compiled

_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_MOST_ITEMS: Final = 10
_MOST_WORDS: Final = 5000
"""Items of a list that are looked at."""
_SECONDS: Final = 1.5
"""Of CPU time, after which no further place is looked at: half of what the process has."""


class SecondLook:
    """Of one schema. Raises `Misconfigured` when xmlschema does not compile it."""

    def __init__(self, plan: SchemaPlan, max_tags: int) -> None:
        self._plan = plan
        self._max_tags = max_tags
        self._places = Places(plan)
        self._maps = compiled(plan).maps
        self._constraints = {self._places.constraint(name): each for name, each in self._maps.identities.items()}

    def look(self, document: bytes, asked: Sequence[Asked]) -> list[Insight | None]:
        """What there is to say of each place; None where xmlschema sees nothing wrong, or something else."""
        try:
            root = read_document(document, self._max_tags, large_texts=self._plan.large_texts)
        except Unreadable:
            return [None] * len(asked)
        keys = Keys(self._places, root, quoting=self._plan.quotes)
        until = time.process_time() + _SECONDS
        return [self._tried(root, keys, each) if time.process_time() < until else None for each in asked]

    def _tried(self, root: etree._Element, keys: Keys, asked: Asked) -> Insight | None:
        try:
            return self._insight(root, keys, asked)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  (what xmlschema cannot walk is not explained; other places are)
            return None

    def _insight(self, root: etree._Element, keys: Keys, asked: Asked) -> Insight | None:
        element = self._places.element(root, asked.path)
        if element is None:
            return None
        if asked.code == "XSD-KEY":
            identity = self._constraints.get(asked.key)
            return keys.insight(identity, element) if identity is not None and asked.key else None
        if asked.code == "XSD-UNEXPECTED":
            above = element.getparent()
            return None if above is None else self._of_content(above, element)
        if asked.code == "XSD-MISSING":
            return self._of_content(element, None)
        kind, text = self._value(element, asked.path.rpartition("/@")[2] if "/@" in asked.path else "")
        return _of_list(kind, text) or (stranger_in_xml(kind, text) if asked.code == "XSD-PATTERN" and kind else None)

    def _of_content(self, parent: etree._Element, child: etree._Element | None) -> Insight | None:
        group = getattr(self._type(parent), "content", None)
        found = of_content(group, parent, child, self._places) if isinstance(group, XsdGroup) else None
        if found is None or not found.space or self._plan.knows_space(found.space):
            return found
        return replace(found, space=readable(found.space) if self._plan.quotes else None)

    def _value(self, element: etree._Element, attribute: str) -> tuple[Any, str]:
        """What stands in the element or attribute, and its simple type by xmlschema, where it has one."""
        kind, text = self._type(element), self._places.text(element, attribute)
        if attribute:
            declared = getattr(kind, "attributes", {}).items()
            kind = next((each.type for name, each in declared if self._places.attribute(str(name)) == attribute), None)
        elif isinstance(kind, XsdComplexType):
            kind = kind.content
        return kind, text

    def _type(self, element: etree._Element) -> Any:
        """By the declarations on the way to it; `xsi:type` counts where it is one of those allowed. None where there is
        none."""
        declared: Any = None
        kind: Any = None
        for each in (*reversed(list(element.iterancestors())), element):
            tag = str(each.tag)
            if each.getparent() is None:
                declared = self._maps.elements.get(tag)
            else:
                group = getattr(kind, "content", None)
                item = group.match_element(tag) if isinstance(group, XsdGroup) else None
                declared = item.match(tag) if isinstance(item, XsdElement) else item and self._maps.elements.get(tag)
            if declared is None:
                return None
            kind = self._said(each, declared.type)
        return kind

    def _said(self, element: etree._Element, kind: Any) -> Any:
        name = element.get(_XSI_TYPE)
        if name is None:
            return kind
        spaces = {prefix or "": space for prefix, space in element.nsmap.items()}
        try:
            return self._maps.get_instance_type(name.strip(), kind, spaces)
        except (KeyError, ValueError, TypeError, xmlschema.XMLSchemaException):
            return kind


def _of_list(kind: Any, text: str) -> Insight | None:
    item = getattr(getattr(kind, "primitive_type", None) or kind, "item_type", None)
    if item is None:
        return None
    wrong = [number for number, word in enumerate(text.split()[:_MOST_WORDS], 1) if not item.is_valid(word)]
    return Insight(items=wrong[:_MOST_ITEMS])
