"""How the demonstration speaks: rules, sentences, facts and trees, in German or English."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from amtsbote.errors import Language
from amtsbote.text.catalogue import say

_WIDTH_WITHOUT_TERMINAL: Final = 140
_INDENT: Final = (0, 0, 0, 3)


class Screen:
    def __init__(self, language: Language) -> None:
        self.language = language
        width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
        self._console = Console(width=width, highlight=False, markup=False, emoji=False)

    def say(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def title(self, key: str, **values: object) -> None:
        self._console.print()
        self._console.print(Text(self.say(key, **values), style="bold"))

    def step(self, number: int, name: str) -> None:
        self._console.print()
        self._console.rule(Text(f"{number}. {self.say(f'demo.step.{name}')}", style="bold cyan"), align="left")
        self._console.print(Text(self.say(f"demo.why.{name}"), style="italic"))

    def held(self, seconds: float) -> None:
        self._console.print(Text(f"✓ {self.say('demo.held', seconds=f'{seconds:.1f}')}", style="green"))

    def facts(self, *rows: tuple[str, object]) -> None:
        """Pairs of a key of the catalogue and a value."""
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim")
        table.add_column(overflow="fold")
        for key, value in rows:
            table.add_row(Text(self.say(key)), Text(str(value)))
        self._console.print(Padding(table, _INDENT, expand=False))

    def line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)

    def command(self, words: str, output: str = "") -> None:
        """A command as one would type it, and what it answered."""
        self.line(f"   $ {words}", "bold")
        for line in output.rstrip().splitlines():
            self.line(f"     {line}", "dim")

    def files(self, folder: Path) -> None:
        """A folder as its owner sees it, with sizes in bytes."""
        tree = Tree(Text(str(folder)))
        _grow(tree, folder)
        self._console.print(Padding(tree, _INDENT, expand=False))

    def findings(self, findings: Sequence[Mapping[str, Any]]) -> None:
        columns = ("demo.finding.code", "demo.finding.line", "demo.finding.place", "demo.finding.sentence")
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for column in columns:
            table.add_column(self.say(column), overflow="fold")
        for one in findings:
            table.add_row(one["code"], str(one["line"]), Text(one["path"]), Text(one[self.language]))
        self._console.print(Padding(table, _INDENT, expand=False))

    def verdict(self, line: str, style: str) -> None:
        """The last line, for people and programs alike: one line, whatever it quotes."""
        self._console.print()
        self.line(" ".join(line.split()), style)


def _grow(tree: Tree, folder: Path) -> None:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.name.startswith("."):
            _grow(tree.add(Text(f"{entry.name}/")), entry)
        elif entry.is_file():
            tree.add(Text(f"{entry.name}  ({entry.stat().st_size})"))
