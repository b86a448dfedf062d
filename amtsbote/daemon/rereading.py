"""SIGHUP: read the installation file again, take over what may change while work goes on, and name what may not."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog

from amtsbote.daemon.composition import Daemon
from amtsbote.daemon.configuration import values_of
from amtsbote.daemon.settings import Settings
from amtsbote.errors import AmtsboteError

log = structlog.get_logger("amtsbote.daemon")

ANCHORS: Final = "keys.trust_anchors"


@dataclass(frozen=True, slots=True)
class Fresh:
    """The installation file as it is now, and the roots it names (DER)."""

    settings: Settings
    anchors: tuple[bytes, ...]


def _attempts(daemon: Daemon, settings: Settings) -> None:
    daemon.backoff.attempts = settings.work.attempts


def _first_retry(daemon: Daemon, settings: Settings) -> None:
    daemon.backoff.first = settings.work.first_retry


def _longest_retry(daemon: Daemon, settings: Settings) -> None:
    daemon.backoff.longest = settings.work.longest_retry


def _in_flight(daemon: Daemon, settings: Settings) -> None:
    daemon.admission.resize(settings.limits.in_flight)


def _client_rate(daemon: Daemon, settings: Settings) -> None:
    daemon.gate.rates.clients.limit = settings.rates.client


def _address_rate(daemon: Daemon, settings: Settings) -> None:
    daemon.gate.rates.addresses.limit = settings.rates.address


_TAKE: Final[Mapping[str, Callable[[Daemon, Settings], None]]] = {
    "work.attempts": _attempts,
    "work.first_retry": _first_retry,
    "work.longest_retry": _longest_retry,
    "limits.in_flight": _in_flight,
    "rates.client": _client_rate,
    "rates.address": _address_rate,
}
WITHOUT_RESTART: Final = frozenset({*_TAKE, ANCHORS})
"""Settings a running daemon takes over; every other one needs a restart."""


@asynccontextmanager
async def rereading(
    daemon: Daemon, hung_up: asyncio.Event, read: Callable[[], Fresh], trust: Callable[[tuple[bytes, ...]], None]
) -> AsyncIterator[None]:
    """Reads again whenever `hung_up` is set, as long as the context lasts. `trust` is given the new roots, too.

    A file with a mistake changes nothing.
    """
    task = asyncio.create_task(_reread(daemon, hung_up, read, trust), name="rereading")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _reread(
    daemon: Daemon, hung_up: asyncio.Event, read: Callable[[], Fresh], trust: Callable[[tuple[bytes, ...]], None]
) -> None:
    present = values_of(daemon.settings)
    while True:
        await hung_up.wait()
        hung_up.clear()
        try:
            fresh = await asyncio.to_thread(read)
        except AmtsboteError as error:
            log.error("settings.refused", because=getattr(error, "en", str(error)))
            continue
        except Exception:
            log.exception("settings.not_read")
            continue
        daemon.anchors.take(fresh.anchors)
        trust(fresh.anchors)
        _take(daemon, fresh.settings, present)


def _take(daemon: Daemon, settings: Settings, present: dict[str, Any]) -> None:
    """`present` is what holds now; it stays as it was where a restart is needed, so that every call names it."""
    wanted = values_of(settings)
    changed = [name for name, value in wanted.items() if value != present[name]]
    taken = [name for name in changed if name in WITHOUT_RESTART]
    for name in taken:
        if name in _TAKE:
            _TAKE[name](daemon, settings)
        present[name] = wanted[name]
    waiting = [name for name in changed if name not in WITHOUT_RESTART]
    log.info("settings.reread", taken=taken)
    if waiting:
        log.warning("settings.restart_needed", settings=waiting)
