"""One compiled schema, and its verdict on one document. Runs in the helper processes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from lxml import etree

from amtsbote.errors import Misconfigured
from schemas.findings import Observation, code_of
from schemas.reading import Unreadable, read_document
from schemas.xsd import Vocabulary, read_closure

MAX_FACT: Final = 200
MAX_FINDINGS: Final = 50
_STEP: Final = re.compile(r"([^\[\]/]+)(?:\[(\d+)\])?")
_ATTRIBUTE: Final = re.compile(r"Element '[^']*', attribute '([^']*)':")
_MISSING_ATTRIBUTE: Final = re.compile(r"Element '[^']*': The attribute '([^']*)' is required but missing\.")
_MISSING_CHILD: Final = re.compile(r"Element '[^']*': Missing child element\(s\)\.")
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\( ([^()]*) \)\.$")


@dataclass(frozen=True, slots=True)
class FactPlan:
    name: str
    xpath: str
    """Evaluated on the document; the result is taken as a string without white space around it."""
    pattern: str
    """Regular expression the whole value must match, otherwise there is no such fact."""


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """What a helper needs to know of one schema of a package."""

    uri: str
    package: str
    """Name and version of the service package."""
    folder: str
    xsd: str
    root: str
    """Root element in Clark notation."""
    prefixes: Mapping[str, str]
    """Prefix → namespace, for paths shown and XPath expressions."""
    facts: Sequence[FactPlan]


@dataclass(frozen=True, slots=True)
class Report:
    """Verdict of a helper, before it gets its sentences."""

    well_formed: bool
    findings: tuple[Observation, ...]
    more: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)


class Inspector:
    """Compiled schema of one plan. Raises `Misconfigured` when it cannot be compiled."""

    def __init__(self, plan: SchemaPlan, max_tags: int) -> None:
        files = read_closure(Path(plan.xsd), Path(plan.folder))
        self._vocabulary = Vocabulary(files, {space: prefix for prefix, space in plan.prefixes.items()})
        self._root = plan.root
        self._max_tags = max_tags
        try:
            self._schema = etree.XMLSchema(etree.parse(plan.xsd))
            self._facts = [
                (fact.name, etree.XPath(f"normalize-space({fact.xpath})", namespaces=dict(plan.prefixes)), fact.pattern)
                for fact in plan.facts
            ]
        except (etree.XMLSchemaParseError, etree.XPathSyntaxError) as cause:
            raise Misconfigured(f"package {plan.package}: {plan.xsd} does not compile: {cause}") from cause

    def inspect(self, document: bytes) -> Report:
        try:
            root = read_document(document, self._max_tags)
        except Unreadable as refused:
            return Report(False, (refused.seen,))
        if root.tag != self._root:
            shown = self._vocabulary.show(self._root)
            return Report(True, (Observation("DOC-ROOT", "/*", root.sourceline or 0, expected=(shown,)),))
        if self._satisfied(root):
            return Report(True, (), facts=dict(self._read_facts(root)))
        entries = self._schema.error_log
        findings = dict.fromkeys(self._observe(root, entry) for entry in islice(entries, MAX_FINDINGS))
        return Report(True, tuple(findings), more=len(entries) > MAX_FINDINGS)

    def _satisfied(self, root: etree._Element) -> bool:
        try:
            return self._schema.validate(root)
        except etree.XMLSchemaValidateError:
            return False  # a limit of libxml2, e.g. of its regular expressions; the log says where

    def _read_facts(self, root: etree._Element) -> Iterator[tuple[str, str]]:
        for name, xpath, pattern in self._facts:
            value = xpath(root)
            if isinstance(value, str) and len(value) <= MAX_FACT and re.fullmatch(pattern, value):
                yield name, str(value)

    def _observe(self, root: etree._Element, entry: etree._LogEntry) -> Observation:
        if entry.type_name == "ERR_NO_MEMORY":
            raise MemoryError
        code = code_of(entry.type_name)
        message = entry.message
        if code == "XSD-UNEXPECTED" and _MISSING_CHILD.match(message):
            code = "XSD-MISSING"
        chain = tuple(_chain(_locate(root, entry)))
        path = "".join(f"/{self._step(element)}" for element in chain)
        type_name = self._vocabulary.type_name([str(element.tag) for element in chain])
        if named := _ATTRIBUTE.match(message) or _MISSING_ATTRIBUTE.match(message):
            path += f"/@{self._vocabulary.attribute(named.group(1)) or '*'}"
            type_name = ""
        expected = self._expected(message) if code in {"XSD-UNEXPECTED", "XSD-MISSING"} else ()
        return Observation(code, path, max(entry.line, 0), type_name, expected)

    def _step(self, element: etree._Element) -> str:
        """`name[n]` for a name of the schema, else `*[n]`: an unknown name is the sender's word, not ours."""
        tag = str(element.tag)
        shown = self._vocabulary.element(tag)
        if shown is None:
            return "*" if element.getparent() is None else f"*[{_position(element, '*')}]"
        place = _position(element, tag)
        alone = place == 1 and next(element.itersiblings(tag), None) is None
        return shown if alone else f"{shown}[{place}]"

    def _expected(self, message: str) -> tuple[str, ...]:
        found = _EXPECTED.search(message)
        names = (name.strip() for name in found.group(1).split(",")) if found else ()
        return tuple(shown for name in names if (shown := self._vocabulary.element(name)))[:10]


def _position(element: etree._Element, tag: str) -> int:
    return 1 + sum(1 for _ in element.itersiblings(tag, preceding=True))


def _chain(element: etree._Element) -> Iterator[etree._Element]:
    yield from reversed(list(element.iterancestors()))
    yield element


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


def _qualified(element: etree._Element) -> str:
    local = etree.QName(element).localname
    return f"{element.prefix}:{local}" if element.prefix else local
