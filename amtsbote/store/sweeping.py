"""The one rule of what may be removed, wherever bodies lie: it belongs to no row, and nobody can still be at it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime

from amtsbote.api.bodies import Swept


class Sweeping(ABC):
    """Finds and removes what was left behind, with what a place of bodies can tell of itself."""

    def orphans(self, owned: frozenset[str]) -> tuple[str, ...]:
        """Kept bodies that are not in `owned`. Raises `StorageFailed`."""
        return tuple(sorted(set(self.kept()) - owned))

    def missing(self, owned: frozenset[str]) -> tuple[str, ...]:
        """Names in `owned` whose body is not there. Raises `StorageFailed`."""
        return tuple(sorted(owned.difference(self.kept())))

    def sweep(self, owned: frozenset[str], older_than: datetime | None = None) -> Swept:
        """Remove what no row owns and what was never finished; see `Bodies.sweep`. Raises `StorageFailed`."""
        kept = self.kept()
        orphans = [name for name in kept if name not in owned and _left(kept[name], older_than)]
        for name in orphans:
            self.remove(name)
        unfinished = [each for each, touched in self._unfinished().items() if _left(touched, older_than)]
        self._forget(unfinished)
        return Swept(len(orphans), len(unfinished), tuple(sorted(owned.difference(kept))))

    @abstractmethod
    def kept(self) -> Mapping[str, datetime]:
        """Name of every kept body → when it was last touched. Raises `StorageFailed`."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a kept body; missing is fine."""

    @abstractmethod
    def _unfinished(self) -> Mapping[str, datetime]:
        """Mark of every body whose writing has begun and not ended → when it was last touched."""

    @abstractmethod
    def _forget(self, unfinished: Iterable[str]) -> None:
        """Remove what these marks stand for; what is gone meanwhile is fine."""


def _left(touched: datetime, older_than: datetime | None) -> bool:
    return older_than is None or touched < older_than
