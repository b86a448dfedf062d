"""Words as people type them who have no umlauts, and the known word that one is nearest to."""

import unicodedata
from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_STROKES: Final = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
_LIKENESS: Final = 0.5


def with_digraphs(text: str) -> str:
    """Small letters without accents, `ä` as `ae`: as most people type who have no umlauts."""
    return without_accents(text.casefold().translate(_GERMAN))


def without_accents(text: str) -> str:
    """`ä` as `a`, `ł` as `l`."""
    letters = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return letters.translate(_STROKES)


def nearest(word: str, known: Collection[str], most: int = 3, likeness: float = _LIKENESS) -> list[str]:
    """The known words that are most like this one, the best first, however umlauts and ß are written."""
    folded: dict[str, list[str]] = {}
    for one in sorted(known):
        folded.setdefault(with_digraphs(one), []).append(one)
    found = get_close_matches(with_digraphs(word), folded, most, likeness)
    return [one for key in found for one in folded[key]][:most]
