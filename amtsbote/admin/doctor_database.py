"""The PostgreSQL database as `doctor` judges it; of SQLite there is nothing to say that its disk does not."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from amtsbote.admin.doctor_advice import Advice, Site, error, warning
from amtsbote.admin.doctor_net import is_loopback
from amtsbote.admin.office import Office

_SKEW: Final = 5.0
"""Seconds between two clocks from which on a person should look."""
_MUST_BE_ON: Final = ("fsync", "full_page_writes")


async def database_facts(office: Office) -> Mapping[str, Any]:
    """What the server says of itself, JSON-ready; empty for SQLite."""
    before = office.clock()
    about = await office.store.about()
    if not about:
        return {}
    middle = before + (office.clock() - before) / 2
    there: datetime = about["now"]
    return {**about, "now": there.isoformat(), "ahead": round((there - middle).total_seconds(), 3)}


def database(site: Site) -> Iterator[Advice]:
    about = site.facts["database"] if site.facts else {}
    for setting in _MUST_BE_ON:
        if not about[setting]:
            yield error("database-forgets", setting=setting)
    if not about["encrypted"] and not _is_here(about["host"]):
        yield error("database-plain", host=about["host"])
    if about["superuser"]:
        yield warning("database-superuser", role=about["role"])
    if abs(about["ahead"]) > _SKEW:
        yield error("database-clock", seconds=f"{abs(about['ahead']):.0f}")
    if about["machines"] > 1 and site.settings.storage.parts is None:
        yield error("parts-apart")


def _is_here(host: str) -> bool:
    return host.startswith("/") or is_loopback(host)
