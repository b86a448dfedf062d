"""Names as people type them: umlauts, ß, accents, abbreviations, what stands after the comma."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_STROKES: Final = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
_WORD: Final = re.compile(r"[^\W_]+")
_LONG: Final[Mapping[str, str]] = {"st": "sankt", "kgl": "koeniglich", "gem": "gemeinde"}
_SMALL: Final = frozenset(
    "a am an auf b bei d dem den der die i im in ob u und v vom von vor zu zum zur".split()  # noqa: SIM905  (reads as is)
)
"""Words between the words of a name, written out or not: Neustadt a.d.Aisch, Neustadt an der Aisch."""


def words_of(name: str) -> tuple[str, ...]:
    """`St. Ingbert, Mittelstadt` → `sankt`, `ingbert`, `mittelstadt`. Small words are left out unless nothing else is
    there; `ä` becomes `ae`."""
    return _words(name.casefold().translate(_GERMAN))


def plain_words_of(name: str) -> tuple[str, ...]:
    """As `words_of`, but `ä` becomes `a`: as people type who have no umlauts."""
    return _words(name.casefold())


def core_of(name: str) -> str:
    """The name without title and addition: `Hanau, Brüder-Grimm-Stadt` → `Hanau`; `Buchholz (Aller)` → `Buchholz`."""
    return re.split(r"[,(/]", name, maxsplit=1)[0].strip() or name


def _words(text: str) -> tuple[str, ...]:
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    words = tuple(_WORD.findall(bare.translate(_STROKES)))
    kept = tuple(_LONG.get(word, word) for word in words if word not in _SMALL)
    return kept or words
