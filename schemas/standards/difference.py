"""What became stricter or laxer between two versions of a standard, declaration by declaration.

Stricter: a message that was valid may now be refused. Laxer: one that was refused may now be valid. Where only a proof
over languages could tell (patterns, another order, another base type) the answer is that it cannot be told here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from lxml import etree

from schemas.standards.declarations import UNBOUNDED, Declarations, Field, facets
from schemas.standards.documents import XS


class Effect(StrEnum):
    STRICTER = "stricter"
    LAXER = "laxer"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `what` is a stable word, e.g. `required-added`; names and facets come from the schemas."""

    effect: Effect
    what: str
    place: str
    """Names from the outside in, e.g. `Antrag/hund/name` or `Antrag/@version`."""
    old: str = ""
    new: str = ""


_TIGHTER_WHEN_HIGHER: Final = frozenset({"minLength", "minInclusive", "minExclusive"})
_TIGHTER_WHEN_LOWER: Final = frozenset({"maxLength", "maxInclusive", "maxExclusive", "totalDigits", "fractionDigits"})

_TRAITS: Final[Mapping[str, Effect]] = {
    "nillable": Effect.LAXER,
    "mixed": Effect.LAXER,
    "abstract": Effect.STRICTER,
}
"""Attribute of a declaration → what it does when it becomes true."""
_EXTENDING: Final = frozenset({"extension", "restriction"})
_DERIVATIONS: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("element", "block"): _EXTENDING | {"substitution"},
    ("element", "final"): _EXTENDING,
    ("complexType", "block"): _EXTENDING,
    ("complexType", "final"): _EXTENDING,
    ("simpleType", "final"): frozenset({"restriction", "list", "union"}),
}
"""Kind of declaration and attribute → what may be excluded."""
_OWN_TYPE: Final = (f"{XS}complexType", f"{XS}simpleType")
_RULES: Final = tuple(f"{XS}{name}" for name in ("unique", "key", "keyref", "assert", "assertion"))


def difference(old: Declarations, new: Declarations) -> tuple[Change, ...]:
    """Changed namespaces first, then every change of a global declaration in the order of its name; those inside it
    under its name. The content is compared as if a namespace had not changed."""
    pairs = ((old.namespaces[number], new.namespaces.get(number)) for number in old.namespaces)
    found = [
        Change(Effect.STRICTER, "namespace-changed", after, before, after)
        for before, after in pairs
        if after is not None and after != before
    ]
    for key in sorted(set(old.by_key) | set(new.by_key)):
        before, after = old.by_key.get(key), new.by_key.get(key)
        if before is not None and after is not None:
            found += _Comparison(old, new).declaration(key.name, before, after)
        elif key.kind == "element":
            removed = after is None
            effect = Effect.STRICTER if removed else Effect.LAXER
            found.append(Change(effect, "message-removed" if removed else "message-added", key.name))
        elif key.kind == "complexType" and key._replace(kind="simpleType") in {**old.by_key, **new.by_key}:
            found.append(_type_changed(key.name))
    return tuple(found)


