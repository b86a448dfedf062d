"""Which type the schema gives an element of a document: read from its declarations, without a second validation.

What libxml2 decides while it validates cannot be asked for afterwards, so it is resolved here: through extension and
restriction, groups, substitution and `xsi:type`. Meant for documents that satisfy their schema.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from lxml import etree

from schemas.xsd import XSD, Vocabulary

_XS: Final = f"{{{XSD}}}"
_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_WITH_XSI_TYPE: Final = etree.XPath(
    "descendant-or-self::*/@xsi:type/..", namespaces={"xsi": "http://www.w3.org/2001/XMLSchema-instance"}
)
_TEXT: Final = etree.XPath("string()")
_MODEL: Final = frozenset(f"{_XS}{name}" for name in ("sequence", "choice", "all"))
_DERIVATION: Final = (f"{_XS}extension", f"{_XS}restriction")


class Kind(StrEnum):
    """What a value means within the document."""

    PLAIN = ""
    ID = "ID"
    IDREF = "IDREF"
    IDREFS = "IDREFS"


_KINDS: Final = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Attribute:
    kind: Kind
    value: str
    """Fixed or default value: what holds where the document says nothing. Empty without one."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a type lets stand in an element."""

    kind: Kind = Kind.PLAIN
    """Of its text."""
    children: Mapping[str, etree._Element] = field(default_factory=dict)
    """Clark name → declaration."""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    enumerated: bool = False
    """Whether the schema lists its values."""
    skips: bool = False
    """Whether there may be elements that nobody validates."""


_UNTYPED: Final = Shape()
_SKIPPED: Final = Shape(skips=True)


def has_identities(shape: Shape) -> bool:
    """Whether an element of this type may hold an `xs:ID` or a reference to one."""
    return bool(shape.kind) or any(attribute.kind for attribute in shape.attributes.values())


