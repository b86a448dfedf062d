"""From the competent authority to its inbox: a direct destination, else a collecting one that names its tenant.

Only a destination that offers the service for the whole of the asked region is a candidate.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations, islice
from typing import Final, TypeAlias, TypeVar

from amtsbote.errors import Language
from amtsbote.model.directory import Authority, Destination, Directory, OfferedService, Reach
from amtsbote.model.ids import AuthorityId, TenantId
from amtsbote.model.stage import Stage

Key = TypeVar("Key", bound=str)
_Groups: TypeAlias = dict[tuple[Key, str], dict[str, OfferedService]]
"""(authority or tenant, service) → who offers it, as `name (id)`, and where."""

MAX_AMBIGUITIES: Final = 100
"""One mistake can make every service of every authority ambiguous; so many are reported."""


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """An authority that two or more destinations of the same reach would serve for one service."""

    authority: AuthorityId
    service: str
    reach: Reach
    names: tuple[str, ...]
    """The destinations as a person knows them, `name (id)`, sorted."""

    def text(self, language: Language) -> str:
        names = ", ".join(self.names)
        if language == "de":
            return (
                f"Für {self.authority} und die Leistung {self.service} gibt es mehrere Zustellpunkte im"
                f" Echtbetrieb, gleicher Art mit gemeinsamen Gebieten: {names}. Bitte Leistung oder Gebiet"
                " nur bei einem lassen."
            )
        return (
            f"For {self.authority} and service {self.service} there are several live destinations of the same kind"
            f" with regions in common: {names}. Leave the service or the region to one of them."
        )


def destination_for(authority: AuthorityId, service: str, region: str, directory: Directory) -> Destination | None:
    """The live destination to address for a service of an authority at a region (ARS or prefix); None when there is
    none or no single one."""
    entry = directory.authorities.get(authority)
    if entry is None:
        return None
    for reach in (Reach.DIRECT, Reach.COLLECTING):
        match _candidates(entry, (service, region), reach, directory):
            case []:
                continue
            case [destination]:
                return destination
            case _:
                return None
    return None


def is_live(destination: Destination) -> bool:
    """Whether portals are sent to it: it takes new messages, in earnest."""
    return destination.stage is Stage.LIVE and destination.takes_new


def ambiguities(directory: Directory) -> tuple[Ambiguity, ...]:
    """Up to `MAX_AMBIGUITIES` cases in which `destination_for` could not choose; empty for a sound directory."""
    return tuple(islice(chain(_direct_ambiguities(directory), _collecting_ambiguities(directory)), MAX_AMBIGUITIES))


def new_ambiguity(before: Directory, after: Directory) -> Ambiguity | None:
    """One that a change would bring; None when it brings none."""
    known = set(ambiguities(before))
    return next((one for one in ambiguities(after) if one not in known), None)


def _candidates(authority: Authority, asked: tuple[str, str], reach: Reach, directory: Directory) -> list[Destination]:
    """`asked`: service and region."""
    return [
        destination
        for destination in _live(directory, reach)
        if _reaches(destination, authority) and _offers(destination, *asked)
    ]


def _offers(destination: Destination, service: str, region: str) -> bool:
    offered = destination.offers(service)
    return offered is not None and offered.covers(region)


def _live(directory: Directory, reach: Reach) -> Iterator[Destination]:
    for destination in directory.destinations.values():
        if destination.reach is reach and is_live(destination):
            yield destination


def _reaches(destination: Destination, authority: Authority) -> bool:
    if destination.reach is Reach.DIRECT:
        return destination.authority == authority.id
    return authority.tenant in destination.serves


def _direct_ambiguities(directory: Directory) -> Iterator[Ambiguity]:
    groups: _Groups[AuthorityId] = defaultdict(dict)
    for destination in _live(directory, Reach.DIRECT):
        if destination.authority is not None:
            _group(groups, [destination.authority], destination)
    for authority, service, names in _collisions(groups):
        yield Ambiguity(authority, service, Reach.DIRECT, names)


def _collecting_ambiguities(directory: Directory) -> Iterator[Ambiguity]:
    groups: _Groups[TenantId] = defaultdict(dict)
    for destination in _live(directory, Reach.COLLECTING):
        _group(groups, destination.serves, destination)
    authorities: dict[TenantId, list[AuthorityId]] = defaultdict(list)
    for authority in directory.authorities.values():
        authorities[authority.tenant].append(authority.id)
    for tenant, service, names in _collisions(groups):
        for authority_id in sorted(authorities[tenant]):
            yield Ambiguity(authority_id, service, Reach.COLLECTING, names)


def _group(groups: _Groups[Key], keys: Iterable[Key], destination: Destination) -> None:
    for key in keys:
        for offered in destination.services:
            groups[key, offered.service][f"{destination.name} ({destination.id})"] = offered


def _collisions(groups: _Groups[Key]) -> Iterator[tuple[Key, str, tuple[str, ...]]]:
    for (key, service), offers in sorted(groups.items(), key=lambda group: group[0]):
        if names := _overlapping(offers):
            yield key, service, names


def _overlapping(offers: dict[str, OfferedService]) -> tuple[str, ...]:
    """Who shares a region with somebody else."""
    pairs = [pair for pair in combinations(sorted(offers), 2) if offers[pair[0]].overlaps(offers[pair[1]])]
    return tuple(sorted({name for pair in pairs for name in pair}))
