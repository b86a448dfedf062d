"""Receivers of callbacks, and how it goes with them."""

from collections.abc import Collection
from datetime import datetime

from amtsbote.api.notices import Tally
from amtsbote.errors import NotFound
from amtsbote.model.callback import Callback, Receiver, Standing
from amtsbote.model.ids import ClientId, DestinationId, ReceiverId
from amtsbote.store.ports.columns import json, moment, time
from amtsbote.store.ports.session import Row, Session


class Receivers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, receiver: Receiver) -> None:
        callback = receiver.callback
        added = self._session.change(
            "receiver_add",
            id=receiver.id,
            client=receiver.client,
            url=callback.url,
            secret=callback.sealed_secret,
        )
        if not added and self._session.first("receiver_exists", id=receiver.id) is None:
            raise NotFound(receiver.id)

    def named(self, client: ClientId, url: str, limit: int) -> tuple[Receiver, ...]:
        return tuple(map(_receiver, self._session.rows("receiver_named", client=client, url=url, limit=limit)))

    def find(self, receiver: ReceiverId) -> Receiver | None:
        row = self._session.first("receiver_find", id=receiver)
        return None if row is None else _receiver(row)

    def keep(self, receiver: ReceiverId, callback: Callback, standing: Standing) -> None:
        kept = self._session.change(
            "receiver_keep",
            id=receiver,
            url=callback.url,
            secret=callback.sealed_secret,
            told_at=_moment(standing.told_at),
            rest_until=_moment(standing.rest_until),
            failing_since=_moment(standing.failing_since),
            failure=standing.failure,
            tries=standing.tries,
            stopped_at=_moment(standing.stopped_at),
        )
        if not kept:
            raise NotFound(receiver)

    def stopped_destinations(self) -> tuple[Receiver, ...]:
        return tuple(map(_receiver, self._session.rows("receiver_stopped_destinations")))

    def page(self, *, troubled: bool, offset: int, limit: int) -> tuple[int, tuple[Receiver, ...]]:
        counted = self._session.rows("receiver_page_count", troubled=int(troubled))
        rows = self._session.rows("receiver_page", troubled=int(troubled), limit=limit, offset=offset)
        return int(counted[0][0]), tuple(map(_receiver, rows))

    def prune(self, answering: Collection[DestinationId], limit: int) -> int:
        unneeded = self._session.rows("receiver_unneeded", answering=json(sorted(answering)), limit=limit)
        for (receiver,) in unneeded:
            self._session.change("receiver_unname", id=receiver)
            self._session.change("receiver_remove", id=receiver)
        return len(unneeded)

    def after(self, number: int, limit: int) -> tuple[tuple[int, Receiver], ...]:
        rows = self._session.rows("receiver_after", number=number, limit=limit)
        return tuple((int(row[0]), _receiver(row[1:])) for row in rows)

    def tally(self) -> Tally:
        row = self._session.first("receiver_tally")
        return Tally(0, 0, 0) if row is None else Tally(*map(int, row))


def _receiver(row: Row) -> Receiver:
    name, client, url, secret, told_at, rest_until, failing_since, failure, tries, stopped_at = row
    standing = Standing(_time(told_at), _time(rest_until), _time(failing_since), failure, int(tries), _time(stopped_at))
    named_by = None if client is None else ClientId(client)
    return Receiver(ReceiverId(name), named_by, Callback(url, bytes(secret)), standing)


def _moment(at: datetime | None) -> int | None:
    return None if at is None else moment(at)


def _time(at: int | None) -> datetime | None:
    return None if at is None else time(at)
