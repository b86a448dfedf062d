"""Receivers of callbacks that do not answer."""

from collections.abc import Iterator

from amtsbote.admin.doctor_advice import Advice, Site, warning
from amtsbote.api.notices import Tally


def standings(tally: Tally) -> dict[str, int]:
    """JSON-ready."""
    return {"failing": tally.failing, "stopped": tally.stopped}


def callbacks(site: Site) -> Iterator[Advice]:
    """Those that still are tried may come back by themselves."""
    stopped = site.facts["callbacks"]["stopped"] if site.facts else 0
    if stopped:
        yield warning("callbacks-stopped", count=stopped)
