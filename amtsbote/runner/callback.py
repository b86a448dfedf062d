"""The callback job: tell one receiver what has gathered for it, in one call, and write down how that ended.

The outbox is filled by whoever changes a message (`amtsbote.mailroom.telling`). `gather` gives each receiver with
something in it its row of the job table, of which there is one per receiver: so at most one call is under way to it.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from amtsbote.api.callbacks import CallbackForm
from amtsbote.api.persistence import Store, Transaction, Unit
from amtsbote.errors import Damaged
from amtsbote.keys.callbacks import callback_secret
from amtsbote.keys.vault import Vault
from amtsbote.mailroom.desk import Desk
from amtsbote.mailroom.receiving import note_notified
from amtsbote.model.callback import Callback, Mention, NoticeKind, Receiver, Standing
from amtsbote.model.ids import DestinationId, ReceiverId
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Notified, State
from amtsbote.net import AnswerTooLong, GuardedClient, Unreachable
from amtsbote.runner.backoff import Backoff
from amtsbote.runner.workshop import Workshop, concerns, log

_OK: Final = 200
_AT_ONCE: Final = 500
"""Receivers that get their job, or are removed, in one unit."""


@dataclass(frozen=True, slots=True)
class Pace:
    pause: timedelta
    """Between two calls to one receiver."""
    most: int
    """Notices told in one call."""
    backoff: Backoff
    give_up: timedelta
    """How long a receiver that does not answer is called."""
    keep: timedelta
    """How long what could not be told is kept."""


class Calling:
    """Everything callbacks need besides the workshop. `heard` is told of every call: `told`, `failed` or `stopped`."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        client: GuardedClient,
        form: CallbackForm,
        pace: Pace,
        heard: Callable[[str], None],
    ) -> None:
        self._store = store
        self._desk = desk
        self._client = client
        self._form = form
        self._pace = pace
        self._heard = heard

    async def gather(self, now: datetime) -> None:
        """A job for every receiver for which something lies in the outbox."""
        desk = self._desk
        untold, stopped = await self._store.read(
            lambda tx: (tx.notices.untold(_AT_ONCE), tx.receivers.stopped_destinations())
        )
        anew = [(one, callback) for one in stopped if (callback := _changed(one, desk)) is not None]
        if not untold and not anew:
            return

        def unit(tx: Transaction) -> None:
            for one, callback in anew:
                tx.receivers.keep(one.id, callback, Standing(told_at=one.standing.told_at))
                tx.jobs.add(JobKind.CALLBACK, one.id, now)
            for waiting in untold:
                tx.jobs.add(JobKind.CALLBACK, waiting.receiver, max(now, waiting.rest_until or now))

        await self._store.write(unit, patient=True)

    async def prune(self) -> None:
        """Forget what nobody could be told for long: whoever it is for has found it by polling, or never will. Then the
        receivers that nobody needs any more."""
        before = self._desk.clock() - self._pace.keep
        pruned = await self._store.write(lambda tx: tx.notices.prune(before), patient=True)
        if pruned:
            log.warning("callback.forgotten", count=pruned)
        answering = [one.id for one in self._desk.directory().destinations.values() if one.takes_replies]
        removed, last = 0, _AT_ONCE
        while last == _AT_ONCE:
            last = await self._store.write(lambda tx: tx.receivers.prune(answering, _AT_ONCE), patient=True)
            removed += last
        if removed:
            log.info("callback.receivers_removed", count=removed)

    async def run(self, job: Job, shop: Workshop) -> None:
        receiver, batch = ReceiverId(job.reference), shop.new_id()
        concerns(receiver=receiver)
        known, mentions = await self._store.write(
            lambda tx: (tx.receivers.find(receiver), tx.notices.take(receiver, batch, self._pace.most))
        )
        callback = _present(receiver, known, self._desk)
        news = [one for one in mentions if _is_news(one)]
        if callback is None:
            log.info("callback.nobody", count=len(mentions))
            await self._store.write(_forgotten(job, receiver), patient=True)
        elif not news:
            await self._store.write(_over(job, receiver, batch), patient=True)
        else:
            failure = await self._call(receiver, callback, news, shop)
            standing = _standing(known, callback, shop.vault)
            if failure is None:
                await self._told(job, receiver, callback, batch, news)
            else:
                await self._failed(job, receiver, callback, standing, failure)

    async def _call(
        self, receiver: ReceiverId, callback: Callback, news: Sequence[Mention], shop: Workshop
    ) -> str | None:
        """Why it failed, in a stable word; None when the receiver has answered as it should."""
        try:
            secret = callback_secret(shop.vault, callback, receiver)
        except Damaged:
            return "secret"
        body = self._form.body(news)
        headers = self._form.headers(secret, body, shop.clock())
        try:
            answer = await self._client.request("POST", callback.url, headers=headers, body=body)
        except Unreachable as unreachable:
            return unreachable.fault.value
        except AnswerTooLong:
            return "too-long"
        return None if answer.status == _OK else f"status-{answer.status}"

    async def _told(
        self, job: Job, receiver: ReceiverId, callback: Callback, batch: str, news: Sequence[Mention]
    ) -> None:
        desk, now = self._desk, self._desk.clock()
        over = _over(job, receiver, batch)

        def unit(tx: Transaction) -> None:
            over(tx)
            tx.receivers.keep(receiver, callback, Standing(told_at=now, rest_until=now + self._pace.pause))
            for mention in news:
                if mention.kind is not NoticeKind.NEW_EVENTS:
                    note_notified(tx, desk, mention.message, Notified.CALLBACK)

        await self._store.write(unit, patient=True)
        log.info("callback.told", kind=news[0].kind, count=len(news), attempt=job.attempt)
        self._heard("told")
        desk.wake()

    async def _failed(
        self, job: Job, receiver: ReceiverId, callback: Callback, standing: Standing, failure: str
    ) -> None:
        now = self._desk.clock()
        since = standing.failing_since or now
        ended = now - since >= self._pace.give_up
        after = replace(
            standing,
            failing_since=since,
            failure=failure,
            tries=standing.tries + 1,
            stopped_at=now if ended else None,
        )
        due = now + self._pace.backoff.wait(job.attempt)

        def unit(tx: Transaction) -> None:
            if ended:
                tx.jobs.finish(job)
            else:
                tx.jobs.again(job, due)
            tx.receivers.keep(receiver, callback, after)

        await self._store.write(unit, patient=True)
        if ended:
            log.error("callback.stopped", failure=failure, tries=after.tries, since=since.isoformat())
        else:
            log.warning("callback.failed", failure=failure, tries=after.tries, since=since.isoformat())
        self._heard("stopped" if ended else "failed")


