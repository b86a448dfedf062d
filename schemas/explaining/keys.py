"""Which key occurs twice, lacks a field or is referred to in vain, and where it stands first: the identity constraints
of one document, by xmlschema's reading of them.
"""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Final

from lxml import etree
from xmlschema.validators import XsdElement, XsdKey, XsdKeyref
from xmlschema.validators.identities import XsdIdentity

from schemas.explaining.insight import Insight
from schemas.places import Places
from schemas.types import text_of

_Key = tuple[Hashable, ...]
_BETWEEN: Final = " / "
_MOST_ENTRIES: Final = 20_000
"""Elements with a key that are read, for some 50 µs each; where there are more, nothing is said."""


class Keys:
    """Of one document. Each constraint is read once for the element it is declared at."""

    def __init__(self, places: Places, root: etree._Element, *, quoting: bool) -> None:
        self._places = places
        self._root = root
        self._quoting = quoting
        self._readings: dict[XsdIdentity, _Reading] = {}

    def insight(self, identity: XsdIdentity, element: etree._Element) -> Insight | None:
        """`element`: where the validator has found it, or the root where it could not tell. None where nothing is wrong
        by xmlschema, or there is too much to read."""
        reading = self._reading(identity)
        scope = next((each for each in _scopes(identity, element) if element in (reading.keys(each) or ())), None)
        if isinstance(identity, XsdKeyref):
            return self._in_vain(identity, element, scope)
        keys = None if scope is None else reading.keys(scope)
        if scope is None or keys is None:
            return None
        key = keys[element]
        if missing := [number for number, value in enumerate(key, 1) if value is None]:
            return Insight(items=missing) if isinstance(identity, XsdKey) else None
        first = reading.first(scope, keys)[key]
        return (
            None if first is element else Insight(other=self._places.path(first), value=self._value(reading, element))
        )

    def _in_vain(self, identity: XsdKeyref, element: etree._Element, scope: etree._Element | None) -> Insight | None:
        """The reference itself, or where that is not known the first in vain."""
        refer = identity.refer
        if not isinstance(refer, XsdIdentity):
            return None
        reading, target = self._reading(identity), self._reading(refer)
        for around in [scope] if scope is not None else list(self._root.iter(identity.parent.name)):
            targets = [target.keys(each) for each in around.iter(refer.parent.name)]
            keys = reading.keys(around)
            if keys is None or None in targets:
                return None
            known = {key for each in targets for key in (each or {}).values()}
            for each in [element] if scope is not None else keys:
                if None not in keys[each] and keys[each] not in known:
                    other = "" if each is element else self._places.path(each)
                    return Insight(other=other, value=self._value(reading, each))
        return None

    def _reading(self, identity: XsdIdentity) -> "_Reading":
        if identity not in self._readings:
            self._readings[identity] = _Reading(identity)
        return self._readings[identity]

    def _value(self, reading: "_Reading", element: etree._Element) -> str:
        return _BETWEEN.join(reading.texts(element)) if self._quoting else ""


class _Reading:
    """How one constraint reads a document."""

    def __init__(self, identity: XsdIdentity) -> None:
        spaces = {prefix: space for prefix, space in identity.schema.namespaces.items() if prefix and space}
        self._selector = etree.XPath(identity.selector.path if identity.selector else "*", namespaces=spaces)
        self._fields = [etree.XPath(each.path, namespaces=spaces) for each in identity.fields]
        self._keys: dict[etree._Element, Mapping[etree._Element, _Key] | None] = {}
        """By the element it is declared at."""
        self._firsts: dict[etree._Element, Mapping[_Key, etree._Element]] = {}
        self._types = {element.name: _types(identity, element) for element in identity.elements}

    def keys(self, scope: etree._Element) -> Mapping[etree._Element, _Key] | None:
        """Of every element that it selects, in the order of the document; None where there are too many."""
        if scope not in self._keys:
            found: Any = self._selector(scope)
            self._keys[scope] = {each: self._key(each) for each in found} if len(found) <= _MOST_ENTRIES else None
        return self._keys[scope]

    def first(self, scope: etree._Element, keys: Mapping[etree._Element, _Key]) -> Mapping[_Key, etree._Element]:
        """Key → the element that has it first."""
        if scope not in self._firsts:
            self._firsts[scope] = {key: element for element, key in reversed(list(keys.items()))}
        return self._firsts[scope]

    def _key(self, element: etree._Element) -> _Key:
        """Value by value as its type counts them equal; None for one that is not there."""
        types = self._types.get(str(element.tag), [None] * len(self._fields))
        nodes = (self._node(field, element) for field in self._fields)
        pairs = zip(nodes, types, strict=True)
        return tuple(None if node is None else _value(kind, _text(node)) for node, kind in pairs)

    def texts(self, element: etree._Element) -> Iterator[str]:
        nodes = (self._node(field, element) for field in self._fields)
        return (_text(node) for node in nodes if node is not None)

    @staticmethod
    def _node(field: etree.XPath, element: etree._Element) -> Any:
        found: Any = field(element)
        return found[0] if len(found) == 1 else None


def _scopes(identity: XsdIdentity, element: etree._Element) -> Iterator[etree._Element]:
    name = identity.parent.name
    return (each for each in (element, *element.iterancestors()) if each.tag == name)


def _types(identity: XsdIdentity, element: XsdElement) -> list[Any]:
    """Of the fields; None where it is not one alone."""
    found = [each.decoders for each in identity.elements[element]]
    return [each[0].type if len(each) == 1 and hasattr(each[0], "type") else None for each in found]


def _text(node: Any) -> str:
    return str(node) if isinstance(node, str) else text_of(node)


def _value(kind: Any, text: str) -> Hashable:
    """`01` and `1` are the same number, and nothing but a number."""
    if kind is not None:
        try:
            decoded = kind.text_decode(text)
        except (ValueError, TypeError, ArithmeticError):
            return text.strip()
        return tuple(decoded) if isinstance(decoded, list) else (type(decoded).__name__, decoded)
    return text.strip()
