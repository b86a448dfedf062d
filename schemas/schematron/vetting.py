"""What a rule set may hold. Everything else is refused before anything is made of it."""

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from schemas.schematron.expressions import reaches_outside
from schemas.schematron.source import SCH, Source, refused

XSL: Final = "{http://www.w3.org/1999/XSL/Transform}"
DECLARATIONS: Final = ("function", "key", "variable", "decimal-format")
"""What of XSLT may stand beside the patterns."""
SILENT: Final = frozenset(f"{SCH}{name}" for name in ("title", "p", "diagnostics", "properties"))
"""Says something to readers, or is read where something refers to it."""
_RICH: Final = frozenset({"id", "see", "icon", "fpi"})
_GRADED: Final = frozenset({"role", "flag", "severity", "subject"})
_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "schema": frozenset({"queryBinding", "defaultPhase", "schemaVersion", "version"}),
    "ns": frozenset({"prefix", "uri"}),
    "let": frozenset({"name", "value", "as"}),
    "phase": frozenset(),
    "active": frozenset({"pattern"}),
    "pattern": frozenset({"abstract", "is-a", "name"}),
    "param": frozenset({"name", "value"}),
    "rules": frozenset(),
    "rule": frozenset({"context", "abstract"}) | _GRADED,
    "extends": frozenset({"rule"}),
    "assert": frozenset({"test", "diagnostics", "properties"}) | _GRADED,
    "report": frozenset({"test", "diagnostics", "properties"}) | _GRADED,
}
_FORBIDDEN: Final = frozenset(
    f"{XSL}{name}"
    for name in ("result-document", "evaluate", "source-document", "merge", "message", "import", "include")
)


def vet(source: Source) -> None:
    """Raises `Misconfigured` for the first thing this product does not do, wherever it stands."""
    for node in source.root.iter(etree.Element):
        for en, de in _objections(node):
            raise refused(source.where(node), en, de)


def _objections(node: etree._Element) -> Iterator[tuple[str, str]]:
    tag = str(node.tag)
    if tag.startswith(XSL):
        yield from _against_xslt(node, tag)
    elif tag.startswith(SCH):
        yield from _against_attributes(node, tag.removeprefix(SCH))
        parent = node.getparent()
        if (
            tag == f"{SCH}rule"
            and parent is not None
            and parent.tag == f"{SCH}rules"
            and node.get("abstract") != "true"
        ):
            yield "only abstract rules are supported in rules", "In rules werden nur abstrakte Regeln unterstützt"
    for value in map(str, node.attrib.values()):
        if function := reaches_outside(value):
            yield (
                f"the function {function} would read something else than the document",
                f"Die Funktion {function} würde etwas anderes lesen als das Dokument",
            )


def _against_xslt(node: etree._Element, tag: str) -> Iterator[tuple[str, str]]:
    name = tag.removeprefix(XSL)
    parent = node.getparent()
    if tag in _FORBIDDEN:
        yield f"xsl:{name} is not allowed", f"xsl:{name} ist nicht erlaubt"
    elif parent is not None and parent.getparent() is None:
        if name not in DECLARATIONS:
            yield f"xsl:{name} is not supported", f"xsl:{name} wird nicht unterstützt"
    elif not any(str(each.tag).startswith(XSL) for each in node.iterancestors()):
        yield "XSLT inside of rules is not supported", "XSLT innerhalb von Regeln wird nicht unterstützt"


def _against_attributes(node: etree._Element, name: str) -> Iterator[tuple[str, str]]:
    allowed = _ATTRIBUTES.get(name)
    for key in map(str, node.attrib):
        if allowed is not None and not key.startswith("{") and key not in allowed | _RICH:
            yield (
                f"the attribute {key} of {name} is not supported",
                f"Das Attribut {key} von {name} wird nicht unterstützt",
            )
