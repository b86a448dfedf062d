"""On which line of a declaration a place stands. The TOML parser of the standard library does not tell."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from amtsbote.admin.mistakes import place_of
from amtsbote.admin.refusals import RefusedThere, as_refusal
from amtsbote.errors import AmtsboteError

_TOKEN: Final = re.compile(
    r"""(?P<comment>\#[^\n]*)
    | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
    | (?P<newline>\n) | (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<equals>=) | (?P<word>[A-Za-z0-9_-]+) | .""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER: Final = re.compile(r" #\d+$")


@contextmanager
def lines_named(file: Path) -> Iterator[None]:
    """What is refused within because of mistakes in the declaration `file` names their lines (`line`), too."""
    try:
        yield
    except AmtsboteError as error:
        refusal = as_refusal(error)
        if "mistakes" not in refusal or not file.is_file():
            raise
        lines = lines_of(file.read_text("utf-8", "replace"))
        located = [{**one, "line": line_at(lines, one["place"])} for one in refusal["mistakes"]]
        raise RefusedThere({**refusal, "mistakes": located}) from error


def line_at(lines: Mapping[str, int], place: str) -> int | None:
    """The line of `place`, or of the nearest thing around it; None when the file does not have it."""
    steps = place.split(" · ")
    while steps:
        whole = _plain(" · ".join(steps))
        found = lines.get(whole) or lines.get(_NUMBER.sub("", whole))
        if found is not None:
            return found
        steps.pop()
    return None


def lines_of(text: str) -> dict[str, int]:
    """Line (from 1) of every table and key of a TOML document, by its place as `place_of` writes it.

    What stands inside a value has no line of its own. Of a text that is no TOML, lines may be wrong.
    """
    statements = _Statements()
    words: list[str] = []
    line, began, depth, brackets, in_value = 1, 1, 0, 0, False
    for token in _TOKEN.finditer(f"{text}\n"):
        kind, found = token.lastgroup, token.group()
        if kind in {"open", "close"}:
            depth += 1 if kind == "open" else -1
            brackets = max(brackets, depth) if not in_value else brackets
        elif kind in {"word", "string"} and not in_value:
            began = began if words else line
            words.append(found.strip("\"'"))
        elif kind == "equals" and not in_value:
            statements.key(words, began)
            in_value = True
        elif kind == "newline" and depth <= 0:
            if words and brackets and not in_value:
                statements.header(words, began, many=brackets > 1)
            words, depth, brackets, in_value = [], 0, 0, False
        line += found.count("\n")
    return statements.lines


class _Statements:
    """The headers and keys met so far."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self._table: list[str | int] = []
        self._last: dict[tuple[str | int, ...], int] = {}
        """Index of the last entry of each array of tables."""

    def header(self, words: Sequence[str], line: int, *, many: bool) -> None:
        location: list[str | int] = []
        for word in words:
            last = self._last.get(tuple(location))
            location += [word] if last is None else [last, word]
        self._note(location, line)
        if many:
            array = tuple(location)
            self._last[array] = self._last.get(array, -1) + 1
            location.append(self._last[array])
            self._note(location, line)
        self._table = location

    def key(self, words: Sequence[str], line: int) -> None:
        self._note([*self._table, *words], line)

    def _note(self, location: Sequence[str | int], line: int) -> None:
        self.lines.setdefault(_plain(place_of(location)), line)


def _plain(place: str) -> str:
    """Without the brackets, which say only whether a table is one of many."""
    return place.replace("[", "").replace("]", "")
