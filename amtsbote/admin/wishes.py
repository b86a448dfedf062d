"""Whether targets can have what they want: everything that may reach one must be of a wanted schema, or lead to one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from amtsbote.admin.entries import Placed
from amtsbote.admin.mistakes import Mistake, mistake
from amtsbote.model.directory import Authority, Destination, Directory, Holding, OfferedService, Reach, Target
from amtsbote.model.ids import AuthorityId, TenantId
from routing.following import Further
from schemas.forms import Forms, NotMapped


def unmet_wishes(future: Directory, forms: Forms, wanted: Sequence[Placed]) -> Iterator[Mistake]:
    """Those this declaration brings: the target, an authority that has it or a destination before that is in it. Else
    their messages would become dead letters one by one."""
    places = _Places(wanted)
    for target, authority, destination in _ways(future):
        place = places.of(target, authority, destination)
        if place is not None:
            yield from _unmet(place, target, destination, destination.services, forms)


def unmet_wishes_of_further(
    future: Directory, forms: Forms, wanted: Sequence[Placed], further: Further, tables: str | None
) -> Iterator[Mistake]:
    """Those of targets of further recipients that a direct destination reaches; to a collecting one, every authority of
    the tenants it serves is like the competent one. `tables`: the place of the routing tables, where they bring it."""
    places = _Places(wanted)
    for target, authority, destination, offered in _further_ways(future, further):
        place = places.of(target, authority, destination) or tables
        if place is not None:
            yield from _unmet(place, target, destination, (offered,), forms)


def with_wishes(future: Directory) -> frozenset[AuthorityId]:
    """Authorities of whose targets one wants certain schemas."""
    wishing = {target.id for target in future.targets.values() if target.schemas}
    return frozenset(one.id for one in future.authorities.values() if wishing.intersection(one.targets))


class _Places:
    """Where a declaration names an end of a way."""

    def __init__(self, wanted: Sequence[Placed]) -> None:
        self._places = {
            (type(entry), entry.id): placed.place
            for placed in wanted
            if isinstance(entry := placed.entry, Target | Authority | Destination)
        }

    def of(self, target: Target, authority: Authority, destination: Destination) -> str | None:
        ends = ((target, "schemas"), (authority, "targets"), (destination, "services"))
        known = self._places
        return next(
            (f"{known[type(end), end.id]} · {field}" for end, field in ends if (type(end), end.id) in known), None
        )


def _further_ways(
    future: Directory, further: Further
) -> Iterator[tuple[Target, Authority, Destination, OfferedService]]:
    for destination in future.destinations.values():
        if destination.holding is not Holding.BROKER or destination.reach is not Reach.DIRECT:
            continue
        for offered in destination.services:
            reached = {name for name, region in further.get(offered.service, ()) if offered.touches(region)}
            for authority in (future.authorities[name] for name in sorted(reached) if name in future.authorities):
                if authority.tenant == destination.tenant and authority.id != destination.authority:
                    for target in _wishing(future, authority, destination):
                        yield target, authority, destination, offered


def _wishing(future: Directory, authority: Authority, destination: Destination) -> Iterator[Target]:
    """Targets of the authority with a wish that messages of the destination may reach."""
    for target in (future.targets[name] for name in authority.targets if name in future.targets):
        if target.schemas and target.stage is destination.stage:
            yield target


def _ways(future: Directory) -> Iterator[tuple[Target, Authority, Destination]]:
    """Every way from a destination whose messages we open to a target with a wish."""
    direct, collecting = _by_reach(future)
    for authority in future.authorities.values():
        for destination in (*direct[authority.id], *collecting[authority.tenant]):
            for target in _wishing(future, authority, destination):
                yield target, authority, destination


def _by_reach(
    future: Directory,
) -> tuple[Mapping[AuthorityId, list[Destination]], Mapping[TenantId, list[Destination]]]:
    direct: dict[AuthorityId, list[Destination]] = defaultdict(list)
    collecting: dict[TenantId, list[Destination]] = defaultdict(list)
    for destination in future.destinations.values():
        if destination.holding is not Holding.BROKER:
            continue
        if destination.reach is Reach.COLLECTING:
            for tenant in destination.serves:
                collecting[tenant].append(destination)
        elif destination.authority is not None:
            direct[destination.authority].append(destination)
    return direct, collecting


def _unmet(
    place: str, target: Target, destination: Destination, services: Sequence[OfferedService], forms: Forms
) -> Iterator[Mistake]:
    for schema in dict.fromkeys(schema for offered in services for schema in offered.schemas):
        try:
            forms.wanted(schema, target.schemas)
        except NotMapped as unmet:
            yield mistake(
                place,
                "declaration.wish-unmet",
                target=target.id,
                wanted=unmet.about,
                destination=destination.name,
                schema=schema.uri,
                reachable=", ".join(forms.reachable(schema.uri)),
            )
