"""Keys, roots, the clock, and what the service is allowed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from amtsbote.admin.doctor_advice import Advice, Level, Site, error, warning
from amtsbote.daemon.anchors import read_anchors
from amtsbote.errors import Misconfigured
from amtsbote.keys.calendar import WARNING_DAYS

_OLD_DAYS: Final = 3 * 365
_LEAST_OPEN_FILES: Final = 4096
_EARLIEST_YEAR: Final = 2025
_URGENT_DAYS: Final = 7
_SKEW: Final = timedelta(minutes=5)


def office(site: Site) -> Iterator[Advice]:
    if site.facts is None:
        yield error("unanswered", reason=site.refused)
    elif not site.running:
        yield warning("not-running")


def key_ends(site: Site) -> Iterator[Advice]:
    """Certified keys in use, at 90, 30 and 7 days, and after the end."""
    for one in site.facts["ends"] if site.facts else ():
        if one["days"] >= max(WARNING_DAYS):
            continue
        level = Level.ERROR if one["days"] < _URGENT_DAYS else Level.WARNING
        code = "key-ended" if one["days"] < 0 else "key-ends"
        values = {"kid": one["kid"], "owner": one["owner"], "until": one["until"][:10], "days": one["days"]}
        yield Advice(level, code, values)


def key_ages(site: Site) -> Iterator[Advice]:
    for one in site.facts["ages"] if site.facts else ():
        if one["days"] >= _OLD_DAYS:
            yield warning("key-old", kid=one["kid"], owner=one["owner"] or "–", days=one["days"])


def master_key_age(site: Site) -> Iterator[Advice]:
    key = site.facts["master_key"] if site.facts else None
    if key is None or key["days"] is None:
        return
    if key["former"] is not None:
        yield warning("master-unfinished", id=key["id"], former=key["former"], days=key["days"])
    elif key["days"] >= _OLD_DAYS:
        yield warning("master-old", id=key["id"], days=key["days"])


def anchors(site: Site) -> Iterator[Advice]:
    files = site.settings.keys.trust_anchors
    if not files:
        yield error("anchors-none")
    for file in files:
        yield from _anchor(site, file)


def _anchor(site: Site, file: Path) -> Iterator[Advice]:
    try:
        found = [x509.load_der_x509_certificate(one) for one in read_anchors([file])]
    except (Misconfigured, ValueError):
        yield error("anchor-unreadable", path=file)
        return
    until = min((one.not_valid_after_utc for one in found), default=None)
    if until is None:
        yield error("anchor-unreadable", path=file)
    elif until <= site.at:
        yield error("anchor-ended", path=file, until=f"{until:%Y-%m-%d}")
    elif until <= site.at + timedelta(days=max(WARNING_DAYS)):
        yield warning("anchor-ends", path=file, until=f"{until:%Y-%m-%d}")


def clock(site: Site) -> Iterator[Advice]:
    newest = max((path.stat().st_mtime for path in site.settings.storage.folder.glob("*.db*")), default=0.0)
    ahead = timedelta(seconds=newest - site.at.timestamp())
    if site.at.year < _EARLIEST_YEAR or ahead > _SKEW:
        yield error("clock-wrong", now=f"{site.at:%Y-%m-%d %H:%M} UTC")
    elif site.synchronised is False:
        yield warning("clock-free")


def open_files(site: Site) -> Iterator[Advice]:
    if site.facts and 0 <= site.facts["open_files"] < _LEAST_OPEN_FILES:
        yield warning("open-files", limit=site.facts["open_files"], wanted=_LEAST_OPEN_FILES)
