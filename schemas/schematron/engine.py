"""Saxon: compiled rule sets, and what they find in a document. Runs in the helper processes, and only this imports it.

What Saxon prints when something fails quotes the document; the sealed process sends it nowhere.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Final

from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor

from amtsbote.errors import Misconfigured
from schemas.reading import read_file
from schemas.schematron.ruleset import RuleSet
from schemas.schematron.stylesheet import QUOTING

_FEATURE: Final = "http://saxon.sf.net/feature/"
_PLACE: Final = re.compile(r" on line \d+ column \d+ of \S+")
"""A place in the stylesheet, which nobody has written."""
_SETTINGS: Final[Mapping[str, str]] = {
    "allow-external-functions": "false",
    "allowedProtocols": "",
    "disableXslEvaluate": "true",
}


@dataclass(frozen=True, slots=True)
class Find:
    """One thing a rule set found."""

    check: int | None
    """Which check; None for a rule that could not be evaluated."""
    rule: int | None
    """Which rule could not be evaluated; with neither, the rule set as a whole could not."""
    element: etree._Element
    attribute: str
    """Clark name of the attribute that was looked at; empty for the element."""
    words: Sequence[str]
    """What stands in the message: of a name the Clark name, of a value the value, or the mask."""


@dataclass(frozen=True, slots=True)
class Outcome:
    fired: frozenset[int]
    """The rules that met a node."""
    finds: Sequence[Find]


class Engine:
    """Rule sets, compiled. Raises `Misconfigured` when one cannot be."""

    def __init__(self, rule_sets: Sequence[RuleSet]) -> None:
        self._compiled = [(_compiled(each.name, each.stylesheet), each.quoting) for each in rule_sets]

    def run(self, root: etree._Element) -> tuple[Outcome, ...]:
        """What each of the rule sets says about the document."""
        text = etree.tostring(root.getroottree(), encoding="unicode")
        document = _saxon().parse_xml(xml_text=text, encoding="utf-8")
        results = (_result(compiled, document, quoting=quoting) for compiled, quoting in self._compiled)
        return tuple(_outcome(root, result) for result in results)


@cache
def _saxon() -> PySaxonProcessor:
    saxon = PySaxonProcessor(license=False)
    for name, value in _SETTINGS.items():
        saxon.set_configuration_property(_FEATURE + name, value)
    saxon.new_xpath_processor().evaluate("current-dateTime()")  # reads the time zone while files can be opened
    return saxon


@cache
def _compiled(name: str, stylesheet: str) -> Any:
    """All messages of a standard have the same rule sets: each is compiled once."""
    compiler = _saxon().new_xslt30_processor()
    compiler.set_jit_compilation(False)
    try:
        return compiler.compile_stylesheet(stylesheet_text=stylesheet, encoding="utf-8")
    except PySaxonApiError as cause:
        why = " ".join(_PLACE.sub("", str(cause)).split())[:500]
        raise Misconfigured(
            f"Schematron {name}: an expression is not valid: {why}",
            f"Schematron {name}: Ein Ausdruck ist ungültig: {why}",
        ) from cause


def _result(compiled: Any, document: Any, *, quoting: bool) -> etree._Element | None:
    compiled.set_parameter(QUOTING, _saxon().make_boolean_value(quoting))
    try:
        return read_file(compiled.transform_to_string(xdm_node=document).encode())
    except PySaxonApiError:
        return None


def _outcome(root: etree._Element, result: etree._Element | None) -> Outcome:
    if result is None:
        return Outcome(frozenset(), (Find(None, None, root, "", ()),))
    told = list(result)
    elements = _elements(root, {int(each.get("n", "1")) for each in told})
    finds = tuple(_find(each, elements) for each in told)
    return Outcome(frozenset(map(int, result.get("fired", "").split())), finds)


def _elements(root: etree._Element, wanted: set[int]) -> Mapping[int, etree._Element]:
    """Elements by their number in document order, from 1."""
    numbered = enumerate(islice(root.iter(etree.Element), max(wanted, default=0)), 1)
    return {number: element for number, element in numbered if number in wanted}


def _find(told: etree._Element, elements: Mapping[int, etree._Element]) -> Find:
    check, rule = told.get("c"), told.get("e")
    return Find(
        check=None if check is None else int(check),
        rule=None if rule is None else int(rule),
        element=elements[int(told.get("n", "1"))],
        attribute=told.get("a", ""),
        words=tuple(each.text or "" for each in told),
    )
