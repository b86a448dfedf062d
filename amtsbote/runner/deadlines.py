"""The deadline job of a destination: what nobody fetches is told of, rejected, and in the end its content is deleted.

Its row stays as long as the destination; each run makes the next one due. All times come from the clock of the house.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from amtsbote.api.persistence import Store, Transaction
from amtsbote.errors.table import NOT_FETCHED
from amtsbote.model.directory import Destination, Directory
from amtsbote.model.event import Event, EventKind
from amtsbote.model.ids import DestinationId, EventId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Direction, Message, State
from amtsbote.runner.workshop import Workshop, log

PACE: Final = timedelta(minutes=15)
"""From one look at a destination to the next: how much later than its moment something may happen."""
_PORTION: Final = 50
"""Messages of one commit."""


class DeadlineWatch:
    """Sees to it that every destination has its row."""

    def __init__(self, store: Store, directory: Callable[[], Directory], clock: Callable[[], datetime]) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._known: frozenset[DestinationId] = frozenset()

    async def look(self) -> None:
        """Add the rows of destinations that are new since the last look. Raises `StorageFailed`."""
        present = frozenset(self._directory().destinations)
        if fresh := sorted(present - self._known):
            now = self._clock()

            def unit(tx: Transaction) -> None:
                for destination in fresh:
                    tx.jobs.add(JobKind.DEADLINE, destination, now)

            await self._store.write(unit, patient=True)
        self._known = present


Act = Callable[[Transaction, Message], tuple[str, ...]]
"""What happens to one message; answers the files that nobody owns any more."""


async def deadline_job(job: Job, shop: Workshop) -> None:
    destination = shop.tools().directory.destinations.get(DestinationId(job.reference))
    if destination is None:
        await shop.store.write(lambda tx: tx.jobs.finish(job))
        return
    now = shop.clock()
    await _reject(destination, now, shop)
    await _delete(destination, now, shop)
    await _tell(destination, now, shop)  # last: a mail server that is gone holds nothing up

    def unit(tx: Transaction) -> None:
        """A row of its own for each look: the attempts of this one are over."""
        tx.jobs.finish(job)
        tx.jobs.add(JobKind.DEADLINE, destination.id, now + PACE, after=job.token)

    await shop.store.write(unit)


async def _tell(destination: Destination, now: datetime, shop: Workshop) -> None:
    """One letter for everything that has come to the same number of days."""
    for times, span in reversed(list(enumerate(destination.deadlines.told_after, 1))):
        while waiting := await shop.store.read(partial(_unfetched, destination.id, now - span, times)):
            of_ours = [message for message in waiting if message.direction is Direction.TO_DESTINATION]
            if of_ours:
                await shop.reminders.remind(destination, span, of_ours)
            await shop.store.write(partial(_note_told, waiting, times))


def _unfetched(destination: DestinationId, before: datetime, told: int, tx: Transaction) -> tuple[Message, ...]:
    return tx.messages.unfetched(destination, before=before, told=told, limit=_PORTION)


def _note_told(messages: Sequence[Message], times: int, tx: Transaction) -> None:
    for message in messages:
        tx.messages.note_told(message.id, times)


async def _reject(destination: Destination, now: datetime, shop: Workshop) -> None:
    span = destination.deadlines.rejected_after
    every = len(destination.deadlines.told_after) + 1

    def act(tx: Transaction, message: Message) -> tuple[str, ...]:
        problem = NOT_FETCHED(instance=message.kind.value, days=span.days)
        event = Event.of(message, EventKind.REJECT, id=EventId(shop.new_id()), at=now, problems=(problem,))
        tx.messages.move(message.id, State.SUBMITTED, State.REJECTED, at=now)
        shop.log.write_own(tx, event, message)
        return ()

    if count := await _all(partial(_unfetched, destination.id, now - span, every), act, shop):
        log.info("deadline.rejected", destination=destination.id, messages=count)


async def _delete(destination: Destination, now: datetime, shop: Workshop) -> None:
    accepted_before = now - destination.deadlines.accepted_kept
    rejected_before = now - destination.deadlines.rejected_kept

    def due(tx: Transaction) -> tuple[Message, ...]:
        return tx.messages.kept_long_enough(
            destination.id, accepted_before=accepted_before, rejected_before=rejected_before, limit=_PORTION
        )

    def act(tx: Transaction, message: Message) -> tuple[str, ...]:
        tx.messages.move(message.id, message.state, State.DELETED, at=now)
        shop.log.write_own(tx, Event.of(message, EventKind.DELETE, id=EventId(shop.new_id()), at=now), message)
        tx.messages.drop_dossier(message.id)
        return tx.parts.drop(message.id)

    if count := await _all(due, act, shop):
        log.info("deadline.deleted", destination=destination.id, messages=count)


async def _all(due: Callable[[Transaction], tuple[Message, ...]], act: Act, shop: Workshop) -> int:
    """Portion by portion, asked anew in the very commit that acts, until nothing is due any more. Returns how many."""

    def unit(tx: Transaction) -> tuple[int, list[str]]:
        messages = due(tx)
        return len(messages), [file for message in messages for file in act(tx, message)]

    done = 0
    while True:
        count, files = await shop.store.write(unit, patient=True)
        await shop.parts.forget(*files)
        done += count
        if count:
            shop.wake()
        if count < _PORTION:
            return done
