"""What came into the registry from elsewhere, and is too old."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from amtsbote.admin.doctor_advice import Advice, Level, Site, warning
from amtsbote.admin.office import Office
from amtsbote.model.directory import Directory
from amtsbote.model.routing import RoutingDocument, german_day
from amtsbote.model.shown import jsonable
from routing.freshness import of_tables, with_authorities


def freshness(office: Office, directory: Directory, document: RoutingDocument | None) -> list[dict[str, Any]]:
    """Every source with its oldest and newest day, JSON-ready. Reads all tables: a second for those of a country."""
    tables = document.tables if document is not None else {}
    found = of_tables(tables).on(german_day(office.clock()))
    return [jsonable(one) for one in with_authorities(found, directory.authorities.values())]


def sources(site: Site) -> Iterator[Advice]:
    """A source is as old as its newest row; one without a day is not judged."""
    today = german_day(site.at)
    for one in site.facts["sources"] if site.facts else ():
        values = {"source": one["source"], "newest": one["newest"] or "–", "oldest": one["oldest"] or "–"}
        age = (today - date.fromisoformat(one["newest"])).days if one["newest"] else 0
        most = site.settings.sources.days_of(one["source"])
        if age > most:
            yield warning("source-old", age=age, most=most, **values)
        else:
            yield Advice(Level.FINE, "fine.source", values)
