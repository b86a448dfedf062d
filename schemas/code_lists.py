"""The layer of code lists: is each key in the list and version that schema and document say it is from?

Of the four types of XÖV codes the first enumerates its keys in the XSD. The others fix both list and version, the list
alone, or neither. Official samples break their own lists, so each list has a grade; one that is not here is a warning.
"""

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Final, NamedTuple

from lxml import etree

from amtsbote.model.schema import Layer, Severity
from schemas.findings import Observation
from schemas.genericode import codes_of
from schemas.places import Places
from schemas.plan import MAX_FINDINGS, CodeListsPlan, list_key
from schemas.traits import is_code, is_coded, stated
from schemas.types import Shape, Typing, text_of


class _Held(NamedTuple):
    codes: frozenset[str]
    severity: Severity | None


class _Seen(NamedTuple):
    code: str
    severity: Severity
    element: etree._Element
    about: str


class CodeLists:
    """Of the documents of one schema."""

    layer: Final = Layer.CODE_LISTS

    def __init__(self, places: Places, plan: CodeListsPlan) -> None:
        self._places = places
        self._is_coded = cache(partial(is_coded, places.types))
        self._names = places.types.elements(self._is_coded)
        self._titles = plan.titles
        self._held: dict[str, dict[str, _Held]] = {}
        for known in plan.held:
            held = _Held(codes_of(Path(known.file)), known.severity)
            self._held.setdefault(known.uri, {})[known.version] = held

    def findings(self, root: etree._Element) -> Iterator[Observation]:
        left = dict.fromkeys(Severity, MAX_FINDINGS + 1)
        for seen in self._seen(root):
            if left[seen.severity]:
                left[seen.severity] -= 1
                yield self._observation(seen)

    def _seen(self, root: etree._Element) -> Iterator[_Seen]:
        typing = Typing(self._places.types)
        told: set[tuple[str, str, str]] = set()
        for element in typing.candidates(root, self._names):
            key = next((child for child in element.iterchildren(etree.Element) if is_code(str(child.tag))), None)
            if key is None or not self._is_coded(shape := typing.shape(element)):
                continue
            uri, version = _said(element, shape, "listURI"), _said(element, shape, "listVersionID")
            code, severity = self._judged(uri, version, text_of(key).strip())
            if code == "LIST-KEY":
                yield _Seen(code, severity, key, self._about(uri, version))
            elif code and (code, uri, version) not in told:
                told.add((code, uri, version))
                yield _Seen(code, severity, element, self._about(uri, version))

    def _judged(self, uri: str, version: str, key: str) -> tuple[str, Severity]:
        """Code of the finding; empty without one."""
        versions = self._held.get(uri)
        if versions is None:
            return ("LIST-UNKNOWN" if uri else "LIST-UNSTATED"), Severity.WARNING
        held = versions.get(version)
        if held is None:
            silent = all(each.severity is None for each in versions.values())
            return "" if silent else "LIST-VERSION-UNKNOWN", Severity.WARNING
        if held.severity is None or key in held.codes:
            return "", Severity.WARNING
        return "LIST-KEY", held.severity

    def _about(self, uri: str, version: str) -> str:
        """Only a list that we or the schema know is named."""
        return next((key for key in (list_key(uri, version), uri) if key in self._titles), "")

    def _observation(self, seen: _Seen) -> Observation:
        path, type_name = self._places.path(seen.element), self._places.type_of(seen.element)
        line = seen.element.sourceline or 0
        return Observation(seen.code, path, line, type_name, severity=seen.severity, about=seen.about)


def _said(element: etree._Element, shape: Shape, attribute: str) -> str:
    """By the document, else by the schema."""
    return element.get(attribute, "").strip() or stated(shape, attribute)
