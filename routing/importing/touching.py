"""Of many rules those whose regions touch that of an offered one: they lie within it, at it or around it."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeAlias

from routing.choosing import prefixes_of
from routing.regions.rules import RuleRow

Place: TypeAlias = tuple[str, str]
"""What a rule is about, and its region."""


class Touching:
    """Made for the places of the offered rules: what touches none of them is not kept."""

    def __init__(
        self, places: Collection[Place], rows: Iterable[RuleRow], about: Callable[[RuleRow], Collection[str]]
    ) -> None:
        """`about`: all that a row counts for."""
        self._at: dict[Place, list[RuleRow]] = {
            (name, prefix): [] for name, region in places for prefix in prefixes_of(region)
        }
        self._within: dict[Place, list[RuleRow]] = {place: [] for place in places}
        for row in rows if places else ():
            region, *around = prefixes_of(row["gebiet"])
            for name in about(row):
                self._put(self._at, (name, region), row)
                for prefix in around:
                    self._put(self._within, (name, prefix), row)

    def of(self, place: Place) -> Iterator[RuleRow]:
        """Those within it first, then the rules of smaller regions before those of larger ones."""
        yield from self._within[place]
        name, region = place
        for prefix in prefixes_of(region):
            yield from self._at[name, prefix]

    @staticmethod
    def _put(found: dict[Place, list[RuleRow]], place: Place, row: RuleRow) -> None:
        if (here := found.get(place)) is not None:
            here.append(row)
