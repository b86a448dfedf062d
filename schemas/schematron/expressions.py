"""What is looked at in XPath expressions without understanding them."""

import re
from collections.abc import Mapping
from typing import Final

from schemas.xpath import without_literals

Substitution = Mapping[str, str]
"""Name of a parameter of an abstract pattern → what stands for it."""

_OUTSIDE: Final = re.compile(
    r"(?<![\w.$@/-])(?:fn:|Q\{http://www\.w3\.org/2005/xpath-functions\})?"
    r"(document|doc|doc-available|collection|uri-collection|json-doc|unparsed-text(?:-available|-lines)?"
    r"|environment-variable|available-environment-variables|load-xquery-module|transform|stream-available)"
    r"\s*(?:\(|#\d)"
)


def reaches_outside(expression: str) -> str | None:
    """Name of the function that would read files, addresses or the environment. Saxon and the sealed process refuse it,
    too, but some of these functions answer with false where they fail."""
    found = _OUTSIDE.search(without_literals(expression))
    return found.group(1) if found else None


def substituted(expression: str, params: Substitution) -> str:
    """The expression of an abstract pattern, with text for its parameters."""
    if not params:
        return expression
    return re.sub(r"\$([\w.-]+)", lambda found: params.get(found.group(1), found.group(0)), expression)
