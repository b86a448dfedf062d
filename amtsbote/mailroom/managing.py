"""What a subscriber may do to the destinations its client manages: list, make, change, close them, give them keys.

Every rule is judged on a whole directory in memory, on a thread, and what follows is recorded only on that very
revision: when another node or an operator was first, it is judged anew. The change, its audit rows and the revision
that tells the other nodes are one transaction; this node has taken it over when the answer goes out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from amtsbote.api.persistence import AuditRow, DirectoryEntry, Page, Scope, Transaction
from amtsbote.errors import RequestRefused, StaleState
from amtsbote.errors.table import (
    DESTINATION_AMBIGUOUS,
    DESTINATION_IN_USE,
    DESTINATIONS_TOO_MANY,
    KEY_RETIRED,
    KEY_TAKEN,
    KEYS_TOO_MANY,
    OVERLOADED,
)
from amtsbote.keys.succession import turned_over
from amtsbote.mailroom.certifying import Trust, certified_entry
from amtsbote.mailroom.desk import Desk
from amtsbote.mailroom.destinations import (
    DestinationWish,
    Judging,
    changed,
    closed,
    demand_alive,
    new_destination,
    own_destination,
    taken,
)
from amtsbote.model.directory import Client, Destination, Directory, KeyEntry, KeyPurpose, Status
from amtsbote.model.ids import DestinationId, KeyId
from amtsbote.model.shown import shown, shown_change

_ATTEMPTS: Final = 8
"""Times a change is judged anew because somebody else was first."""
_AGAIN_AFTER: Final = 2
"""Seconds."""


class Ambiguous(Protocol):
    """An authority that several destinations would serve for one service."""

    @property
    def authority(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def names(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Registry:
    """What managing needs beside the desk."""

    anchors: Callable[[], Sequence[bytes]]
    """Registered roots, DER."""
    renew: Callable[[], Awaitable[object]]
    """Takes newer rows of the directory over."""
    ambiguity: Callable[[Directory, Directory], Ambiguous | None]
    """What a change from one directory to the other would leave to chance."""
    most_destinations: int
    """Of one client."""
    most_keys: int
    """Of one destination, retired ones not counted."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What is recorded, and the entry that is answered with."""

    destination: Destination
    key: KeyEntry | None = None
    put: tuple[DirectoryEntry, ...] = ()
    removed: tuple[DirectoryEntry, ...] = ()
    rows: tuple[AuditRow, ...] = ()

    @property
    def closes(self) -> bool:
        return any(isinstance(one, Destination) and one.status is Status.DECOMMISSIONED for one in self.put)


_Plan = Callable[[Judging], _Change]


class Managing:
    def __init__(self, desk: Desk, registry: Registry) -> None:
        self._desk = desk
        self._registry = registry
        self._one_at_a_time = asyncio.Lock()

    async def own(self, client: Client, page: Page) -> tuple[int, tuple[Destination, ...]]:
        """The client's destinations by id: how many, and one page."""
        await self._registry.renew()
        found = _own(client, self._desk.directory(), self._desk.clock())
        return len(found), tuple(found[page.offset : page.offset + page.limit])

    async def create(self, client: Client, wish: DestinationWish) -> Destination:
        name = DestinationId(self._desk.new_id())
        return (await self._carried_out(client, partial(self._created, client, name, wish))).destination

    async def change(self, client: Client, name: DestinationId, wish: DestinationWish) -> Destination:
        """Where the wish says what is already so, nothing is written."""

        def plan(judging: Judging) -> _Change:
            before = _known(client, name, judging)
            return self._changed(client, before, changed(before, wish, judging), judging)

        return (await self._carried_out(client, plan)).destination

    async def close(self, client: Client, name: DestinationId) -> Destination | None:
        """Remove one that was never open (→ None), decommission one that has been inactive for long enough."""

        def plan(judging: Judging) -> _Change:
            before = _known(client, name, judging)
            if before.status is Status.CREATED:
                return _removed(client, before, judging)
            return self._changed(client, before, closed(before, judging), judging)

        change = await self._carried_out(client, plan)
        return None if change.removed else change.destination

    async def add_key(self, client: Client, name: DestinationId, jwk: Mapping[str, Any]) -> KeyEntry:
        """A key with its certificates, or new certificates for a key it has. The first one of its purpose is taken up
        at once; whoever sends the same again gets the same answer."""
        key = (await self._carried_out(client, partial(self._with_key, client, name, jwk))).key
        assert key is not None  # noqa: S101  (every change of `_with_key` has one)
        return key

    async def _carried_out(self, client: Client, plan: _Plan) -> _Change:
        async with self._one_at_a_time:
            for _ in range(_ATTEMPTS):
                await self._registry.renew()
                directory, at = self._desk.directory(), self._desk.clock()
                judging = Judging(directory, self._desk.vault, Trust(self._registry.anchors(), at))
                change = await asyncio.to_thread(plan, judging)
                if not change.rows:
                    return change
                try:
                    await self._desk.store.write(
                        partial(_record, change, directory.revision), scope=Scope("tenant", client.owner)
                    )
                except StaleState:
                    continue
                await self._registry.renew()
                return change
        raise RequestRefused(OVERLOADED(seconds=_AGAIN_AFTER))

    def _created(self, client: Client, name: DestinationId, wish: DestinationWish, judging: Judging) -> _Change:
        most = self._registry.most_destinations
        if len(_own(client, judging.directory, judging.trust.at)) >= most:
            raise RequestRefused(DESTINATIONS_TOO_MANY(limit=most))
        made = new_destination(client, name, wish, judging)
        return _Change(made, put=(made,), rows=(_row(client, judging, "destination.added", name, after=shown(made)),))

    def _changed(self, client: Client, before: Destination, after: Destination, judging: Judging) -> _Change:
        if before == after:
            return _Change(after)
        self._demand_unambiguous(judging.directory, after)
        told = shown_change(before, after)
        rows = [_row(client, judging, "destination.changed", after.id, *told)]
        for former, current in zip(before.key_pair, after.key_pair, strict=True):
            if former != current:
                kids = {"kid": former}, {"kid": current}
                rows.append(_row(client, judging, "key.rotated", after.id, *kids))
        return _Change(after, put=turned_over(judging.directory, [after], judging.trust.at), rows=tuple(rows))

    def _with_key(self, client: Client, name: DestinationId, jwk: Mapping[str, Any], judging: Judging) -> _Change:
        destination = _known(client, name, judging)
        demand_alive(destination)
        key = certified_entry(jwk, destination, judging.trust)
        known = _same_key(key, judging.directory)
        if known is not None:
            return _recertified(client, destination, known, key, judging)
        self._demand_room(destination, judging.directory)
        row = _row(client, judging, "key.imported", key.kid, after=shown(key))
        after = _first(destination, key)
        if after == destination:
            return _Change(destination, key, put=(key,), rows=(row,))
        told = shown_change(destination, after)
        rows = (row, _row(client, judging, "destination.changed", after.id, *told))
        return _Change(after, key, put=(key, after), rows=rows)

    def _demand_room(self, destination: Destination, directory: Directory) -> None:
        living = [key for key in directory.keys.values() if key.owner == destination.id and key.retired_at is None]
        if len(living) >= self._registry.most_keys:
            raise RequestRefused(KEYS_TOO_MANY(id=destination.id, limit=self._registry.most_keys))

    def _demand_unambiguous(self, directory: Directory, after: Destination) -> None:
        if after.authority is None:
            return
        future = replace(directory, destinations={**directory.destinations, after.id: after})
        found = self._registry.ambiguity(directory, future)
        if found is not None:
            names = ", ".join(found.names)
            raise RequestRefused(DESTINATION_AMBIGUOUS(authority=found.authority, service=found.service, names=names))


