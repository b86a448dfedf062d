"""Rows of a table under check: what of them is compared with other rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple, TypeAlias

from routing.cells import MAIN
from routing.layout import ACTING, COMPETENCES, PLACES, REGIONS, ROLES, SERVICES, SUCCESSORS
from routing.refusal import TableProblem

MAX_PROBLEMS: Final = 100
"""Problems that are kept; the rest are counted."""

KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    REGIONS: ("ars", "ags"),
    SUCCESSORS: ("ars_alt", "ars_neu", "art", "bestaetigt"),
    PLACES: ("plz", "ags", "ort"),
    ACTING: ("gebiet", "rolle", "handelnd"),
    SERVICES: ("leistung",),
    ROLES: ("leistung", "gebiet", "rolle", "art", "prioritaet", "bedingung", "ort", "herkunft"),
    COMPETENCES: ("rolle", "gebiet", "stage", "prioritaet", "behoerde", "bedingung"),
}
"""Table → columns that are compared across rows."""

EMPTY: Final[Mapping[tuple[str, str], str]] = {
    (COMPETENCES, "stage"): "live",
    (COMPETENCES, "prioritaet"): "0",
    (ROLES, "prioritaet"): "0",
    (ROLES, "art"): MAIN,
    (SUCCESSORS, "bestaetigt"): "ja",
}
"""Table and column → what an empty or missing cell means, where that is not nothing."""
PACKAGE: Final = "paket:"
"""How the origin of a rule begins that is a default of a service package: the operator's own go before it."""


class Row(NamedTuple):
    line: int
    cells: tuple[str, ...]
    """Those of `KEPT`, in its order."""
    begin: date
    end: date


Tables: TypeAlias = Mapping[str, list[Row] | None]
"""Table → its sound rows; None for one that cannot be read as a whole."""
Refused: TypeAlias = Mapping[str, set[str]]
"""Table → every cell of its rows that were refused."""


@dataclass(slots=True)
class Findings:
    """Keeps the first problems and counts all."""

    kept: list[TableProblem] = field(default_factory=list)
    total: int = 0

    def add(self, problem: TableProblem) -> None:
        self.total += 1
        if len(self.kept) < MAX_PROBLEMS:
            self.kept.append(problem)


def kept_cells(table: str, cells: Mapping[str, str]) -> Iterator[str]:
    for column in KEPT[table]:
        text = cells.get(column) or EMPTY.get((table, column), "")
        yield str(int(text)) if column == "prioritaet" else text


def together(one: Row, other: Row) -> bool:
    """Whether there is a day on which both count. Both borders do."""
    return one.begin <= other.end and other.begin <= one.end
