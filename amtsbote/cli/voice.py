"""How the command line speaks: German or English, for people or (JSON) for programs."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from amtsbote.errors import Language
from amtsbote.text.catalogue import TABLE, say

_WIDTH_WITHOUT_TERMINAL: Final = 200


@dataclass(frozen=True, slots=True)
class Voice:
    language: Language

    def say(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def word(self, prefix: str, value: str) -> str:
        """A state, reason or kind as a person reads it; unknown ones as they are."""
        key = f"{prefix}.{value}"
        return self.say(key) if key in TABLE else printable(value)

    def line(self, text: str) -> None:
        _console().print(Text(printable(text)), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """`columns` are keys of the catalogue."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(self.say(column), overflow="fold")
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        _console().print(table)


def as_json(answer: Mapping[str, Any]) -> None:
    """One document on standard output."""
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")
    sys.stdout.flush()


def printable(text: str) -> str:
    """Text as a terminal may show it: names and reasons may come from outside."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _console() -> Console:
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    return Console(width=width, highlight=False, markup=False)
