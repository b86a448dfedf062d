"""What two versions of the routing tables differ in, row by row, and the same change made to a third one.

A row is its cells by column; a missing column is an empty cell, the order of columns and rows says nothing.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from amtsbote.errors import AmtsboteError
from routing.layout import COLUMNS, OpenTable, open_table

Tables = Mapping[str, bytes]
Row = tuple[str, ...]

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "gebiete": ("ars",),
    "nachfolger": ("ars_alt",),
    "orte": ("plz", "ags"),
    "vertretungen": ("gebiet", "rolle"),
    "leistungen": ("leistung",),
    "rollen": ("leistung",),
    "zustaendigkeiten": ("rolle", "gebiet"),
}
"""Table → columns that say what a row is about. Rows about the same thing belong together: two changes of them are for
a person to put together."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that is different. At least one side is there."""

    table: str
    line: int
    """Where it stands in the new table, or, when it is gone, in the old one."""
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None

    @property
    def action(self) -> Literal["added", "changed", "removed"]:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def sides(self) -> tuple[Mapping[str, str], ...]:
        return tuple(side for side in (self.before, self.after) if side is not None)

    @property
    def renewed(self) -> bool:
        """Nothing is new but its day, which is a later one: its source says it again."""
        if self.before is None or self.after is None:
            return False
        before, after = ({name: cell for name, cell in side.items() if cell} for side in (self.before, self.after))
        days = before.pop("stand", ""), after.pop("stand", "")
        return before == after and days[0] < days[1]

    @property
    def stand(self) -> str:
        """Day of the row's data as it is afterwards, ISO; empty when nobody said."""
        return "" if self.after is None else self.after.get("stand", "")

    @property
    def about(self) -> tuple[str, ...]:
        """Table and key: rows with the same one belong together."""
        side = self.sides[0]
        return (self.table, *(side.get(column, "") for column in _KEYS[self.table]))


class Overlapping(AmtsboteError):
    """Both sides changed rows about the same thing. `meanwhile`: what the other side did there."""

    def __init__(self, meanwhile: Sequence[RowChange]) -> None:
        self.meanwhile = tuple(meanwhile)
        super().__init__(f"{len(self.meanwhile)} rows changed meanwhile")


def difference(before: Tables, after: Tables) -> tuple[RowChange, ...]:
    """Every row that is different, in the order of tables and lines. A table that is not there has no rows. Raises
    RoutingRefused for a table that cannot be read; the cells may say anything."""
    named = [name for name in COLUMNS if before.get(name) != after.get(name)]
    return tuple(change for name in named for change in _of_table(name, before.get(name), after.get(name)))


def rebased(base: Tables, changed: Tables, other: Tables) -> dict[str, bytes]:
    """`other` with what `changed` does to `base`. A table only one of them touched is taken as it is written there.
    A row of which only the day is new gives way to a change on the other side, and to a younger day. Raises
    `Overlapping`."""
    wanted, meanwhile = difference(base, changed), difference(base, other)
    about = {change.about for change in wanted if not change.renewed}
    theirs = [change for change in meanwhile if not change.renewed]
    if both := [change for change in theirs if change.about in about]:
        raise Overlapping(both)
    taken = {change.about for change in theirs}
    again = [change for change in meanwhile if change.renewed]
    wanted = tuple(_on_renewed([change for change in wanted if change.about not in taken], again))
    merged = dict(other)
    for name in {change.table for change in wanted}:
        if base.get(name) == other.get(name):
            merged[name] = changed[name]
        else:
            merged[name] = _replayed(name, other[name], [change for change in wanted if change.table == name])
    return merged


def _on_renewed(wanted: Iterable[RowChange], renewed: Iterable[RowChange]) -> Iterator[RowChange]:
    """The changes as they are to be made to rows that have got another day meanwhile."""
    now: dict[tuple[str, frozenset[tuple[str, str]]], list[Mapping[str, str]]] = defaultdict(list)
    for change in renewed:
        before, after = change.sides
        now[change.table, _filled(before)].append(after)
    for change in wanted:
        there = now.get((change.table, _filled(change.before))) if change.before is not None else None
        if not there:
            yield change
            continue
        row = there.pop()
        if not change.renewed or change.sides[1]["stand"] > row["stand"]:
            yield replace(change, before=row)


