"""Destinations whose messages cannot reach anybody, because live and test never meet."""

from collections.abc import Iterator
from typing import Any

from amtsbote.admin.doctor_advice import Advice, Site, warning
from amtsbote.model.directory import Authority, Destination, Directory, Holding, Reach
from amtsbote.model.stage import Stage


def unreachable(directory: Directory) -> list[dict[str, Any]]:
    """Authorities behind a destination we open and not one target of its stage, JSON-ready."""
    return [
        {"destination": destination.id, "stage": destination.stage, "authority": authority.id}
        for destination in directory.destinations.values()
        if destination.holding is Holding.BROKER and destination.stage is not Stage.OFF
        for authority in _behind(destination, directory)
        if not any(directory.targets[target].stage is destination.stage for target in authority.targets)
    ]


def stages(site: Site) -> Iterator[Advice]:
    for one in site.facts["stages"] if site.facts else ():
        yield warning("stage-apart", **one)


def _behind(destination: Destination, directory: Directory) -> Iterator[Authority]:
    for authority in directory.authorities.values():
        direct = destination.reach is Reach.DIRECT and destination.authority == authority.id
        if direct or (destination.reach is Reach.COLLECTING and authority.tenant in destination.serves):
            yield authority
