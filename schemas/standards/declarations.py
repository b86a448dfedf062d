"""What the schema files of a standard declare, in a form in which two versions can be compared.

Namespaces often carry the version: of two versions those that declare the most names in common are taken for the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from lxml import etree

from schemas.standards.documents import XS, XSD, read_schema
from schemas.standards.library import Library
from schemas.standards.lock import Lock

UNBOUNDED: Final = float("inf")
_GLOBAL: Final = ("element", "attribute", "complexType", "simpleType", "group", "attributeGroup")
_MODEL: Final = frozenset(f"{XS}{name}" for name in ("sequence", "choice", "all"))
_INTO: Final = frozenset(f"{XS}{name}" for name in ("complexContent", "simpleContent", "extension", "restriction"))
_CONTENT: Final = frozenset(f"{XS}{name}" for name in ("element", "group", "any"))
_ATTRIBUTES: Final = frozenset(f"{XS}{name}" for name in ("attribute", "attributeGroup", "anyAttribute"))


class Key(NamedTuple):
    name: str
    kind: str
    space: int
    """Stands for the namespace, the same in both versions."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a complex type may hold: an element, an attribute, a wildcard, a reference to a group."""

    node: etree._Element
    least: int
    most: float


class Declarations:
    """The global declarations of one version."""

    def __init__(
        self, found: Mapping[str, Mapping[tuple[str, str], etree._Element]], spaces: Mapping[str, int]
    ) -> None:
        """`found`: namespace → (kind, name) → node. `spaces`: namespace → its number."""
        self._spaces = spaces
        self.namespaces = {number: namespace for namespace, number in spaces.items()}
        self.by_key = {
            Key(name, kind, spaces[namespace]): node
            for namespace, nodes in found.items()
            for (kind, name), node in nodes.items()
        }

    def named(self, node: etree._Element, name: str) -> str:
        """A reference in a form that is equal in both versions exactly when it means the same declaration."""
        prefix, colon, local = name.rpartition(":")
        namespace = node.nsmap.get(prefix if colon else None) or ""
        return f"xs:{local}" if namespace == XSD else f"{local}~{self._spaces.get(namespace, namespace)}"

    def type_of(self, node: etree._Element) -> str:
        """The type an element, attribute or restriction names; empty when it holds one of its own."""
        for attribute in ("type", "ref", "base"):
            if name := node.get(attribute):
                return self.named(node, name)
        return ""

    def fields(self, declared: etree._Element) -> Mapping[str, Field]:
        """What a complex type or group holds itself, by name; `@` before attributes. What a base type holds is compared
        with that type."""
        found: dict[str, Field] = {}
        for node, least, most in _particles(declared, 1, 1.0):
            name = self._field_name(node)
            other = found.get(name)  # in another branch of a choice, or earlier in a sequence
            found[name] = (
                Field(node, min(least, other.least), max(most, other.most)) if other else Field(node, least, most)
            )
        return found

    def _field_name(self, node: etree._Element) -> str:
        kind = etree.QName(node).localname
        if kind in ("any", "anyAttribute"):
            return kind
        name = node.get("name") or self.named(node, node.get("ref", "")).partition("~")[0]
        return f"@{name}" if kind in ("attribute", "attributeGroup") else name

    def shape(self, declared: etree._Element, names: Collection[str]) -> Sequence[object]:
        """Order and grouping of the elements among `names`, and the base type."""
        derived = [node for inner in declared.iterchildren(*_INTO) for node in inner.iterchildren(*_INTO)]
        return [*((node.tag, self.type_of(node)) for node in derived), *self._shape(declared, names)]

    def _shape(self, node: etree._Element, names: Collection[str]) -> Iterator[object]:
        for child in node.iterchildren(*_MODEL, *_INTO, *_CONTENT):
            if child.tag in _INTO:
                yield from self._shape(child, names)
            elif child.tag in _MODEL:
                inner = tuple(self._shape(child, names))
                yield from inner if len(inner) < _SEVERAL else ((child.tag, _occurs(child), inner),)
            elif (name := self._field_name(child)) in names:
                yield name


_SEVERAL: Final = 2


def _particles(node: etree._Element, least: int, most: float) -> Iterator[tuple[etree._Element, int, float]]:
    """Elements and attributes below a type or group, with how often they may occur in all."""
    for child in node.iterchildren(*_MODEL, *_INTO, *_CONTENT, *_ATTRIBUTES):
        if child.tag in _ATTRIBUTES:
            yield child, int(child.get("use") == "required"), float(child.get("use") != "prohibited")
            continue
        if child.tag in _INTO:
            yield from _particles(child, least, most)
            continue
        fewest, times = _occurs(child)
        if child.tag in _CONTENT:
            yield child, least * fewest, most * times
        else:
            yield from _particles(child, 0 if child.tag == f"{XS}choice" else least * fewest, most * times)


def _occurs(node: etree._Element) -> tuple[int, float]:
    most = node.get("maxOccurs", "1")
    return int(node.get("minOccurs", "1")), UNBOUNDED if most == "unbounded" else float(most)


def facets(restriction: etree._Element) -> Mapping[str, tuple[str, ...]]:
    """Name → values, in their order; patterns and enumerations have several."""
    found: dict[str, list[str]] = defaultdict(list)
    for node in restriction.iterchildren(etree.Element):
        if "value" in node.attrib:
            found[etree.QName(node).localname].append(str(node.get("value")))
    return {name: tuple(values) for name, values in found.items()}


def declarations(library: Library, old: Lock, new: Lock) -> tuple[Declarations, Declarations]:
    """Of both versions, under keys that can be compared."""
    before, after = _by_namespace(library, old), _by_namespace(library, new)
    spaces = {namespace: number for number, namespace in enumerate(sorted(before))}
    pairs = {namespace: spaces[namespace] for namespace in after if namespace in spaces}
    free = set(before) - set(pairs)
    for namespace in sorted(set(after) - set(pairs)):
        twin = max(sorted(free), key=lambda each: _common(before[each], after[namespace]), default=None)
        if twin is not None and _common(before[twin], after[namespace]):
            free.discard(twin)
            pairs[namespace] = spaces[twin]
        else:
            pairs[namespace] = len(before) + len(pairs)
    return Declarations(before, spaces), Declarations(after, pairs)


def _common(one: Collection[tuple[str, str]], other: Collection[tuple[str, str]]) -> int:
    return len(set(one) & set(other))


def _by_namespace(library: Library, lock: Lock) -> Mapping[str, Mapping[tuple[str, str], etree._Element]]:
    found: dict[str, dict[tuple[str, str], etree._Element]] = defaultdict(dict)
    for document in lock.documents:
        read = read_schema(document.name, library.read(lock, document.name))
        for node in read.root.iterchildren(*(f"{XS}{kind}" for kind in _GLOBAL)):
            found[read.namespace][etree.QName(node).localname, node.get("name", "")] = node
    return found
