"""Directory and routing tables as they are now: read once, replaced as a whole when the store has newer ones."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from amtsbote.api.persistence import Store, Transaction
from amtsbote.model.directory import Directory, KeyEntry, KeyPurpose
from amtsbote.model.ids import KeyId
from amtsbote.model.report import Route
from amtsbote.model.routing import FoundArea, RoutingDocument, german_day
from routing.destinations import destination_for
from routing.layout import COLUMNS, REQUIRED
from routing.regions.search import Gazetteer
from routing.regions.tables import read_tables
from routing.resolver import Resolver

_NO_TABLES: Final = RoutingDocument(0, {table: ";".join(COLUMNS[table]).encode() for table in REQUIRED})
"""Before the first `apply`: headers without rows."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    directory: Directory
    resolver: Resolver
    gazetteer: Gazetteer
    """Of the resolver's version."""


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
            if (revision, version) == (known.directory.revision, known.resolver.version):
                return False
            newer = await read_snapshot(store, today, known.resolver.defaults, known)
            open_keys(newer.directory.keys.values())
            self.snapshot = newer
            return True


async def read_snapshot(
    store: Store, today: date, defaults: Mapping[str, str], known: Snapshot | None = None
) -> Snapshot:
    """`defaults`: the roles of services the tables do not name. `known`: an earlier one, whose tables are taken where
    they are still those of the store. Reading those of a country takes a second."""

    def query(tx: Transaction) -> tuple[Directory, RoutingDocument | Snapshot | None]:
        same = known is not None and known.resolver.version == tx.routing.version(today)
        return tx.directory.load(), known if same else tx.routing.current(today)

    directory, tables = await store.read(query)
    if isinstance(tables, Snapshot):
        return Snapshot(directory, tables.resolver, tables.gazetteer)
    return await asyncio.to_thread(_loaded, directory, tables or _NO_TABLES, defaults)


def _loaded(directory: Directory, tables: RoutingDocument, defaults: Mapping[str, str]) -> Snapshot:
    return Snapshot(directory, Resolver.load(tables, defaults), Gazetteer.of(read_tables(tables.tables)))


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

    def route(self, service: str, region: str, at: datetime) -> Route:
        found = self.snapshot.resolver.resolve(service, region, german_day(at))
        if len(found.authorities) != 1:
            return Route.of(found)
        [authority] = found.authorities
        destination = destination_for(authority, service, region, self.snapshot.directory)
        if destination is None:
            return Route.of(found)
        return Route.of(found, destination, self.snapshot.directory.authorities[authority].name)

    def regions_of_ags(self, ags: str, at: datetime) -> tuple[str, ...]:
        return self.snapshot.resolver.ars_of_ags(ags, german_day(at))
