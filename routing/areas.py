"""Areas by name or postcode, as the public search asks for them: terms with wildcards, all of which must fit.

Made once per version of the tables. A question costs a few passes over one text, whatever its wildcards: they are
looked for in order, nothing is ever tried again.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, Self

from amtsbote.errors import Misconfigured
from amtsbote.model.routing import FoundArea, RoutingDocument
from routing.layout import PLACES, REGIONS, begins_on, ends_on, open_table
from routing.regions.spelling import with_digraphs, without_umlauts

ANY: Final = "*"
"""Stands for any characters within a name."""
_KINDS: Final[Mapping[str, str]] = {
    "land": "Land",
    "regierungsbezirk": "Regierungsbezirk",
    "kreis": "Kreis",
    "verband": "Gemeindeverband",
    "gemeinde": "Gemeinde",
    "gemeindefrei": "Gemeindefreies Gebiet",
    "ortsteil": "Ortsteil",
}
"""`art` of the table → as the search names it, where `typ` says nothing more exact."""
_KINDS_BY_LENGTH: Final[Mapping[int, str]] = {
    2: "Land",
    3: "Regierungsbezirk",
    5: "Kreis",
    9: "Gemeindeverband",
    12: "Gemeinde",
}
"""Digits of a key → what it is when the table says nothing at all."""


class _Entry(NamedTuple):
    area: FoundArea
    begin: date
    end: date


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Areas:
    """One version of the tables, ready to be searched. Immutable."""

    _entries: tuple[_Entry, ...]
    """By name, then by key."""
    _text: str
    """Every spelling of every name and every postcode, each a line with a space before and behind each word."""
    _begins: tuple[int, ...]
    """Where each line begins."""
    _owners: tuple[int, ...]
    """Whose line it is: a place in `_entries`."""

    @classmethod
    def load(cls, document: RoutingDocument) -> Self:
        """Raises `Misconfigured` for tables that `tables.check` would not have let through."""
        try:
            rows = sorted(_rows(document.tables[REGIONS]), key=_by_name)
            places = _places(document.tables.get(PLACES))
        except (LookupError, ValueError) as error:
            raise Misconfigured(
                f"Routing version {document.version} cannot be searched; apply the tables again.",
                f"Die Zuständigkeitstabellen in Version {document.version} sind nicht lesbar; bitte erneut anwenden.",
            ) from error
        lines: list[str] = []
        owners: list[int] = []
        for number, (entry, ags) in enumerate(rows):
            names = dict.fromkeys([entry.area.name, *places.get(ags, ())])
            found = {spelling for name in names for spelling in _spellings(name)}
            lines += [f" {spelling} \n" for spelling in found]
            owners += [number] * len(found)
        begins = [0]
        for line in lines[:-1]:
            begins.append(begins[-1] + len(line))
        return cls(tuple(entry for entry, _ in rows), "".join(lines), tuple(begins), tuple(owners))

    def matching(self, terms: Sequence[str], on: date) -> tuple[FoundArea, ...]:
        """Every area valid on the day that all terms fit: first those whose name begins with the first term, then by
        name.

        A term fits a name that contains its words, one after the other; `*` stands for any characters, so that `Mag*`
        fits whatever has a word that begins like that.
        """
        found: set[int] | None = None
        for term in dict.fromkeys(terms):
            fitting = set(self._fitting(_pieces(term)))
            found = fitting if found is None else found & fitting
            if not found:
                return ()
        entries = (self._entries[number] for number in sorted(found or ()))
        areas = [entry.area for entry in entries if entry.begin <= on <= entry.end]
        first = terms[0].rstrip(ANY).casefold()
        return tuple(sorted(areas, key=lambda area: not area.name.casefold().startswith(first)))

    def _fitting(self, pieces: Sequence[str]) -> Iterator[int]:
        """Owners of the lines that hold all pieces, in this order and not over each other."""
        text, longest = self._text, max(pieces, key=len, default="")
        at = text.find(longest) if longest else -1
        while at >= 0:
            line = bisect_right(self._begins, at) - 1
            begin = self._begins[line]
            end = text.index("\n", at)
            for piece in pieces:
                begin = text.find(piece, begin, end)
                if begin < 0:
                    break
                begin += len(piece)
            else:
                yield self._owners[line]
            at = text.find(longest, end)


def _rows(data: bytes) -> Iterator[tuple[_Entry, str]]:
    """With the AGS."""
    for _, (ars, ags, name, begin, end, kind, detail, *_) in open_table(REGIONS, data).picked():
        area = FoundArea(ars, name, detail or _KINDS.get(kind) or _KINDS_BY_LENGTH[len(ars)])
        yield _Entry(area, begins_on(begin), ends_on(end)), ags


def _places(data: bytes | None) -> dict[str, list[str]]:
    """AGS → postcodes and names of places in it."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, (postcode, ags, name, *_) in open_table(PLACES, data).picked() if data is not None else ():
        found[ags] += [postcode, name]
    return found


def _by_name(row: tuple[_Entry, str]) -> tuple[str, int, str]:
    area = row[0].area
    return next(iter(_spellings(area.name)), ""), len(area.id), area.id


def _pieces(term: str) -> list[str]:
    """What stands between the wildcards; a space is the border of a word. Empty when nothing is left to look for."""
    words = _words(with_digraphs(term))
    before, behind = "" if words.startswith(ANY) else " ", "" if words.endswith(ANY) else " "
    return [piece for piece in f"{before}{words}{behind}".split(ANY) if piece.strip()]


def _spellings(name: str) -> dict[str, None]:
    """As words with `ä` as `ae`, and as `a`, as people type who have no umlauts."""
    found = (_words(with_digraphs(name)), _words(without_umlauts(name)))
    return dict.fromkeys(words for words in found if words)


def _words(letters: str) -> str:
    """Letters and digits, a space between words; wildcards stay."""
    return " ".join("".join(char if char.isalnum() or char == ANY else " " for char in letters).split())
