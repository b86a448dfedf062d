"""Regular expressions of JSON Schema (ECMA-262) as Python understands them.

Python's `$` also matches before a line feed at the end, and its `\\d` and `\\w` take digits and letters of all scripts:
`^[0-9]{5}$` would accept what the author did not mean. What cannot be said in Python is refused, not approximated.
"""

import re
from collections.abc import Mapping
from typing import Final

from amtsbote.errors import Misconfigured

_PART: Final = re.compile(r"\\(?:[pP]\{[^}]*\}|.)|\[|\]|\$|.", re.DOTALL)
_OUTSIDE: Final[Mapping[str, str]] = {
    r"\d": "[0-9]",
    r"\D": "[^0-9]",
    r"\w": "[A-Za-z0-9_]",
    r"\W": "[^A-Za-z0-9_]",
    "$": r"\Z",
}
_INSIDE: Final[Mapping[str, str]] = {r"\d": "0-9", r"\w": "A-Za-z0-9_", "[": r"\["}
_NO_PYTHON: Final = frozenset({r"\D", r"\W"})
"""Within a class."""


def in_python(pattern: str) -> str:
    """Raises `Misconfigured` for one that Python cannot compile."""
    try:
        translated = "".join(_translated(pattern))
        re.compile(translated)
    except (re.error, ValueError) as cause:
        raise Misconfigured(
            f"the pattern {pattern} is not supported: {cause}", f"das Muster {pattern} wird nicht unterstützt: {cause}"
        ) from cause
    return translated


def _translated(pattern: str) -> list[str]:
    words: list[str] = []
    inside = False
    for part in _PART.findall(pattern):
        if part[:2] in {r"\p", r"\P"}:
            raise ValueError(f"{part}: classes of Unicode properties")
        if inside and part in _NO_PYTHON:
            raise ValueError(f"{part} within a class")
        words.append((_INSIDE if inside else _OUTSIDE).get(part, part))
        inside = part != "]" if inside else part == "["
    return words
