"""End-to-end destinations of which nobody would be told that their messages are not fetched."""

from collections.abc import Iterator
from typing import Any

from amtsbote.admin.doctor_advice import Advice, Site, warning
from amtsbote.model.directory import Directory, Holding
from amtsbote.model.stage import Stage


def fetched(directory: Directory) -> list[dict[str, Any]]:
    """Destinations that somebody fetches from, and whether a mail could reach a contact; JSON-ready."""
    return [
        {"destination": one.id, "email": bool(one.contact.get("email"))}
        for one in directory.destinations.values()
        if one.holding is Holding.END_TO_END and one.stage is Stage.LIVE
    ]


def contacts(site: Site) -> Iterator[Advice]:
    found = site.facts["fetched"] if site.facts else ()
    if found and site.settings.mail.server is None:
        yield warning("no-mail-server", count=len(found))
    for one in found:
        if not one["email"]:
            yield warning("no-contact", destination=one["destination"])
