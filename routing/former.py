"""Keys of regions that have ended, where they belong today."""

from collections.abc import Mapping, Sequence
from datetime import date

from routing.choosing import prefixes_of
from routing.resolver import Resolver


class FormerKeys:
    """Of one version of the tables; found out once a day, which takes a while where many have ended."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._of_day: tuple[date, Mapping[str, Sequence[str]]] | None = None

    def within(self, region: str, on: date) -> Sequence[str]:
        """The ended keys whose only confirmed successor lies in a region (a key or its beginning) on a day, although
        they do not begin with it. A key that is given again is not among them."""
        return self.of(on).get(region, ())

    def of(self, day: date) -> Mapping[str, Sequence[str]]:
        """Region → ended keys."""
        kept = self._of_day
        if kept is None or kept[0] != day:
            self._of_day = kept = day, _found(self._resolver, day)
        return kept[1]


def _found(resolver: Resolver, on: date) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for ended in sorted(resolver.book.successors):
        today = resolver.key_of(ended, on)
        for prefix in prefixes_of(today) if today is not None else ():
            if prefix and not ended.startswith(prefix):
                found.setdefault(prefix, []).append(ended)
    return found