class _Comparison:
    def __init__(self, old: Declarations, new: Declarations) -> None:
        self._old, self._new = old, new

    def declaration(self, place: str, old: etree._Element, new: etree._Element) -> Iterator[Change]:
        """Of two declarations of one name."""
        if old.tag in (f"{XS}element", f"{XS}attribute"):
            yield from self._typed(place, old, new)
        elif old.tag == f"{XS}simpleType":
            yield from self._simple(place, old, new)
        else:
            yield from self._complex(place, old, new)

    def _typed(self, place: str, old: etree._Element, new: etree._Element) -> Iterator[Change]:
        before, after = self._old.type_of(old), self._new.type_of(new)
        if before != after:
            yield _type_changed(place, before, after)
        yield from _fixed(place, old.get("fixed"), new.get("fixed"))
        yield from _traits(place, old, new)
        inner_old, inner_new = (next(node.iterchildren(*_OWN_TYPE), None) for node in (old, new))
        if inner_old is not None and inner_new is not None and inner_old.tag == inner_new.tag:
            yield from self.declaration(place, inner_old, inner_new)
        elif before == after and inner_old is not inner_new:
            yield _type_changed(place)

    def _complex(self, place: str, old: etree._Element, new: etree._Element) -> Iterator[Change]:
        before, after = self._old.fields(old), self._new.fields(new)
        for name in {**before, **after}:
            yield from self._field(f"{place}/{name}", before.get(name), after.get(name))
        yield from _traits(place, old, new)
        yield from _facets(place, _content_facets(old), _content_facets(new))
        common = set(before) & set(after)
        if self._old.shape(old, common) != self._new.shape(new, common):
            yield Change(Effect.UNKNOWN, "structure-changed", place)

    def _field(self, place: str, old: Field | None, new: Field | None) -> Iterator[Change]:
        if old is None and new is not None:
            required = new.least > 0
            effect = Effect.STRICTER if required else Effect.LAXER
            yield Change(effect, "required-added" if required else "optional-added", place)
        elif old is not None and new is None:
            yield Change(Effect.STRICTER, "removed", place)
        elif old is not None and new is not None:
            yield from _occurrence(place, old, new)
            if _qualified(old.node) != _qualified(new.node):
                yield Change(Effect.STRICTER, "form-changed", place)
            yield from self._typed(place, old.node, new.node)

    def _simple(self, place: str, old: etree._Element, new: etree._Element) -> Iterator[Change]:
        before, after = old.find(f"{XS}restriction"), new.find(f"{XS}restriction")
        if before is None or after is None:
            if _plain(old) != _plain(new):
                yield _type_changed(place)
            return
        yield from _derivations(place, old, new)
        if (base := self._old.type_of(before)) != (other := self._new.type_of(after)):
            yield _type_changed(place, base, other)
        yield from _facets(place, facets(before), facets(after))


def _type_changed(place: str, old: str = "", new: str = "") -> Change:
    return Change(Effect.UNKNOWN, "type-changed", place, old.partition("~")[0], new.partition("~")[0])


def _plain(node: etree._Element) -> bytes:
    """Content without annotations, for a list or a union."""
    return b"".join(_written(each) for each in node if each.tag != f"{XS}annotation")


def _occurrence(place: str, old: Field, new: Field) -> Iterator[Change]:
    if old.least != new.least:
        effect = Effect.STRICTER if new.least > old.least else Effect.LAXER
        yield Change(effect, "least-changed", place, str(old.least), str(new.least))
    if old.most != new.most:
        effect = Effect.STRICTER if new.most < old.most else Effect.LAXER
        yield Change(effect, "most-changed", place, _count(old.most), _count(new.most))


def _qualified(node: etree._Element) -> bool:
    """Whether documents write the name with the namespace: one that is declared here (XSD 1.0, 3.2.2 and 3.3.2)."""
    default = node.getroottree().getroot().get(f"{etree.QName(node).localname}FormDefault", "unqualified")
    return "name" not in node.attrib or node.get("form", default) == "qualified"


def _count(most: float) -> str:
    return "unbounded" if most == UNBOUNDED else str(int(most))


def _fixed(place: str, old: str | None, new: str | None) -> Iterator[Change]:
    if old == new:
        return
    if old is None or new is None:
        effect = Effect.STRICTER if old is None else Effect.LAXER
        yield Change(effect, "fixed-changed", place, old or "", new or "")
    else:
        yield Change(Effect.STRICTER, "fixed-changed", place, old, new)