def published_keys(directory: Directory, destination: Destination) -> list[KeyEntry]:
    """Keys that are not retired and have certificates: first the one to encrypt to, then the one that signs."""
    living = [key for key in directory.keys.values() if key.owner == destination.id and key.retired_at is None]
    order = {kid: place for place, kid in enumerate(destination.key_pair)}
    return sorted((key for key in living if key.chain), key=lambda key: (order.get(key.kid, len(order)), key.kid))


def _record(change: _Change, revision: int, tx: Transaction) -> None:
    if tx.directory.revision() != revision:
        raise StaleState("directory")
    if change.closes and (count := tx.messages.unfinished_at(change.destination.id)):
        raise RequestRefused(DESTINATION_IN_USE(id=change.destination.id, count=count))
    for entry in change.put:
        tx.directory.put(entry)
    for entry in change.removed:
        tx.directory.remove(entry)
    for row in change.rows:
        tx.audit.add(row)


def _own(client: Client, directory: Directory, now: datetime) -> list[Destination]:
    found = (one for one in directory.destinations.values() if one.subscriber == client.id and not one.gone(now))
    return sorted(found, key=lambda one: one.id)


def _known(client: Client, name: DestinationId, judging: Judging) -> Destination:
    return own_destination(client, judging.directory, name, judging.trust.at)


def _removed(client: Client, before: Destination, judging: Judging) -> _Change:
    """Nobody has ever sent to it: nothing refers to it or to its keys."""
    keys = tuple(key for key in judging.directory.keys.values() if key.owner == before.id)
    row = _row(client, judging, "destination.removed", before.id, before=shown(before))
    rows = [row, *(_row(client, judging, "key.removed", key.kid, before=shown(key)) for key in keys)]
    return _Change(before, removed=(before, *keys), rows=tuple(rows))


def _same_key(key: KeyEntry, directory: Directory) -> KeyEntry | None:
    """The key as it is registered already. Raises `RequestRefused` when name or material are another key's."""
    named = directory.keys.get(key.kid)
    alike = next((one for one in directory.keys.values() if one.public == key.public), None)
    if named is None and alike is None:
        return None
    if named is None or named != alike or (named.owner, named.purpose) != (key.owner, key.purpose):
        raise RequestRefused(KEY_TAKEN(kid=key.kid))
    if named.retired_at is not None:
        raise RequestRefused(KEY_RETIRED(kid=key.kid))
    return named


def _recertified(client: Client, destination: Destination, known: KeyEntry, key: KeyEntry, judging: Judging) -> _Change:
    if known.chain == key.chain:
        return _Change(destination, known)
    renewed = replace(known, chain=key.chain)
    row = _row(client, judging, "key.certified", key.kid, shown(known), shown(renewed))
    return _Change(destination, renewed, put=(renewed,), rows=(row,))


def _first(destination: Destination, key: KeyEntry) -> Destination:
    """A destination without a key for this purpose takes it."""
    current = destination.encryption_key if key.purpose is KeyPurpose.ENCRYPTION else destination.signing_key
    return destination if current else taken(destination, key.kid, key.purpose)


def _row(
    client: Client,
    judging: Judging,
    action: str,
    subject: DestinationId | KeyId,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditRow:
    return AuditRow(judging.trust.at, f"client:{client.id}", action, subject, before, after)
