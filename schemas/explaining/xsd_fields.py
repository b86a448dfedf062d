"""Fields of an XML schema: found by the path of a finding, with the documentation and the facets of their types."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from lxml import etree

from amtsbote.errors import Language
from schemas.explaining.field import Condition, Field, Form, Key, name_from, spoken, title_from
from schemas.plan import SchemaPlan
from schemas.types import Types
from schemas.xsd import XSD, Vocabulary, read_closure

_XS: Final = f"{{{XSD}}}"
_PLACE: Final = re.compile(r"\[\d+\]$")
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMING: Final = frozenset({"name", "title", "titel", "label"})
"""Elements of `xs:appinfo` that name what they stand in."""
_FACETS: Final = frozenset(
    f"{_XS}{name}"
    for name in (
        "enumeration",
        "pattern",
        "length",
        "minLength",
        "maxLength",
        "minInclusive",
        "maxInclusive",
        "minExclusive",
        "maxExclusive",
        "totalDigits",
        "fractionDigits",
    )
)
_CODE: Final = "code"
"""Element of XÖV's type for codes: it holds the value of the field around it, and is documented as that everywhere."""
_DERIVING: Final = (f"{_XS}restriction", f"{_XS}extension")
_CONTENT: Final = (f"{_XS}simpleContent", f"{_XS}complexContent")
_STEP: Final = re.compile(r"(?:\.|@?[\w.-]+(?::[\w.-]+)?)?")
"""Of a path that can be told in names; an empty one stands for any number of steps."""
_DEEPEST: Final = 30
"""Steps of derivation that are followed."""


class XsdFields:
    """Raises `Misconfigured` when the files of the schema are not a closed set."""

    def __init__(self, plan: SchemaPlan) -> None:
        files = read_closure(Path(plan.xsd), Path(plan.folder))
        self._words = Vocabulary(files, {space: prefix for prefix, space in plan.prefixes.items()})
        self._types = Types(self._words)
        names = {self._words.name_of(node) for file in files for node in file.root.iterchildren(f"{_XS}element")}
        self._roots = {self._words.show(name): self._types.declaration(name) for name in names}

    def at(self, path: str) -> Field:
        """Of the path of a finding; nothing is said of a place the schema does not name."""
        steps = path.split("/")[1:]
        node = self._declaration(steps)
        if node is None:
            return Field()
        meant = self._meant(node)
        form = self._typed(meant, meant.get("type"))
        fixed = node.get("fixed") or meant.get("fixed")
        if fixed is not None:
            form = replace(form, facts={**form.facts, "fixed": (fixed,)})
        own = replace(self._named(node), form=form)
        around = self._declaration(_without_code(steps))
        return own if around is None else replace(own, name=self._named(around).name)

    def itself(self, path: str) -> Field:
        """The same, called by its own name where it is the code in a field, too."""
        node = self._declaration(path.split("/")[1:])
        return Field() if node is None else self._named(node)

    def namespace(self, path: str) -> str:
        """Of the element at a path that the schema names; empty for none."""
        node = self._declaration(path.split("/")[1:])
        return "" if node is None else etree.QName(self._words.name_of(node)).namespace or ""

    def condition(self, number: int) -> Condition | None:
        """The assertion of this number; None where there are not as many."""
        if number >= len(self._words.assertions):
            return None
        node = self._words.assertions[number]
        notes = node.findall(f"{_XS}annotation/{_XS}documentation")
        return Condition(node.get("test", "").strip(), {"de": _said(notes, "de"), "en": _said(notes, "en")})

    def key(self, shown: str) -> Key | None:
        """The identity constraint of this name; None where the schema has none, or its paths are not plain ones."""
        node = next((each for name, each in self._words.constraints.items() if self._words.show(name) == shown), None)
        return None if node is None else self._key(node)

    def _key(self, node: etree._Element) -> Key | None:
        around = node.getparent()
        selected = self._followed(around, node.find(f"{_XS}selector"))
        fields = [self._followed(selected, each) for each in node.iterchildren(f"{_XS}field")]
        if selected is None or not all(each is not None for each in fields):
            return None
        refers = None
        if name := node.get("refer"):
            target = self._words.constraints.get(self._words.clark(node, name))
            refers = None if target is None else self._key(target)
            if refers is None:
                return None
        names = [self._named(each) for each in fields if each is not None]
        return Key(etree.QName(node).localname, self._named(selected), names, refers)

    def _followed(self, node: etree._Element | None, path: etree._Element | None) -> etree._Element | None:
        """The declaration that the path of an identity constraint leads to."""
        steps: Sequence[str] = () if path is None else path.get("xpath", "").replace(" ", "").split("/")
        steps = _without_code(steps)
        for number, step in enumerate(steps):
            if node is None or path is None or not _STEP.fullmatch(step):
                return None
            if step == "." or (not step and number):
                continue
            mark, name = step[: step[0] == "@"], step.lstrip("@")
            shown = f"{mark}{self._words.show(_qualified(path, name))}"
            anywhere = number > 0 and not steps[number - 1]
            node = self._only("element", shown) if anywhere else self._beneath(node, shown)
        return node

    def _named(self, node: etree._Element) -> Field:
        own = etree.QName(self._words.name_of(node)).localname
        return Field(_documented(node) or _documented(self._meant(node)) or spoken(own), element=own)

    def _declaration(self, steps: Sequence[str]) -> etree._Element | None:
        node = self._roots.get(steps[0]) if steps else None
        if node is None:
            return None
        for step in steps[1:]:
            node = self._beneath(node, _PLACE.sub("", step))
            if node is None:
                return None
        return node

    def _beneath(self, node: etree._Element, name: str) -> etree._Element | None:
        """By the type around it; what a type that the document itself names adds is looked up by its name alone."""
        if name.startswith("@"):
            attributes = self._attributes(self._type_of(self._meant(node), self._meant(node).get("type")))
            found = next((each for each in attributes if self._shown(each) == name[1:]), None)
        else:
            children = self._types.of_declaration(node).children.values()
            found = next((each for each in children if self._shown(each) == name), None)
        return (
            found if found is not None else self._only("attribute" if name[0] == "@" else "element", name.lstrip("@"))
        )

    def _shown(self, node: etree._Element) -> str:
        return self._words.show(self._words.name_of(node))

    def _attributes(self, holder: etree._Element | None) -> Iterator[etree._Element]:
        """Of a type, the narrowest declaration of each first."""
        for child in () if holder is None else holder:
            if child.tag == f"{_XS}attribute":
                yield child
            elif child.tag == f"{_XS}attributeGroup":
                yield from self._attributes(
                    self._words.declared("attributeGroup", self._words.clark(child, child.get("ref", "")), child)
                )
            elif child.tag in _CONTENT:
                yield from self._attributes(child)
            elif child.tag in _DERIVING:
                yield from self._attributes(child)
                yield from self._attributes(self._type_of(child, child.get("base")))

    def _only(self, kind: str, name: str) -> etree._Element | None:
        """The declaration of that name where there is one alone, or all say the same."""
        found = [node for node in self._words.nodes(kind) if self._shown(node) == name]
        said = {(node.get("type"), _documented(node)) for node in found}
        return found[0] if len(said) == 1 else None

    def _meant(self, node: etree._Element) -> etree._Element:
        ref = node.get("ref")
        kind = etree.QName(node).localname
        found = self._words.declared(kind, self._words.clark(node, ref)) if ref else None
        return node if found is None else found

    def _typed(self, node: etree._Element, named: str | None) -> Form:
        """Of the type that `node` names or holds."""
        return self._form(self._type_of(node, named), node, named)

    def _form(self, current: etree._Element | None, node: etree._Element, named: str | None) -> Form:
        """From the outermost restriction to the built-in type: what comes first narrows what follows. `named`: what
        `node` calls the type, which is built in where there is no declaration of it."""
        facts: dict[str, Sequence[str]] = {}
        for _ in range(_DEEPEST):
            if current is None:
                if named and (clark := self._words.clark(node, named)).startswith(_XS):
                    facts.setdefault("type", (f"xs:{clark.removeprefix(_XS)}",))
                return Form(facts)
            if (several := current.find(f"{_XS}union")) is not None:
                return Form(facts, members=tuple(self._members(several)))
            if (listed := current.find(f"{_XS}list")) is not None:
                return Form(facts, item=self._typed(listed, listed.get("itemType")))
            holders = (current, *current.iterchildren(f"{_XS}simpleContent"))
            step = next((each for holder in holders for each in holder.iterchildren(*_DERIVING)), None)
            if step is None:
                return Form(facts)
            for facet in dict.fromkeys(str(child.tag) for child in step if child.tag in _FACETS):
                values = tuple(child.get("value", "") for child in step.iterchildren(facet))
                facts.setdefault(facet.removeprefix(_XS), values)
            node, named = step, step.get("base")
            current = self._type_of(step, named)
        return Form(facts)

    def _members(self, union: etree._Element) -> Iterator[Form]:
        for name in union.get("memberTypes", "").split():
            yield self._typed(union, name)
        for inner in union.iterchildren(f"{_XS}simpleType"):
            yield self._form(inner, inner, None)

    def _type_of(self, node: etree._Element, named: str | None) -> etree._Element | None:
        """The type a declaration or derivation names or holds; None for one that is built in."""
        if not named:
            return next(node.iterchildren(f"{_XS}simpleType", f"{_XS}complexType"), None)
        clark = self._words.clark(node, named)
        simple = self._words.declared("simpleType", clark, node)
        return simple if simple is not None else self._words.declared("complexType", clark, node)