def _traits(place: str, old: etree._Element, new: etree._Element) -> Iterator[Change]:
    """What else a declaration may say: each trait, and each rule over keys or conditions."""
    for name, effect in _TRAITS.items():
        before, after = (node.get(name) in ("true", "1") for node in (old, new))
        if before != after:
            opposite = Effect.LAXER if effect is Effect.STRICTER else Effect.STRICTER
            yield Change(effect if after else opposite, f"{name}-changed", place)
    yield from _derivations(place, old, new)
    if old.get("substitutionGroup") != new.get("substitutionGroup"):
        yield Change(Effect.UNKNOWN, "substitution-changed", place)
    if any(old.get(name) != new.get(name) for name in ("namespace", "processContents")):  # of a wildcard
        yield _type_changed(place)
    rules = [{_written(rule) for rule in node.iterchildren(*_RULES)} for node in (old, new)]
    if rules[0] != rules[1]:
        effect = Effect.STRICTER if rules[0] < rules[1] else Effect.LAXER if rules[0] > rules[1] else Effect.UNKNOWN
        yield Change(effect, "rules-changed", place)


def _derivations(place: str, old: etree._Element, new: etree._Element) -> Iterator[Change]:
    """What may stand for a type or element. `block` says it of documents, `final` of schemas that build on this one."""
    before, after = _excluded(old, "block"), _excluded(new, "block")
    if before != after:
        effect = Effect.STRICTER if before < after else Effect.LAXER if before > after else Effect.UNKNOWN
        yield Change(effect, "block-changed", place, " ".join(sorted(before)), " ".join(sorted(after)))
    before, after = _excluded(old, "final"), _excluded(new, "final")
    if before != after:
        yield Change(Effect.UNKNOWN, "final-changed", place, " ".join(sorted(before)), " ".join(sorted(after)))


def _excluded(node: etree._Element, what: str) -> frozenset[str]:
    """By the declaration itself, else by its file (XSD 1.0, 3.3.2, 3.4.2, 3.14.2). Only what its kind knows counts."""
    known = _DERIVATIONS.get((etree.QName(node).localname, what), frozenset())
    said = node.get(what, node.getroottree().getroot().get(f"{what}Default", "")).split()
    return known if "#all" in said else known & frozenset(said)


def _content_facets(node: etree._Element) -> Mapping[str, tuple[str, ...]]:
    restriction = node.find(f"{XS}simpleContent/{XS}restriction")
    return {} if restriction is None else facets(restriction)


def _written(node: etree._Element) -> bytes:
    return etree.tostring(node, method="c14n2", strip_text=True)


def _facets(place: str, old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    yield from _values(place, old.get("enumeration", ()), new.get("enumeration", ()))
    for name in sorted((set(old) | set(new)) - {"enumeration"}):
        before, after = old.get(name, ()), new.get(name, ())
        if before != after and (effect := _facet_effect(name, before, after)):
            told = (f"{name} {' | '.join(values)}" if values else "" for values in (before, after))
            yield Change(effect, "facet-changed", place, *told)


def _values(place: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    if bool(old) != bool(new):
        effect = Effect.STRICTER if new else Effect.LAXER
        yield Change(effect, "values-listed" if new else "values-not-listed", place)
        return
    for value in sorted(set(old) - set(new)):
        yield Change(Effect.STRICTER, "value-removed", place, old=value)
    for value in sorted(set(new) - set(old)):
        yield Change(Effect.LAXER, "value-added", place, new=value)


def _facet_effect(name: str, old: tuple[str, ...], new: tuple[str, ...]) -> Effect | None:
    """None where another spelling means the same number."""
    if not old or not new:
        known = name in _TIGHTER_WHEN_HIGHER | _TIGHTER_WHEN_LOWER | {"pattern", "length"}
        return (Effect.STRICTER if new else Effect.LAXER) if known else Effect.UNKNOWN
    try:
        before, after = Decimal(old[0]), Decimal(new[0])
        higher = after > before
    except InvalidOperation:
        return Effect.UNKNOWN
    if before == after and name != "pattern":
        return None
    if name in _TIGHTER_WHEN_HIGHER:
        return Effect.STRICTER if higher else Effect.LAXER
    if name in _TIGHTER_WHEN_LOWER:
        return Effect.LAXER if higher else Effect.STRICTER
    return Effect.UNKNOWN


def counted(changes: tuple[Change, ...]) -> Mapping[Effect, int]:
    counts: dict[Effect, int] = defaultdict(int)
    for change in changes:
        counts[change.effect] += 1
    return {effect: counts[effect] for effect in Effect}
