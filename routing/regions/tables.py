"""The three tables of places as values, and as CSV again: `gebiete`, `nachfolger`, `orte`."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from routing import faults
from routing.layout import COLUMNS, OPTIONAL, PLACES, REGIONS, SUCCESSORS, begins_on, ends_on, iso_date, open_table
from routing.regions import refusing
from routing.regions.area import Area, Art, Course, Place, Succession
from routing.regions.refusing import refused

NAMES: Final = (REGIONS, SUCCESSORS, PLACES)


@dataclass(frozen=True, slots=True)
class RegionTables:
    """What the tables know of places. Immutable; a change makes new ones."""

    areas: tuple[Area, ...] = ()
    successions: tuple[Succession, ...] = ()
    places: tuple[Place, ...] = ()

    def on(self, day: date) -> Iterator[Area]:
        return (area for area in self.areas if area.valid(day))

    def stand_of(self, group: str) -> date | None:
        """The newest day any imported row of the group describes that has no end; None when none was imported."""
        stands = (area.stand for area in self.areas if area.imported and area.end == date.max and area.group == group)
        return max((stand for stand in stands if stand is not None), default=None)


def read_tables(tables: Mapping[str, bytes]) -> RegionTables:
    """Raises `RoutingRefused` for what is no such CSV, `RegionsRefused` for a row that cannot be read."""
    return RegionTables(
        tuple(_area(row) for row in _rows(REGIONS, tables)),
        tuple(_succession(row) for row in _rows(SUCCESSORS, tables)),
        tuple(_place(row) for row in _rows(PLACES, tables)),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    table: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def _rows(name: str, tables: Mapping[str, bytes]) -> Iterator[_Row]:
    if name not in tables:
        return
    table = open_table(name, tables[name])
    allowed = (*COLUMNS[name], *OPTIONAL[name])
    for column in table.header:
        if column not in allowed:
            raise refused(faults.COLUMN_UNKNOWN, name, 1, value=column, other=";".join(allowed))
    for column in COLUMNS[name]:
        if column not in table.header:
            raise refused(faults.COLUMN_MISSING, name, 1, value=column)
    for line, cells in table.rows:
        if len(cells) != len(table.header):
            raise refused(faults.CELL_COUNT, name, line, value=str(len(cells)), other=len(table.header))
        yield _Row(name, line, dict(zip(table.header, cells, strict=True)))


def _area(row: _Row) -> Area:
    try:
        art = Art(row["art"]) if row["art"] else None
        begin, end, stand = begins_on(row["gueltig_ab"]), ends_on(row["gueltig_bis"]), _stand(row)
    except ValueError:
        raise refused(refusing.BAD_ROW, row.table, row.line) from None
    return Area(row["ars"], row["name"], art, row["ags"], row["typ"], begin, end, row["herkunft"], stand)


def _succession(row: _Row) -> Succession:
    try:
        course = Course(row["art"]) if row["art"] else None
        since, stand = begins_on(row["ab"]), _stand(row)
    except ValueError:
        raise refused(refusing.BAD_ROW, row.table, row.line) from None
    confirmed = row["bestaetigt"] != "vorschlag"
    return Succession(row["ars_alt"], row["ars_neu"], since, course, confirmed, row["herkunft"], stand)


def _place(row: _Row) -> Place:
    return Place(row["plz"], row["ags"], row["ort"], row["herkunft"], _stand(row))


def _stand(row: _Row) -> date | None:
    return iso_date(row["stand"]) if row["stand"] else None


def write_tables(tables: RegionTables) -> Mapping[str, bytes]:
    """Name of the table → CSV, rows in the order of their keys; a table without rows is left out."""
    areas = sorted(tables.areas, key=lambda area: (area.ars, area.begin))
    successions = sorted(tables.successions, key=lambda one: (one.old, one.since, one.new))
    places = sorted(tables.places, key=lambda place: (place.postcode, place.ags, place.name))
    written = {
        REGIONS: [_area_cells(area) for area in areas],
        SUCCESSORS: [_succession_cells(one) for one in successions],
        PLACES: [_place_cells(place) for place in places],
    }
    return {name: as_csv((*COLUMNS[name], *OPTIONAL[name]), rows) for name, rows in written.items() if rows}


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """As the tables are written: semicolons, quotation marks where needed, a line feed after each row."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def shown_day(day: date | None) -> str:
    """As a cell has it: empty is open or unknown."""
    return "" if day in {None, date.min, date.max} or day is None else day.isoformat()


def _area_cells(area: Area) -> tuple[str, ...]:
    dates = shown_day(area.begin), shown_day(area.end)
    art = area.art.value if area.art is not None else ""
    return area.ars, area.ags, area.name, *dates, art, area.typ, area.origin, shown_day(area.stand)


def _succession_cells(one: Succession) -> tuple[str, ...]:
    course = one.course.value if one.course is not None else ""
    confirmed = "ja" if one.confirmed else "vorschlag"
    return one.old, one.new, shown_day(one.since), course, confirmed, one.origin, shown_day(one.stand)


def _place_cells(place: Place) -> tuple[str, ...]:
    return place.postcode, place.ags, place.name, place.origin, shown_day(place.stand)