def _is_news(mention: Mention) -> bool:
    """Whoever has fetched a message and decided on it meanwhile does not have to be told that it waits."""
    return mention.kind is NoticeKind.NEW_EVENTS or mention.state is State.SUBMITTED


def _over(job: Job, receiver: ReceiverId, batch: str) -> Unit[None]:
    """What came meanwhile gets a job of its own: `gather` sees to it."""

    def unit(tx: Transaction) -> None:
        tx.jobs.finish(job)
        tx.notices.told(receiver, batch)

    return unit


def _forgotten(job: Job, receiver: ReceiverId) -> Unit[None]:
    def unit(tx: Transaction) -> None:
        tx.jobs.finish(job)
        tx.notices.forget(receiver)

    return unit


def _present(receiver: ReceiverId, known: Receiver | None, desk: Desk) -> Callback | None:
    """Where the receiver is to be told; None when it has no callback any more, or no client that may ask for more."""
    directory = desk.directory()
    if known is not None and known.client is not None:
        client, callback = directory.clients.get(known.client), known.callback
    else:
        destination = directory.destinations.get(DestinationId(receiver))
        if destination is None or destination.callback is None or destination.subscriber is None:
            return None
        client, callback = directory.clients.get(destination.subscriber), destination.callback
    return callback if client is not None and client.active else None


def _changed(stopped: Receiver, desk: Desk) -> Callback | None:
    """The callback of a destination, when it is not the one any more that was given up."""
    callback = _present(stopped.id, stopped, desk)
    return None if callback is None or _same(stopped, callback, desk.vault) else callback


def _standing(known: Receiver | None, callback: Callback, vault: Vault) -> Standing:
    """So far; another callback starts anew."""
    if known is None:
        return Standing()
    return known.standing if _same(known, callback, vault) else Standing(told_at=known.standing.told_at)


def _same(known: Receiver, callback: Callback, vault: Vault) -> bool:
    """A change of the master key makes the same secret look different."""
    if known.callback == callback:
        return True
    try:
        secrets = [callback_secret(vault, one, known.id).encode() for one in (known.callback, callback)]
    except Damaged:
        return False
    return known.callback.url == callback.url and hmac.compare_digest(*secrets)
