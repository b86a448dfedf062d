"""How places in a document are named: paths and types in the words of the schema, never in the sender's."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from lxml import etree

from schemas.findings import Observation
from schemas.plan import SchemaPlan, readable
from schemas.types import Types, Typing, text_of
from schemas.xsd import Vocabulary, documentation, read_closure


class Places:
    """The places of one schema. Raises `Misconfigured` when its files are not a closed set."""

    def __init__(self, plan: SchemaPlan) -> None:
        self._plan = plan
        files = read_closure(Path(plan.xsd), Path(plan.folder))
        self._vocabulary = Vocabulary(files, {space: prefix for prefix, space in plan.prefixes.items()})
        self.types = Types(self._vocabulary)

    def wrong_root(self, root: etree._Element, wanted: str, other: int | None) -> Observation:
        """`wanted`: Clark name of the right one."""
        found, name = etree.QName(root), etree.QName(wanted)
        alike = found.localname == name.localname
        code, space = ("DOC-NAMESPACE", self._shown_space(found.namespace or "")) if alike else ("DOC-ROOT", None)
        shown = self._vocabulary.show(wanted)
        return Observation(code, "/*", root.sourceline or 0, expected=(shown,), other=other, space=space)

    def _shown_space(self, space: str) -> str | None:
        if not space or self._plan.knows_space(space):
            return space
        return readable(space) if self._plan.quotes else None

    def path(self, element: etree._Element) -> str:
        """E.g. `/b:antrag/b:baum[2]`."""
        return "".join(f"/{self._step(each)}" for each in _chain(element))

    def type_of(self, element: etree._Element) -> str:
        """Name of the type it is declared with; empty when it has none. `xsi:type` is the sender's word."""
        node = Typing(self.types).declaration(element)
        return "" if node is None else self._vocabulary.type_name(node)

    def name(self, clark: str) -> str | None:
        """How to show the name of an element, None for one the schema does not know."""
        return self._vocabulary.element(clark)

    def attribute(self, clark: str) -> str:
        """How to show the name of an attribute; `*` for one the schema does not know."""
        return self._vocabulary.attribute(clark) or "*"

    def constraint(self, clark: str) -> str:
        """How to show the name of an identity constraint; empty for one the schema does not know."""
        return self._vocabulary.show(clark) if clark in self._vocabulary.constraints else ""

    def assertion(self, test: str, notes: Sequence[str]) -> int | None:
        """Number of the first one with this test and documentation."""
        said = (test, *notes)
        told = ((each.get("test", "").strip(), *documentation(each)) for each in self._vocabulary.assertions)
        return next((number for number, each in enumerate(told) if each == said), None)

    def value(self, root: etree._Element, path: str) -> str:
        """What stands at a path as `path` makes them; empty where there is more than text, or nothing."""
        element = self.element(root, path)
        attribute = path.rpartition("/@")[2] if "/@" in path else ""
        return "" if element is None or (len(element) and not attribute) else self.text(element, attribute)

    def element(self, root: etree._Element, path: str) -> etree._Element | None:
        """The element at a path, or that of the attribute there."""
        element: etree._Element | None = root
        for step in path.partition("/@")[0].split("/")[2:]:
            element = None if element is None else self._child(element, step)
        return element

    def text(self, element: etree._Element, attribute: str) -> str:
        """Of an attribute by its shown name, or without one of the element."""
        if not attribute:
            return text_of(element)
        return next((str(value) for name, value in element.items() if self.attribute(str(name)) == attribute), "")

    def _child(self, element: etree._Element, step: str) -> etree._Element | None:
        name, _, place = step.rstrip("]").partition("[")
        children = element.iterchildren(etree.Element)
        named = (each for each in children if name in ("*", self._vocabulary.element(str(each.tag))))
        return next(islice(named, int(place or 1) - 1, None), None)

    def _step(self, element: etree._Element) -> str:
        """`name[n]` for a name of the schema, else `*[n]`: an unknown name is the sender's word, not ours."""
        tag = str(element.tag)
        shown = self._vocabulary.element(tag)
        if shown is None:
            return "*" if element.getparent() is None else f"*[{_position(element, '*')}]"
        place = _position(element, tag)
        alone = place == 1 and next(element.itersiblings(tag), None) is None
        return shown if alone else f"{shown}[{place}]"


def _position(element: etree._Element, tag: str) -> int:
    return 1 + sum(1 for _ in element.itersiblings(tag, preceding=True))


def _chain(element: etree._Element) -> Iterator[etree._Element]:
    yield from reversed(list(element.iterancestors()))
    yield element
