"""XPath 1.0 as operators write it: refused at once where it could fail in front of a document."""

import re
from collections.abc import Mapping
from typing import Final

from lxml import etree

from amtsbote.errors import Misconfigured

_LITERAL: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME: Final = r"[^\W\d][\w.-]*"
_CALL: Final = re.compile(rf"({_NAME}(?::{_NAME})?)\s*\(")
_PREFIX: Final = re.compile(rf"({_NAME}):(?=[^\W\d]|\*)")
_CALLABLE: Final = frozenset({
    "boolean", "ceiling", "concat", "contains", "count", "false", "floor", "id", "lang", "last", "local-name", "name",
    "namespace-uri", "normalize-space", "not", "number", "position", "round", "starts-with", "string", "string-length",
    "substring", "substring-after", "substring-before", "sum", "translate", "true",
    "comment", "node", "processing-instruction", "text", "and", "div", "mod", "or",
})  # fmt: skip
"""The core library, and what else may stand before a parenthesis."""

_OUT_OF_MEMORY: Final = frozenset({"XPATH_MEMORY_ERROR", "ERR_NO_MEMORY"})


def without_literals(expression: str) -> str:
    return _LITERAL.sub("''", expression)


def compiled(expression: str, prefixes: Mapping[str, str]) -> etree.XPath:
    """Raises `Misconfigured`. libxml2 finds unknown names only when it comes to them, which no document may decide."""
    bare = without_literals(expression)
    if unknown := sorted(set(_PREFIX.findall(bare)) - set(prefixes)):
        raise _refused(expression, f"unknown prefix {unknown[0]}", f"unbekanntes Präfix {unknown[0]}")
    if unknown := sorted(set(_CALL.findall(bare)) - _CALLABLE):
        raise _refused(expression, f"unknown function {unknown[0]}", f"unbekannte Funktion {unknown[0]}")
    if "$" in bare:
        raise _refused(expression, "there are no variables", "Variablen gibt es hier nicht")
    try:
        etree.XPath(expression)
        return etree.XPath(f"({expression})", namespaces=dict(prefixes), regexp=False)  # finds `count(`, too
    except etree.XPathSyntaxError as cause:
        raise _refused(expression, str(cause), str(cause)) from cause


def condition(expression: str, prefixes: Mapping[str, str]) -> etree.XPath:
    """The same, for whether it holds. Raises `Misconfigured`."""
    compiled(expression, prefixes)
    return compiled(f"boolean({expression})", prefixes)


def fits(test: etree.XPath, element: etree._Element) -> bool:
    """Whether a condition holds. Where that cannot be told, it does not."""
    try:
        return bool(test(element))
    except etree.XPathError as failed:
        raise_out_of_memory(failed)
        return False


def raise_out_of_memory(failed: etree.XPathError) -> None:
    """`MemoryError` where this is what happened."""
    if any(entry.type_name in _OUT_OF_MEMORY for entry in getattr(failed, "error_log", ())):
        raise MemoryError from failed


def _refused(expression: str, en: str, de: str) -> Misconfigured:
    return Misconfigured(f"not XPath 1.0: {expression} ({en})", f"kein XPath 1.0: {expression} ({de})")
