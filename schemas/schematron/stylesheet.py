"""A rule set → one XSLT 3 stylesheet that says which rules met a node and which checks found something.

Each pattern is a mode: the first rule that matches a node has the highest priority in it, so it is the one that counts.
The result is `<seen fired="2 5">` with an `<f c="CHECK" n="PLACE" a="ATTRIBUTE">` for each find, or with `e="RULE"`
where a rule could not be evaluated; errors first, of warnings (`w`) as many again. A place is the number of an element
in document order: found again in the parsed document, it needs no path. Our names are in a namespace no rule set uses.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Final

from lxml import etree

from amtsbote.model.schema import Severity
from schemas.plan import MAX_FINDINGS
from schemas.schematron.model import Check, Let, Name, Pattern, Piece, Rule, Schema, Value

_XSL_NS: Final = "http://www.w3.org/1999/XSL/Transform"
_XS: Final = "Q{http://www.w3.org/2001/XMLSchema}"
_OURS: Final = "Q{urn:amtsbote:schematron}"
_AT: Final = f"${_OURS}at"
MAX_FINDS: Final = MAX_FINDINGS + 1
"""One more than anybody keeps: that says that there are more."""


QUOTING: Final = "{urn:amtsbote:schematron}quoting"
"""Parameter of the stylesheet: whether messages carry values of the document."""


def stylesheet_of(schema: Schema) -> str:
    return etree.tostring(_Writer(schema).written(), encoding="unicode")


def _xsl(parent: etree._Element, instruction: str, /, **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, f"{{{_XSL_NS}}}{instruction}")
    for key, value in attributes.items():
        made.set(key.rstrip("_").replace("_", "-"), value)
    return made


class _Writer:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._checks = 0
        self._rules = 0
        named = Counter(
            let.name for pattern in schema.patterns for let in {each.name: each for each in pattern.lets}.values()
        )
        globally = {let.name for let in schema.lets}
        self._private = {name for name, times in named.items() if times > 1} | (named.keys() & globally)
        """What several patterns let, each for itself: such a name is seen by its own pattern only."""

    def written(self) -> etree._Element:
        namespaces: dict[str | None, str] = {"xsl": _XSL_NS}
        namespaces.update(self._schema.namespaces)
        root = etree.Element(f"{{{_XSL_NS}}}stylesheet", nsmap=namespaces)
        root.set("version", "3.0")
        root.set("exclude-result-prefixes", "#all")
        _xsl(root, "output", method="xml", omit_xml_declaration="yes", encoding="utf-8")
        _xsl(root, "param", name=f"{_OURS}quoting", as_=f"{_XS}boolean", select="false()")
        _xsl(root, "mode", use_accumulators=f"{_OURS}place")
        counted = _xsl(root, "accumulator", name=f"{_OURS}place", as_=f"{_XS}integer", initial_value="0")
        _xsl(counted, "accumulator-rule", match="*", select="$value + 1")
        _place_function(root)
        root.extend(map(deepcopy, self._schema.declarations))
        for let in self._schema.lets:
            self._let(root, let)
        for let in (let for pattern in self._schema.patterns for let in pattern.lets if let.name not in self._private):
            self._let(root, let)
        self._start(root)
        for number, pattern in enumerate(self._schema.patterns):
            self._pattern(root, number, pattern)
        return root

    def _versioned(self, element: etree._Element) -> etree._Element:
        if self._schema.compatible:
            element.set("version", "1.0")
        return element

    def _let(self, parent: etree._Element, let: Let) -> None:
        variable = self._versioned(_xsl(parent, "variable", name=let.name, select=let.value))
        if let.type:
            variable.set("as", let.type)

    def _own(self, pattern: Pattern) -> Sequence[Let]:
        return [let for let in pattern.lets if let.name in self._private]

    def _start(self, root: etree._Element) -> None:
        start = _xsl(root, "template", match="/")
        seen = _xsl(start, "variable", name=f"{_OURS}seen", as_="item()*")
        for number, pattern in enumerate(self._schema.patterns):
            one = _xsl(seen, "for-each", select=".")
            for let in self._own(pattern):
                self._let(one, let)
            applied = _xsl(one, "apply-templates", select=".", mode=f"{_OURS}p{number}")
            for let in self._own(pattern):
                _xsl(applied, "with-param", name=let.name, select=f"${let.name}", tunnel="yes")
        found = f"${_OURS}seen[. instance of element()]"
        told = etree.SubElement(start, "seen")
        _xsl(told, "attribute", name="fired", select=f"distinct-values(${_OURS}seen[. instance of {_XS}integer])")
        for of in ("not(@w)", "@w"):
            _xsl(told, "sequence", select=f"subsequence({found}[{of}], 1, {MAX_FINDS})")

    def _pattern(self, root: etree._Element, number: int, pattern: Pattern) -> None:
        mode = f"{_OURS}p{number}"
        _xsl(root, "mode", name=mode, on_no_match="shallow-skip", use_accumulators=f"{_OURS}place")
        for place, rule in enumerate(pattern.rules):
            template = _xsl(root, "template", match=rule.context, mode=mode, priority=str(len(pattern.rules) - place))
            for let in self._own(pattern):
                _xsl(template, "param", name=let.name, tunnel="yes")
            self._rule(self._versioned(template), rule)
            _xsl(template, "apply-templates", select="@* | node()", mode="#current")

    def _rule(self, template: etree._Element, rule: Rule) -> None:
        _xsl(template, "sequence", select=str(self._rules))
        tried = _xsl(template, "try")
        for step in rule.steps:
            if isinstance(step, Let):
                self._let(tried, step)
            else:
                self._check(tried, step)
        failed = etree.SubElement(_xsl(tried, "catch"), "f", e=str(self._rules))
        _located(failed, ".")
        self._rules += 1

    def _check(self, parent: etree._Element, check: Check) -> None:
        chosen = _xsl(parent, "choose")
        met = self._versioned(_xsl(chosen, "when", test=check.test))
        found = _xsl(chosen, "otherwise") if check.kind == "assert" else met
        at = "."
        if check.subject:
            self._versioned(_xsl(found, "variable", name=f"{_OURS}at", select=check.subject))
            at = f"({_AT}[. instance of node()], .)[1]"
        told = etree.SubElement(found, "f", c=str(self._checks))
        if check.severity is Severity.WARNING:
            told.set("w", "1")
        _located(told, at)
        for word in filter(None, map(self._word, check.message)):
            value = _xsl(etree.SubElement(told, "w"), "value-of", **word)
            self._versioned(value)
        self._checks += 1

    def _word(self, piece: Piece) -> Mapping[str, str] | None:
        """What the message needs from the document, as attributes of xsl:value-of."""
        match piece:
            case Name(path):
                return {"select": f"for $n in ({path})[1] return concat('{{', namespace-uri($n), '}}', local-name($n))"}
            case Value(select):
                return {"select": f"if (${_OURS}quoting) then ({select}) else '…'"}
            case _:
                return None


def _located(told: etree._Element, at: str) -> None:
    _xsl(told, "attribute", name="n", select=f"{_OURS}place({at})")
    attribute = f"{at}[. instance of attribute()]"
    _xsl(told, "attribute", name="a", select=f"{attribute}/concat('{{', namespace-uri(), '}}', local-name())")


def _place_function(root: etree._Element) -> None:
    """Number of the element a node is or belongs to; of the root element for what belongs to none."""
    function = _xsl(root, "function", name=f"{_OURS}place", as_=f"{_XS}integer")
    _xsl(function, "param", name="node", as_="node()")
    element = "($node/ancestor-or-self::*[1], root($node)/*)[1]"
    _xsl(function, "sequence", select=f"({element}/accumulator-before('{_OURS}place'), 1)[1]")
