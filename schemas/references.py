"""The layer of `xs:ID` and `xs:IDREF`: each identity once in the document, each reference to one that is there.

libxml2 looks at attributes only, and only for duplicates. Official samples break these rules, so each standard has a
grade for them.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from lxml import etree

from amtsbote.model.schema import Layer, Severity
from schemas.findings import Observation
from schemas.places import Places
from schemas.plan import MAX_FINDINGS
from schemas.types import Kind, Typing, has_identities, text_of


class _Word(NamedTuple):
    """An identity or a reference, and where it stands."""

    kind: Kind
    text: str
    element: etree._Element
    attribute: str
    """Clark name; empty for the text of the element."""


class References:
    """Of the documents of one schema."""

    layer: Final = Layer.REFERENCES

    def __init__(self, places: Places, severity: Severity) -> None:
        self._places = places
        self._severity = severity
        self._names = places.types.elements(has_identities)

    def findings(self, root: etree._Element) -> Iterator[Observation]:
        return islice(self._observed(root), MAX_FINDINGS + 1)

    def _observed(self, root: etree._Element) -> Iterator[Observation]:
        words = list(self._words(root))
        identities = {word.text for word in words if word.kind is Kind.ID}
        seen: set[str] = set()
        for word in words:
            if word.kind is not Kind.ID:
                if word.text not in identities:
                    yield self._observation("REF-MISSING", word)
            elif word.text in seen:
                yield self._observation("REF-DUPLICATE", word)
            else:
                seen.add(word.text)

    def _words(self, root: etree._Element) -> Iterator[_Word]:
        typing = Typing(self._places.types)
        for element in typing.candidates(root, self._names):
            shape = typing.shape(element)
            for name, attribute in shape.attributes.items():
                if attribute.kind and (value := element.get(name)) is not None:
                    yield from _split(attribute.kind, value, element, name)
            if shape.kind:
                yield from _split(shape.kind, text_of(element), element, "")

    def _observation(self, code: str, word: _Word) -> Observation:
        path, type_name = self._places.path(word.element), self._places.type_of(word.element)
        if word.attribute:
            path, type_name = f"{path}/@{self._places.attribute(word.attribute)}", ""
        return Observation(code, path, word.element.sourceline or 0, type_name, severity=self._severity)


def _split(kind: Kind, value: str, element: etree._Element, attribute: str) -> Iterator[_Word]:
    """White space around a value does not belong to it, and separates several references."""
    for text in value.split():
        yield _Word(kind, text, element, attribute)
