"""The first character of a value that is not in a character set, such as those of DIN 91379: a pattern that takes any
row of its characters, letters among them.
"""

from collections.abc import Callable, Iterator, Sequence
from string import ascii_letters
from typing import Any, Final

from schemas.explaining.insight import Insight

_LONGEST: Final = 5000
"""Characters of a value that are looked at."""
_SEQUENCE: Final = 4
"""Characters at most that stand for one: a letter and its marks."""

Fits = Callable[[str], bool]


def stranger_in_xml(kind: Any, text: str) -> Insight | None:
    """`kind`: a simple type of xmlschema."""
    patterns = tuple(_patterns(kind))

    def fits(piece: str) -> bool:
        return all(pattern.re_match(piece) is not None for pattern in patterns)

    return stranger(fits, kind.normalize(text)) if patterns else None


def stranger(fits: Fits, value: str) -> Insight | None:
    """`fits`: whether the pattern takes a whole value. None where it is of another kind, or takes this one."""
    if not _is_of_characters(fits):
        return None
    reached = _reached(fits, value[:_LONGEST])
    return Insight(character=ord(value[reached]), at=reached + 1) if reached < min(len(value), _LONGEST) else None


def is_row(patterns: Sequence[str]) -> bool:
    """Whether a pattern may be of that kind, by its looks: some of a choice."""
    pattern = patterns[0].removeprefix("^").removesuffix("$") if len(patterns) == 1 else ""
    return pattern[:1] in {"(", "["} and pattern[-1:] in {"*", "+"}


def _patterns(kind: Any) -> Iterator[Any]:
    while kind is not None:
        if (pattern := getattr(kind, "patterns", None)) is not None:
            yield pattern
        kind = getattr(kind, "base_type", None)


def _is_of_characters(fits: Fits) -> bool:
    """Only where all letters are taken, so that what is told is no letter of a name or of a secret."""
    return all(map(fits, ascii_letters)) and fits("Aa") and fits("zZ")


def _reached(fits: Fits, value: str) -> int:
    """How far a row of characters goes, the longest way."""
    ends = {0}
    for start in range(len(value)):
        if start in ends:
            ends.update(start + size for size in range(1, _SEQUENCE + 1) if fits(value[start : start + size]))
    return max(end for end in ends if end <= len(value))
