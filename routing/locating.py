"""Which region a key means on a day: itself, what it has become, or nothing that is known for certain."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from amtsbote.model.routing import RouteReason, Why
from routing.book import Book, Rule, Rules, Successor
from routing.cells import DIVIDED
from routing.choosing import prefixes_of
from routing.layout import MAX_ACTING

LONGEST_KEY: Final = 14


class Located(NamedTuple):
    places: tuple[str, ...]
    """One region, or the parts of one that was divided; none when it is not known."""
    row: Rule | None = None
    """The row that names the region, valid or not."""
    became: tuple[tuple[str, Successor], ...] = ()
    """Keys on the way, with what became of them."""
    reason: RouteReason | None = None
    """Why it is not exactly one region."""


def locate(book: Book, key: str, on: date) -> Located:
    """Confirmed successors are followed as they were known on the day; nothing is ever computed from a key."""
    for rule in book.names.get(key, ()):
        if rule.begin <= on <= rule.end:
            return Located((key,), rule)
    if _begins_another(book, key, on):
        return Located((key,))
    return _succeeded(book, key, on)


def acting_for(book: Book, role: str, region: str, on: date) -> tuple[str, tuple[tuple[str, Rule], ...]]:
    """The region whose authorities act for a role in a region, and by which rows: prefix and row each."""
    by: list[tuple[str, Rule]] = []
    while len(by) < MAX_ACTING:
        found = _acts(book.acting, role, region, on)
        if found is None:
            break
        by.append(found)
        region = found[1].value
    return region, tuple(by)


def _acts(acting: Mapping[str, Rules], role: str, region: str, on: date) -> tuple[str, Rule] | None:
    for prefix in prefixes_of(region):
        for rule in acting.get(prefix, ()):
            for_role = rule.about.place in {"", role}
            if for_role and rule.begin <= on <= rule.end and not region.startswith(rule.value):
                return prefix, rule
    return None


def _begins_another(book: Book, key: str, on: date) -> bool:
    return any(begin <= on <= end for begin, end in book.prefixes.get(key, ()))


def _valid(book: Book, key: str, on: date) -> bool:
    return any(rule.begin <= on <= rule.end for rule in book.names.get(key, ())) or _begins_another(book, key, on)


def _succeeded(book: Book, key: str, on: date) -> Located:
    row = _nearest(book.names.get(key, ()), on)
    way: list[tuple[str, Successor]] = []
    since, at = date.min, key
    while not way or not _valid(book, at, on):
        rows = [one for one in book.successors.get(at, ()) if since <= one.begin <= on and at not in dict(way)]
        decided = [one for one in rows if not one.proposed]
        if not decided:
            return Located((), row, tuple(way), _unknown(key, row, rows))
        latest = [one for one in decided if one.begin == decided[0].begin]
        if latest[0].kind == DIVIDED:
            return _divided(book, key, on, row, (*way, *((at, part) for part in latest)))
        way.append((at, latest[0]))
        if not latest[0].key:
            return Located((), row, tuple(way), RouteReason(Why.REGION_DISSOLVED, region=key, named=_since(latest[0])))
        since, at = latest[0].begin, latest[0].key
    return Located((at,), row, tuple(way))


def _divided(book: Book, key: str, on: date, row: Rule | None, way: tuple[tuple[str, Successor], ...]) -> Located:
    """Its parts, which nobody but a person can tell apart, even where only one of them is still there."""
    parts = sorted({part.key for _, part in way if part.kind == DIVIDED})
    reason = RouteReason(Why.REGION_DIVIDED, region=key, named=", ".join(parts))
    return Located(tuple(part for part in parts if _valid(book, part, on)), row, way, reason)


def _unknown(key: str, row: Rule | None, proposals: Sequence[Successor]) -> RouteReason:
    shown = shown_key(key)
    if proposals:
        named = ", ".join(sorted({one.key for one in proposals}))
        return RouteReason(Why.SUCCESSOR_PROPOSED, region=shown, named=named)
    if row is not None:
        return RouteReason(Why.REGION_EXPIRED, region=shown, named=f"{border(row.begin)}/{border(row.end)}")
    return RouteReason(Why.REGION_UNKNOWN, region=shown)


def _nearest(rules: Rules, on: date) -> Rule | None:
    """The row that was valid last before the day, else the first after it."""
    return max(rules, key=lambda rule: (rule.begin <= on, rule.end), default=None)


def _since(successor: Successor) -> str:
    return border(successor.begin)


def border(day: date) -> str:
    """As in ISO 8601 intervals; `..` is open."""
    return ".." if day in {date.min, date.max} else day.isoformat()


def shown_key(key: str) -> str:
    """A key as a trace may show it. What is not made of digits came from outside and is not repeated."""
    return key if len(key) <= LONGEST_KEY and key.isascii() and key.isdigit() else "?"
