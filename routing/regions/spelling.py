"""Names as people type them: umlauts, ß, accents, abbreviations, what stands after the comma."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from amtsbote.model.spelling import with_digraphs, without_accents

ANY: Final = "*"
"""Stands for any characters, also across words."""
_WORD: Final = re.compile(r"[^\W_]+")
_LONG: Final[Mapping[str, str]] = {"st": "sankt", "kgl": "koeniglich", "gem": "gemeinde"}
_SMALL: Final = frozenset(
    "a am an auf b bei d dem den der die i im in ob u und v vom von vor zu zum zur".split()  # noqa: SIM905  (reads as is)
)
"""Words between the words of a name, written out or not: Neustadt a.d.Aisch, Neustadt an der Aisch."""


def without_umlauts(text: str) -> str:
    """Small letters without accents, `ä` as `a`."""
    return without_accents(text.casefold())


def words_of(name: str) -> tuple[str, ...]:
    """`St. Ingbert, Mittelstadt` → `sankt`, `ingbert`, `mittelstadt`. Small words are left out unless nothing else is
    there; `ä` becomes `ae`."""
    return _words(with_digraphs(name))


def plain_words_of(name: str) -> tuple[str, ...]:
    """As `words_of`, but `ä` becomes `a`."""
    return _words(without_umlauts(name))


def phrases_of(name: str) -> set[str]:
    """Every way to write the name in words: whole and without its small words, with `ae` and with `a` for `ä`."""
    spellings = (with_digraphs(name), without_umlauts(name))
    return {" ".join(words) for one in spellings for words in (_WORD.findall(one), _words(one)) if words}


def pieces_of(pattern: str) -> tuple[str, ...]:
    """What stands between the wildcards of a pattern, folded like a name; a space is the border of a word."""
    between = f" {pattern} ".split(ANY)
    folded = ((piece, " ".join(_WORD.findall(with_digraphs(piece)))) for piece in between)
    return tuple(f"{_border(piece[0])}{words}{_border(piece[-1])}" for piece, words in folded if words)


def core_of(name: str) -> str:
    """The name without title and addition: `Hanau, Brüder-Grimm-Stadt` → `Hanau`; `Buchholz (Aller)` → `Buchholz`."""
    return re.split(r"[,(/]", name, maxsplit=1)[0].strip() or name


def _border(char: str) -> str:
    return "" if char.isalnum() or unicodedata.combining(char) else " "


def _words(text: str) -> tuple[str, ...]:
    words = tuple(_WORD.findall(text))
    kept = tuple(_LONG.get(word, word) for word in words if word not in _SMALL)
    return kept or words