def _without_code(steps: Sequence[str]) -> Sequence[str]:
    """The way to the field around a code."""
    while len(steps) > 1 and steps[-1].rpartition(":")[2] == _CODE:
        steps = steps[:-1]
    return steps


def _qualified(node: etree._Element, name: str) -> str:
    """Clark name of a name in an XPath: there the default namespace does not count."""
    prefix, colon, local = name.rpartition(":")
    return f"{{{node.nsmap.get(prefix)}}}{local}" if colon else local


def _documented(node: etree._Element) -> str:
    """What the schema calls it: a name in its `appinfo`, else the documentation where it is a name, German first."""
    notes = [note for annotation in node.iterchildren(f"{_XS}annotation") for note in annotation]
    inside = [child for note in notes if note.tag == f"{_XS}appinfo" for child in note.iterchildren(etree.Element)]
    names = [child for child in inside if etree.QName(child).localname.lower() in _NAMING]
    told = [note for note in notes if note.tag == f"{_XS}documentation"]
    told.sort(key=lambda note: not note.get(_XML_LANG, "de").startswith("de"))
    return title_from(_text(names)) or name_from(_text(told))


def _said(notes: Sequence[etree._Element], language: Language) -> str:
    """In the language where there is that, else as it is. Without a language it is German."""
    told = sorted(notes, key=lambda note: not note.get(_XML_LANG, "de").startswith(language))
    return " ".join(_text(told).split())


def _text(nodes: Sequence[etree._Element]) -> str:
    """Of the first that has any."""
    return next(filter(str.strip, ("".join(map(str, each.itertext())) for each in nodes)), "")
