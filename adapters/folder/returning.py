"""A folder that the Fachverfahren also gives answers back through."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import chain, islice

from adapters.folder.adapter import FolderAdapter, again
from adapters.folder.place import Place
from adapters.folder.probe import of_trouble
from adapters.folder.reading import shown
from adapters.folder.replies import UNTAKEN, Item, Replies
from amtsbote.api import (
    AdapterServices,
    AllStuck,
    Readiness,
    Ready,
    Receipt,
    Refusal,
    Retry,
    Shown,
    Unfit,
    Unread,
)


class ReturningFolder(FolderAdapter):
    def __init__(self, place: Place, replies: str, services: AdapterServices) -> None:
        """`replies`: name of the folder of answers."""
        super().__init__(place, services)
        self._replies = Replies(place, replies, services.new_id, services.clock)

    async def collect(self, limit: int, skip: Collection[str]) -> Sequence[Shown] | Retry:
        try:
            return await self._threads.run(partial(self._collect, limit, frozenset(skip)))
        except AllStuck:
            return Retry("busy")
        except OSError as error:
            return again(error)

    async def show(self, item: str) -> Shown | Retry | None:
        try:
            return await self._threads.run(partial(self._show, item))
        except AllStuck:
            return Retry("busy")
        except OSError as error:
            return again(error)

    async def acknowledge(self, item: str, receipt: Receipt) -> Retry | None:
        return await self._do(partial(self._acknowledge, item, receipt))

    async def refuse(self, item: str, refusal: Refusal) -> Retry | None:
        return await self._do(partial(self._refuse, item, refusal))

    async def tell(self, receipt: Receipt) -> Retry | None:
        return await self._do(partial(self._replies.tell, receipt))

    def _probe(self) -> Readiness:
        readiness = super()._probe()
        if not isinstance(readiness, Ready):
            return readiness
        try:
            self._replies.furnish()
            self._replies.try_out()
        except OSError as error:
            return of_trouble(error, self._replies.folder)
        return readiness

    async def _do(self, work: Callable[[], None]) -> Retry | None:
        def guarded() -> None:
            self._demand_folders()
            work()

        try:
            await self._threads.run(guarded)
        except AllStuck:
            return Retry("busy")
        except OSError as error:
            return again(error)
        return None

    def _demand_folders(self) -> None:
        """Raises `OSError`: the trouble is the target's, not that of one item."""
        self._demand_same_place()
        self._replies.demand_folders()

    def _collect(self, limit: int, skip: frozenset[str]) -> list[Shown]:
        self._demand_folders()
        waiting = chain(self._replies.taken(skip), self._replies.take(skip))
        return [self._shown(one) for one in islice(waiting, limit)]

    def _show(self, item: str) -> Shown | None:
        self._demand_folders()
        try:
            one = self._replies.untaken(item) if item.startswith(UNTAKEN) else self._replies.find(item)
        except OSError as error:
            self._demand_folders()
            return Unread(item, item, again(error).reason)
        return None if one is None else self._shown(one)

    def _shown(self, one: Item | Unfit | Unread) -> Shown:
        if not isinstance(one, Item):
            return one
        try:
            return shown(one)
        except OSError as error:
            self._demand_folders()
            return Unread(one.id, one.label, again(error).reason)

    def _acknowledge(self, item: str, receipt: Receipt) -> None:
        self._replies.tell(receipt)
        taken = self._replies.find(item)
        if taken is not None:
            self._replies.finish(taken)

    def _refuse(self, item: str, refusal: Refusal) -> None:
        if item.startswith(UNTAKEN):
            self._replies.refuse_untaken(item, refusal)
            return
        taken = self._replies.find(item)
        if taken is not None:
            self._replies.refuse(taken, refusal)
