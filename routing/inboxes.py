"""Which live destinations offer what for whom, asked for every service in every municipality.

What is asked is what `destination_for` is asked for one pair; a test holds the two against each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from amtsbote.model.directory import Authority, Destination, Reach
from amtsbote.model.ids import AuthorityId, TenantId
from amtsbote.model.routing import Area
from routing.destinations import is_live


@dataclass(frozen=True, slots=True)
class Inbox:
    """A live destination as far as it is asked for."""

    authority: AuthorityId | None
    """Of a direct one."""
    serves: tuple[TenantId, ...]
    """Of a collecting one."""
    offers: Mapping[str, tuple[str, ...]]
    """Service → regions. None at all, or the empty prefix, restricts nothing."""


@dataclass(frozen=True, slots=True)
class Inboxes:
    """All of them, without names, keys and schemas: what goes to whoever computes a coverage."""

    inboxes: tuple[Inbox, ...]
    tenants: Mapping[AuthorityId, TenantId]

    @classmethod
    def of(cls, destinations: Iterable[Destination], authorities: Iterable[Authority]) -> Self:
        live = filter(is_live, destinations)
        return cls(tuple(map(_inbox, live)), {one.id: one.tenant for one in authorities})

    def document(self) -> dict[str, Any]:
        """JSON-ready."""
        shown = [{"authority": one.authority, "serves": one.serves, "offers": one.offers} for one in self.inboxes]
        return {"inboxes": shown, "tenants": self.tenants}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """The reverse of `document`."""
        inboxes = (
            Inbox(one["authority"], tuple(one["serves"]), {key: tuple(at) for key, at in one["offers"].items()})
            for one in document["inboxes"]
        )
        return cls(tuple(inboxes), document["tenants"])


def _inbox(destination: Destination) -> Inbox:
    offers: dict[str, tuple[str, ...]] = {}
    for one in destination.services:
        offers.setdefault(one.service, one.regions)
    if destination.reach is Reach.DIRECT:
        return Inbox(destination.authority, (), offers)
    return Inbox(None, destination.serves, offers)


@dataclass(frozen=True, slots=True)
class Offered:
    """Who takes some services, all of which are offered by the same inboxes for the same regions."""

    direct: Mapping[AuthorityId, Sequence[Area]]
    collecting: Mapping[TenantId, Sequence[Area]]
    tenants: Mapping[AuthorityId, TenantId]

    def reaches(self, authority: AuthorityId, place: str) -> bool:
        """Whether exactly one inbox is to be addressed: a direct one, else a collecting one."""
        tenant = self.tenants.get(authority)
        if tenant is None:
            return False
        for areas in (self.direct.get(authority, ()), self.collecting.get(tenant, ())):
            if found := sum(area.covers(place) for area in areas):
                return found == 1
        return False


class Offers:
    """The inboxes by what they offer."""

    def __init__(self, inboxes: Inboxes) -> None:
        self._tenants = inboxes.tenants
        self._of_service: dict[str, list[tuple[Inbox, Area]]] = defaultdict(list)
        areas: dict[tuple[str, ...], Area] = {}
        for inbox in inboxes.inboxes:
            for service, regions in inbox.offers.items():
                area = areas.setdefault(regions, Area.of(regions or ("",)))
                self._of_service[service].append((inbox, area))

    def alike(self, services: Iterable[str]) -> Iterator[tuple[tuple[str, ...], Offered]]:
        """Services together that have the same inboxes with the same regions."""
        same: dict[tuple[tuple[int, int], ...], list[str]] = defaultdict(list)
        for service in services:
            same[tuple((id(inbox), id(area)) for inbox, area in self._of_service.get(service, ()))].append(service)
        for together in same.values():
            yield tuple(together), self._offered(self._of_service.get(together[0], ()))

    def _offered(self, offers: Iterable[tuple[Inbox, Area]]) -> Offered:
        direct: dict[AuthorityId, list[Area]] = defaultdict(list)
        collecting: dict[TenantId, list[Area]] = defaultdict(list)
        for inbox, area in offers:
            if inbox.authority is not None:
                direct[inbox.authority].append(area)
            for tenant in set(inbox.serves):
                collecting[tenant].append(area)
        return Offered(direct, collecting, self._tenants)
