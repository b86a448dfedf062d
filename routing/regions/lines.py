"""Many names as one text, in which a pattern is looked for in one pass, whatever it is made of."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Lines:
    """Immutable. Every name is a line of words with a space before and behind each, and belongs to somebody."""

    _text: str
    _begins: Sequence[int]
    """Where each line begins."""
    _owners: Sequence[int]

    @classmethod
    def of(cls, names: Iterable[tuple[str, int]]) -> Self:
        """Words with a space between them, and whose they are."""
        lines: list[str] = []
        begins: list[int] = []
        owners: list[int] = []
        at = 0
        for words, owner in names:
            line = f" {words} \n"
            lines.append(line)
            begins.append(at)
            owners.append(owner)
            at += len(line)
        return cls("".join(lines), begins, owners)

    def holding(self, pieces: Sequence[str]) -> Iterator[int]:
        """Owners of the lines that hold all pieces, in this order and not over each other; once for each line. No piece
        is in no line."""
        text, longest = self._text, max(pieces, key=len, default="")
        at = text.find(longest) if longest else -1
        while at >= 0:
            line = bisect_right(self._begins, at) - 1
            begin, end = self._begins[line], text.index("\n", at)
            for piece in pieces:
                begin = text.find(piece, begin, end)
                if begin < 0:
                    break
                begin += len(piece)
            else:
                yield self._owners[line]
            at = text.find(longest, end)
