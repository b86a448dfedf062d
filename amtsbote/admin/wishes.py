"""Whether targets can have what they want: everything that may reach one must be of a wanted schema, or lead to one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from amtsbote.admin.entries import Placed
from amtsbote.admin.mistakes import Mistake, mistake
from amtsbote.model.directory import Authority, Destination, Directory, Holding, Reach, Target
from amtsbote.model.ids import AuthorityId, TenantId
from schemas.forms import Forms, NotMapped


def unmet_wishes(future: Directory, forms: Forms, wanted: Sequence[Placed]) -> Iterator[Mistake]:
    """Those this declaration brings: the target, an authority that has it or a destination before that is in it. Else
    their messages would become dead letters one by one."""
    places = {
        (type(entry), entry.id): placed.place
        for placed in wanted
        if isinstance(entry := placed.entry, Target | Authority | Destination)
    }
    for target, authority, destination in _ways(future):
        ends = ((target, "schemas"), (authority, "targets"), (destination, "services"))
        named = (f"{places[type(end), end.id]} · {field}" for end, field in ends if (type(end), end.id) in places)
        place = next(named, None)
        if place is not None:
            yield from _unmet(place, target, destination, forms)


def _ways(future: Directory) -> Iterator[tuple[Target, Authority, Destination]]:
    """Every way from a destination whose messages we open to a target with a wish."""
    direct, collecting = _by_reach(future)
    for authority in future.authorities.values():
        inboxes = (*direct[authority.id], *collecting[authority.tenant])
        for target in (future.targets[name] for name in authority.targets if name in future.targets):
            for destination in inboxes if target.schemas else ():
                if destination.stage is target.stage:
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


def _unmet(place: str, target: Target, destination: Destination, forms: Forms) -> Iterator[Mistake]:
    for schema in dict.fromkeys(schema for offered in destination.services for schema in offered.schemas):
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
