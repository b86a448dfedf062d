"""Destinations that take submissions nobody will come for, or that nobody is shown the way to."""

from collections.abc import Iterator
from typing import Any

from amtsbote.admin.doctor_advice import Advice, Site, warning
from amtsbote.model.directory import Destination, Directory, Holding
from amtsbote.model.stage import Stage


def forlorn(directory: Directory) -> list[dict[str, Any]]:
    """Open end-to-end destinations with what is missing, JSON-ready: `subscriber-locked`, `unrouted`."""
    opened = (one for one in directory.destinations.values() if one.holding is Holding.END_TO_END and one.takes_new)
    return [
        {"destination": one.id, "client": one.subscriber, "fault": fault}
        for one in sorted(opened, key=lambda one: one.id)
        for fault in _faults(one, directory)
    ]


def destinations(site: Site) -> Iterator[Advice]:
    for one in site.facts["destinations"] if site.facts else ():
        named = {"destination": one["destination"], "client": one["client"]}
        if one["fault"] == "unrouted":
            yield warning("destination-unrouted", **named)
        else:
            yield warning("destination-subscriber-locked", **named)


def _faults(destination: Destination, directory: Directory) -> Iterator[str]:
    client = directory.clients.get(destination.subscriber) if destination.subscriber is not None else None
    if client is None or not client.active:
        yield "subscriber-locked"
    if destination.authority is None and destination.stage is Stage.LIVE:
        yield "unrouted"
