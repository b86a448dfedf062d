"""Directory and routing tables as they are now: read once, replaced as a whole when the store has newer ones."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from amtsbote.api.persistence import Store, Transaction
from amtsbote.model.directory import Destination, Directory, KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId
from amtsbote.model.report import Route
from amtsbote.model.routing import (
    DefaultRule,
    FoundArea,
    Outcome,
    Recipient,
    RouteFound,
    RoutingDocument,
    Why,
    german_day,
)
from routing.destinations import destination_for
from routing.former import FormerKeys
from routing.freshness import Imported, of_tables
from routing.layout import COLUMNS, REQUIRED
from routing.regions.search import Gazetteer
from routing.regions.tables import read_tables
from routing.resolver import Resolver

_NO_TABLES: Final = RoutingDocument(0, {table: ";".join(COLUMNS[table]).encode() for table in REQUIRED})
"""Before the first `apply`: headers without rows."""
_NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    directory: Directory
    resolver: Resolver
    gazetteer: Gazetteer
    """Of the resolver's version."""
    former: FormerKeys
    """Of the resolver's version."""
    imported: Imported = field(default_factory=Imported)
    """In its tables."""


class Present:
    """Holds the present snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._refreshing = asyncio.Lock()

    def directory(self) -> Directory:
        return self.snapshot.directory

    async def refresh(self, store: Store, today: date, open_keys: Callable[[Iterable[KeyEntry]], None]) -> bool:
        """Take what is newer in the store, or in force since this German day has begun; True when there was something.

        The keys are opened first: nobody sees a directory whose keys cannot be used, and a failure leaves everything as
        it was, for the next try. One at a time, so that an older snapshot never replaces a newer one.
        """
        async with self._refreshing:
            revision, version = await store.read(lambda tx: (tx.directory.revision(), tx.routing.version(today)))
            known = self.snapshot
            await asyncio.to_thread(known.former.of, today)  # not where the first of this day asks, before all others
            if (revision, version) == (known.directory.revision, known.resolver.version):
                return False
            newer = await read_snapshot(store, today, known.resolver.defaults, known)
            open_keys(newer.directory.keys.values())
            self.snapshot = newer
            return True


async def read_snapshot(
    store: Store, today: date, defaults: tuple[DefaultRule, ...], known: Snapshot | None = None
) -> Snapshot:
    """`defaults`: what the service packages say. `known`: an earlier one, whose tables are taken where
    they are still those of the store. Reading those of a country takes a second."""

    def query(tx: Transaction) -> tuple[Directory, RoutingDocument | Snapshot | None]:
        same = known is not None and known.resolver.version == tx.routing.version(today)
        return tx.directory.load(), known if same else tx.routing.current(today)

    directory, tables = await store.read(query)
    if isinstance(tables, Snapshot):
        return replace(tables, directory=directory)
    return await asyncio.to_thread(_loaded, directory, tables or _NO_TABLES, defaults, today)


def _loaded(directory: Directory, tables: RoutingDocument, defaults: tuple[DefaultRule, ...], today: date) -> Snapshot:
    resolver, gazetteer = Resolver.load(tables, defaults), Gazetteer.of(read_tables(tables.tables))
    former = FormerKeys(resolver)
    former.of(today)
    return Snapshot(directory, resolver, gazetteer, former, of_tables(tables.tables))


@dataclass(frozen=True, slots=True)
class PublishedRoutes:
    """The routing registry as the routing API asks it."""

    snapshot: Snapshot

    @property
    def version(self) -> int:
        return self.snapshot.resolver.version

    @property
    def signing_key(self) -> KeyId:
        return self.snapshot.directory.service_key(KeyPurpose.ADDRESSING)

    def areas(self, terms: Sequence[str], at: datetime) -> tuple[FoundArea, ...]:
        found = self.snapshot.gazetteer.matching(terms, german_day(at))
        return tuple(FoundArea(area.ars, area.name, area.called) for area in found)

    def route(self, service: str, region: str, at: datetime, facts: Mapping[str, str] = _NO_FACTS) -> Route:
        found = self.snapshot.resolver.resolve(service, region, german_day(at), facts=facts)
        destination = self._inbox(found, service)
        if destination is None:
            return Route.of(found)
        now = self.snapshot.resolver.key_of(region, german_day(at))
        route = Route.of(found, destination, self._name(found, destination))
        return route if now in {None, region} else replace(route, became=now)

    def _name(self, found: RouteFound, destination: Destination) -> str:
        """Of the authority, as long as it is one; the facts of a message may still decide between several."""
        if len(found.authorities) != 1:
            return destination.name
        return self.snapshot.directory.authorities[found.authorities[0]].name

    def _inbox(self, found: RouteFound, service: str) -> Destination | None:
        """The destination of the competent authority. Where that hangs on what only the message will say, every
        possibility must lead to the same one."""
        hangs_on_facts = found.reason is not None and found.reason.why in {Why.FACT_NOT_GIVEN, Why.PLACE_NOT_GIVEN}
        known = found.outcome is Outcome.RESOLVED or hangs_on_facts
        inboxes = [self._inbox_of(one, service) for one in found.possible] if known else []
        same = len({inbox and inbox.id for inbox in inboxes}) == 1
        return inboxes[0] if same else None

    def _inbox_of(self, recipient: Recipient | None, service: str) -> Destination | None:
        if recipient is None:
            return None
        return destination_for(recipient.authority, service, recipient.region, self.snapshot.directory)

    def former(self, region: str, at: datetime) -> Sequence[str]:
        return self.snapshot.former.within(region, german_day(at))

    def regions_of_ags(self, ags: str, at: datetime) -> tuple[str, ...]:
        return self.snapshot.resolver.ars_of_ags(ags, german_day(at))
