"""Of which day the things are that came from elsewhere, source by source."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from amtsbote.model.directory import Authority
from routing.layout import ENDS, SUCCESSORS, ends_on, iso_date, open_table
from routing.regions.area import IMPORTED

_MARK: Final = IMPORTED.encode()


@dataclass(frozen=True, slots=True)
class Freshness:
    source: str
    rows: int = 0
    """Of the tables, that still count or will."""
    authorities: int = 0
    oldest: date | None = None
    newest: date | None = None
    """None where no row says its day."""

    def dated(self, day: date | None) -> "Freshness":
        if day is None:
            return self
        return replace(self, oldest=min(day, self.oldest or day), newest=max(day, self.newest or day))


Sources = Mapping[str, Freshness]
"""By name."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What one version of the tables has from elsewhere."""

    rows: Mapping[tuple[str, str, date], int] = field(default_factory=dict)
    """Source, its day as the row says it, last day of validity → how many."""

    def on(self, day: date) -> Sources:
        """What has ended by then keeps its last day for ever: it does not count."""
        found: dict[str, Freshness] = {}
        for (source, stand, end), rows in self.rows.items():
            if end >= day:
                one = found.get(source, Freshness(source))
                found[source] = replace(one, rows=one.rows + rows).dated(iso_date(stand))
        return found


def of_tables(tables: Mapping[str, bytes]) -> Imported:
    """Of checked tables. What became of a key does not grow old: it does not count."""
    return Imported(
        Counter(
            row
            for name, content in tables.items()
            if name != SUCCESSORS and _MARK in content
            for row in _said(name, content)
        )
    )


def with_authorities(sources: Sources, authorities: Iterable[Authority]) -> tuple[Freshness, ...]:
    """In the order of their names."""
    found = dict(sources)
    for authority in authorities:
        if authority.origin:
            source = authority.origin.removeprefix(IMPORTED)
            one = found.get(source, Freshness(source))
            found[source] = replace(one, authorities=one.authorities + 1).dated(authority.stand)
    return tuple(found[source] for source in sorted(found))


def _said(name: str, content: bytes) -> Iterable[tuple[str, str, date]]:
    """Source, day and last day of validity of every imported row."""
    table = open_table(name, content)
    places = {column: at for at, column in enumerate(table.header)}
    origin, stand, end = (places.get(column) for column in ("herkunft", "stand", ENDS))
    if origin is None:
        return
    for _, cells in table.rows:
        if cells[origin].startswith(IMPORTED):
            last = date.max if end is None else ends_on(cells[end])
            yield cells[origin].removeprefix(IMPORTED), "" if stand is None else cells[stand], last