def _filled(row: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((column, cell) for column, cell in row.items() if cell)


def _of_table(name: str, before: bytes | None, after: bytes | None) -> Iterator[RowChange]:
    """Of the rows that stay only a hash of 64 bits is kept, keyed anew in each process: that one change among a million
    rows hides behind another row is as likely as one in ten million million."""
    columns = tuple(dict.fromkeys([*_header(name, before), *_header(name, after)]))
    left = Counter(hash(row) for _, row in _rows(name, before, columns))
    added: dict[Row, list[tuple[int, Row]]] = defaultdict(list)
    removed: dict[Row, list[tuple[int, Row]]] = defaultdict(list)
    keys = [columns.index(column) for column in _KEYS[name] if column in columns]
    for line, row in _rows(name, after, columns):
        if left[hash(row)] > 0:
            left[hash(row)] -= 1
        else:
            added[tuple(row[at] for at in keys)].append((line, row))
    for line, row in _rows(name, before, columns) if left.total() else ():
        if left[hash(row)] > 0:
            left[hash(row)] -= 1
            removed[tuple(row[at] for at in keys)].append((line, row))
    for key in dict.fromkeys([*removed, *added]):
        yield from _paired(name, columns, removed.get(key, []), added.get(key, []))


def _paired(
    name: str, columns: Sequence[str], gone: Sequence[tuple[int, Row]], new: Sequence[tuple[int, Row]]
) -> Iterator[RowChange]:
    """What only has another day is the same row; of the others one for one is a change; otherwise nobody knows which
    became which."""

    def shown(row: Row) -> dict[str, str]:
        return dict(zip(columns, row, strict=True))

    again, gone, new = _said_again(columns, gone, new)
    yield from (RowChange(name, line, shown(before), shown(after)) for before, (line, after) in again)
    if len(gone) == len(new) == 1:
        [(_, before)], [(line, after)] = gone, new
        yield RowChange(name, line, shown(before), shown(after))
        return
    yield from (RowChange(name, line, shown(row), None) for line, row in gone)
    yield from (RowChange(name, line, None, shown(row)) for line, row in new)


def _said_again(
    columns: Sequence[str], gone: Sequence[tuple[int, Row]], new: Sequence[tuple[int, Row]]
) -> tuple[list[tuple[Row, tuple[int, Row]]], Sequence[tuple[int, Row]], Sequence[tuple[int, Row]]]:
    """Pairs of rows between which nothing but `stand` differs, and what is left of both sides."""
    if "stand" not in columns or not gone or not new:
        return [], gone, new
    day = columns.index("stand")
    waiting: dict[Row, list[tuple[int, Row]]] = defaultdict(list)
    for line, row in reversed(gone):
        waiting[row[:day] + row[day + 1 :]].append((line, row))
    pairs, rest = [], []
    for line, row in new:
        same = waiting[row[:day] + row[day + 1 :]]
        if same:
            pairs.append((same.pop()[1], (line, row)))
        else:
            rest.append((line, row))
    left = sorted(one for several in waiting.values() for one in several)
    return pairs, left, rest


def _header(name: str, data: bytes | None) -> Sequence[str]:
    return COLUMNS[name] if data is None else open_table(name, data).header


def _rows(name: str, data: bytes | None, columns: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Line and cells in the order of `columns`; cells too many or too few are no row of ours and left to the check."""
    if data is None:
        return
    table: OpenTable = open_table(name, data)
    places = {column: at for at, column in enumerate(table.header)}
    picked = [places.get(column, len(table.header)) for column in columns]
    for line, cells in table.rows:
        padded = [*cells[: len(table.header)], *[""] * (len(table.header) - len(cells)), ""]
        yield line, tuple(padded[at] for at in picked)


def _replayed(name: str, data: bytes, changes: Sequence[RowChange]) -> bytes:
    """The table with the changes made: a changed row in its place, a new one at the end."""
    named = (column for change in changes for side in change.sides for column in side)
    columns = tuple(dict.fromkeys([*open_table(name, data).header, *named]))
    replacing: dict[Row, list[Row | None]] = defaultdict(list)
    for change in changes:
        if change.before is not None:
            replacing[_cells(change.before, columns)].append(
                None if change.after is None else _cells(change.after, columns)
            )
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\n")
    writer.writerow(columns)
    for _, row in _rows(name, data, columns):
        kept = replacing[row].pop() if replacing.get(row) else row
        if kept is not None:
            writer.writerow(kept)
    writer.writerows(_cells(one.after, columns) for one in changes if one.before is None and one.after is not None)
    return written.getvalue().encode()


def _cells(row: Mapping[str, str], columns: Iterable[str]) -> Row:
    return tuple(row.get(column, "") for column in columns)
