"""What a simple pattern demands, as a clerk would say it: `DE[0-9]{20}` is “DE”, then 20 digits."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from amtsbote.errors import Language

_CLASSES: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    **dict.fromkeys(("[0-9]", r"\d"), (("Ziffer", "Ziffern"), ("digit", "digits"))),
    "[A-Z]": (("Großbuchstabe A–Z", "Großbuchstaben A–Z"), ("capital A–Z", "capitals A–Z")),
    "[a-z]": (("Kleinbuchstabe a–z", "Kleinbuchstaben a–z"), ("small letter a–z", "small letters a–z")),
    **dict.fromkeys(("[A-Za-z]", "[a-zA-Z]"), (("Buchstabe A–Z", "Buchstaben A–Z"), ("letter A–Z", "letters A–Z"))),
    **dict.fromkeys(
        ("[A-Z0-9]", "[0-9A-Z]"),
        (
            ("Großbuchstabe A–Z oder Ziffer", "Großbuchstaben A–Z oder Ziffern"),
            ("capital A–Z or digit", "capitals A–Z or digits"),
        ),
    ),
}
_COUNT: Final = r"\{(?P<least>[0-9]{1,4})(?:(?P<open>,)(?P<most>[0-9]{1,4})?)?\}"
_LITERAL: Final = r"(?P<literal>(?:[A-Za-z0-9/:_ -]|\\[-./])+)"
_PIECE: Final = re.compile(
    rf"(?P<kind>{'|'.join(map(re.escape, _CLASSES))})(?:{_COUNT}|(?P<some>\+))?|{_LITERAL}",
)
_MOST_PIECES: Final = 6
_EXPECTED: Final = ("Erwartet wird: {}.", "Expected: {}.")
_THEN: Final = (", dann ", ", then ")
_FROM_TO: Final = ("{} bis {} {}", "{} to {} {}")
_AT_LEAST: Final = ("mindestens {} {}", "at least {} {}")
_QUOTED: Final = ("„{}“", "“{}”")


def pattern_told(pattern: str, language: Language) -> str:
    """A sentence of a pattern that fits the whole value; nothing where it is not a row of characters and counts."""
    column = 0 if language == "de" else 1
    pieces: list[str] = []
    while pattern and len(pieces) < _MOST_PIECES:
        if (found := _PIECE.match(pattern)) is None:
            return ""
        pieces.append(_piece(found, column))
        pattern = pattern[found.end() :]
    return _EXPECTED[column].format(_THEN[column].join(pieces)) if pieces and not pattern else ""


def whole_pattern(code: str, patterns: Sequence[str]) -> str:
    """The only pattern, as one that fits the whole value: in XSD each does, in JSON one that is anchored."""
    if len(patterns) != 1:
        return ""
    (pattern,) = patterns
    if code == "XSD-PATTERN":
        return pattern
    return pattern[1:-1] if pattern.startswith("^") and pattern.endswith("$") else ""


def _piece(found: re.Match[str], column: int) -> str:
    if literal := found["literal"]:
        return _QUOTED[column].format(literal.replace("\\", ""))
    one, several = _CLASSES[found["kind"]][column]
    if found["some"]:
        return _AT_LEAST[column].format(1, one)
    least, most = found["least"] or "1", found["most"]
    if most:
        return _FROM_TO[column].format(least, most, several)
    words = one if least == "1" else several
    return _AT_LEAST[column].format(least, words) if found["open"] else f"{least} {words}"
