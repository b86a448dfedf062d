"""What was found wrong with routing tables, and the refusal that carries it. The sentences are in `faults`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from amtsbote.errors import Language, Misconfigured

SHOWN_VALUE: Final = 40
"""Characters of a cell that a sentence repeats."""
SHOWN_IN_MESSAGE: Final = 10
"""Problems that the exception's own message repeats."""


@dataclass(frozen=True, slots=True)
class TableProblem:
    """One fault in one table. `line` counts from 1 with the header, 0 = the whole table; `column` may be empty."""

    table: str
    line: int
    column: str
    de: str
    en: str

    def text(self, language: Language) -> str:
        """One line for a person, with the place in front."""
        line, column = ("Zeile", "Spalte") if language == "de" else ("line", "column")
        place = [self.table]
        if self.line:
            place.append(f"{line} {self.line}")
        if self.column:
            place.append(f"{column} {self.column}")
        return f"{', '.join(place)}: {self.de if language == 'de' else self.en}"


class RoutingRefused(Misconfigured):
    """Routing tables that cannot be used. `problems` is bounded, `total` counts all that were found."""

    def __init__(self, problems: Sequence[TableProblem], total: int | None = None) -> None:
        self.problems = tuple(problems)
        self.total = len(self.problems) if total is None else total
        super().__init__(self.text("en", SHOWN_IN_MESSAGE), self.text("de", SHOWN_IN_MESSAGE))

    def text(self, language: Language, at_most: int | None = None) -> str:
        """All kept problems as lines, with a head line that gives the total."""
        head = (
            f"Die Zuständigkeitstabellen wurden nicht übernommen, Fehler: {self.total}"
            if language == "de"
            else f"The routing tables were not taken over, errors: {self.total}"
        )
        return "\n".join([head, *(problem.text(language) for problem in self.problems[:at_most])])


def shown(value: str) -> str:
    """A cell as it may stand in a sentence: one line, printable, short."""
    short = value if len(value) <= SHOWN_VALUE else f"{value[:SHOWN_VALUE]}…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in short)