class Types:
    """The types that a closed set of schema files declares."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self._shapes: dict[etree._Element, Shape] = {}
        self._inner: dict[tuple[Shape, str], tuple[etree._Element, Shape]] = {}

    def elements(self, wanted: Callable[[Shape], bool]) -> tuple[str, ...]:
        """Clark names under which an element of such a type may occur."""
        return tuple({name: None for name, shape in self.declared() if wanted(shape)})

    def declared(self) -> Iterator[tuple[str, Shape]]:
        """Clark name and type of every element that is declared, wherever it is."""
        return ((self._words.name_of(node), self.of_declaration(node)) for node in self._words.nodes("element"))

    def declaration(self, clark: str) -> etree._Element | None:
        """Of a global element."""
        return self._words.declared("element", clark)

    def within(self, outer: Shape, name: str) -> tuple[etree._Element, Shape] | None:
        """Declaration and type of the element of this Clark name: as the type around it declares it, else the global
        one, which takes its place in a substitution group or answers for a wildcard."""
        known = self._inner.get((outer, name))
        if known is not None:
            return known
        node = outer.children.get(name)
        if node is None and not outer.skips:
            node = self.declaration(name)
        if node is None:
            return None  # nothing to keep: such a name is the sender's
        found = self._inner[outer, name] = (node, self.of_declaration(node))
        return found

    def named(self, node: etree._Element, name: str) -> Shape:
        """The type that an attribute of the schema file's `node` names."""
        clark = self._words.clark(node, name)
        if clark.startswith(_XS):
            return Shape(_builtin(clark.removeprefix(_XS)))
        found = self._words.declared("complexType", clark, node)
        return self._shape(found if found is not None else self._words.declared("simpleType", clark, node))

    def said(self, element: etree._Element, name: str) -> Shape | None:
        """The complex type that `xsi:type` in a document names."""
        prefix, colon, local = name.strip().rpartition(":")
        space = element.nsmap.get(prefix if colon else None)
        found = self._words.declared("complexType", f"{{{space}}}{local}" if space else local)
        return None if found is None else self._shape(found)

    def of_declaration(self, node: etree._Element) -> Shape:
        """Of an element or attribute as it is declared, by reference too."""
        if ref := node.get("ref"):
            found = self._words.declared(etree.QName(node).localname, self._words.clark(node, ref))
            return _UNTYPED if found is None else self.of_declaration(found)
        if name := node.get("type"):
            return self.named(node, name)
        inner = next(node.iterchildren(f"{_XS}complexType", f"{_XS}simpleType"), None)
        if inner is None and (head := node.get("substitutionGroup")):
            found = self.declaration(self._words.clark(node, head))
            return _UNTYPED if found is None else self.of_declaration(found)
        return self._shape(inner)

    def _shape(self, node: etree._Element | None) -> Shape:
        if node is None:
            return _UNTYPED
        if node not in self._shapes:
            self._shapes[node] = self._complex(node) if node.tag == f"{_XS}complexType" else self._simple(node)
        return self._shapes[node]

    def _simple(self, node: etree._Element) -> Shape:
        for inner in node.iterchildren(f"{_XS}restriction", f"{_XS}list"):
            name = inner.get("base") or inner.get("itemType")
            of = self.named(inner, name) if name else self._shape(inner.find(f"{_XS}simpleType"))
            listed = inner.tag == f"{_XS}list" and of.kind is Kind.IDREF
            enumerated = of.enumerated or inner.find(f"{_XS}enumeration") is not None
            return Shape(Kind.IDREFS if listed else of.kind, enumerated=enumerated)
        return _UNTYPED  # a union: of several types none is certain

    def _complex(self, node: etree._Element) -> Shape:
        content = next(node.iterchildren(f"{_XS}simpleContent", f"{_XS}complexContent"), node)
        derived = next(content.iterchildren(*_DERIVATION), node) if content is not node else node
        base = self.named(derived, derived.get("base", "")) if derived is not node else _UNTYPED
        own, skips = self._particles(derived)
        return Shape(
            base.kind,
            {**base.children, **own} if derived.tag == f"{_XS}extension" else own,
            {**base.attributes, **dict(self._attributes(derived))},
            skips=skips or base.skips,
        )

    def _particles(self, node: etree._Element) -> tuple[dict[str, etree._Element], bool]:
        """Declarations of the elements it holds, and whether some in it are skipped."""
        found: dict[str, etree._Element] = {}
        skips = False
        waiting = [node]
        while waiting:
            for child in waiting.pop().iterchildren(etree.Element):
                if child.tag == f"{_XS}element":
                    found[self._words.name_of(child)] = child
                elif child.tag in _MODEL:
                    waiting.append(child)
                elif child.tag == f"{_XS}group":
                    group = self._words.declared("group", self._words.clark(child, child.get("ref", "")), child)
                    waiting += [] if group is None else [group]
                elif child.tag == f"{_XS}any":
                    skips = skips or child.get("processContents") == "skip"
        return found, skips

    def _attributes(self, node: etree._Element) -> Iterator[tuple[str, Attribute]]:
        for child in node.iterchildren(f"{_XS}attribute", f"{_XS}attributeGroup"):
            if child.tag == f"{_XS}attributeGroup":
                group = self._words.declared("attributeGroup", self._words.clark(child, child.get("ref", "")), child)
                yield from self._attributes(group) if group is not None else ()
                continue
            ref = child.get("ref")
            meant = self._words.declared("attribute", self._words.clark(child, ref)) if ref else None
            said = (each.get(name) for each in (child, meant) if each is not None for name in ("fixed", "default"))
            value = next((each.strip() for each in said if each is not None), "")
            yield self._words.name_of(child), Attribute(self.of_declaration(child).kind, value)


def _builtin(name: str) -> Kind:
    return Kind(name) if name in _KINDS else Kind.PLAIN


def text_of(element: etree._Element) -> str:
    """Without comments and processing instructions, whatever they cut in two."""
    return str(_TEXT(element)) if len(element) else element.text or ""


class Typing:
    """The types of one document's elements."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._known: dict[etree._Element, tuple[etree._Element | None, Shape]] = {}

    def candidates(self, root: etree._Element, names: tuple[str, ...]) -> Iterator[etree._Element]:
        """Elements with one of the names, in the order of the document, and those that say their type themselves."""
        said: Any = _WITH_XSI_TYPE(root)
        wanted = {*names, *(str(element.tag) for element in said)}
        return root.iter(*wanted) if wanted else iter(())

    def shape(self, element: etree._Element) -> Shape:
        return self._resolved(element)[1]

    def declaration(self, element: etree._Element) -> etree._Element | None:
        return self._resolved(element)[0]

    def _resolved(self, element: etree._Element) -> tuple[etree._Element | None, Shape]:
        way: list[etree._Element] = []
        above: etree._Element | None = element
        while above is not None and above not in self._known:
            way.append(above)
            above = above.getparent()
        outer = self._known[above][1] if above is not None else _UNTYPED
        for each in reversed(way):
            self._known[each] = self._within(outer, each)
            outer = self._known[each][1]
        return self._known[element]

    def _within(self, outer: Shape, element: etree._Element) -> tuple[etree._Element | None, Shape]:
        found = self._types.within(outer, str(element.tag))
        if found is None:
            return None, _SKIPPED if outer.skips else _UNTYPED
        name = element.get(_XSI_TYPE)
        said = None if name is None else self._types.said(element, name)
        return found if said is None else (found[0], said)
