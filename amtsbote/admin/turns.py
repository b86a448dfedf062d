"""How many requests one editor has at a time, through whatever door: each may hold the tables of a country."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from amtsbote.admin.people import EDITOR
from amtsbote.admin.refusals import CommandRefused

MOST_OF_ONE: Final = 2


class Turns:
    """Of one process: the admin socket and the editing API of a node count together."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @contextmanager
    def of(self, actor: str) -> Iterator[None]:
        """Raises `CommandRefused` for one request too many of an editor; the operator is not counted."""
        if not actor.startswith(EDITOR):
            yield
            return
        if self._taken[actor] >= MOST_OF_ONE:
            raise CommandRefused("busy", "office.busy")
        self._taken[actor] += 1
        try:
            yield
        finally:
            self._taken[actor] -= 1
            if not self._taken[actor]:
                del self._taken[actor]
