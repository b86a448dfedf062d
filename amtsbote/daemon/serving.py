"""Runs a daemon: listeners, timers, lanes, and a clean end on SIGTERM within the configured time."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC
from typing import Final
from urllib.parse import urlsplit

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from amtsbote.daemon.composition import Daemon
from amtsbote.daemon.expiry import ExpiryWatch
from amtsbote.daemon.listening import GuardedProtocol, raise_open_files
from amtsbote.daemon.settings import Settings
from amtsbote.errors import AmtsboteError, Misconfigured
from amtsbote.keys.calendar import expiries
from amtsbote.model.deadletter import Reason
from transport.fitconnect.server import refused_by_router

log = structlog.get_logger("amtsbote.daemon")

_IO_THREADS: Final = 64
"""For files. More than there are deliveries at once, so that targets that hang leave the house its own files."""


class PartEnded(AmtsboteError):
    """A listener, a lane or the signer ended by itself: the daemon stops, for whoever watches it to start it again."""


class _Listener(uvicorn.Server):
    """One of several in a process: signals are the daemon's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(daemon: Daemon, stop: asyncio.Event) -> bool:
    """Until `stop` is set, a signal comes, or a part of the house fails; then work in hand is finished, or given up
    when the time is over. False when some was given up: a thread that hangs in a target may then still be there.

    Raises `Misconfigured` when a listener cannot be had, and `PartEnded` after a failure.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_IO_THREADS, thread_name_prefix="io"))
    raise_open_files()
    _stop_on_signals(stop)
    public, inner = _both_bound(daemon.settings)
    health = _Health(daemon, stop)
    listeners = [_Listener(_config(_public(daemon, health))), _Listener(_config(_inner(daemon, health)))]
    parts = [
        *(asyncio.create_task(lane.run(), name="lane") for lane in daemon.lanes),
        asyncio.create_task(listeners[0].serve(sockets=[public]), name="public listener"),
        asyncio.create_task(listeners[1].serve(sockets=[inner]), name="inner listener"),
    ]
    signing = asyncio.create_task(daemon.signing.run(), name="signing")
    timers = _timers(daemon)
    timers.start()
    daemon.wake()
    log.info("serve.ready", public=daemon.settings.public.listen, metrics=daemon.settings.metrics.listen)
    failed = await _first_failure([*parts, signing], stop)
    stop.set()
    log.info("serve.stopping")
    timers.shutdown(wait=False)
    drained = await _drain(daemon, listeners, parts)
    signing.cancel()
    await asyncio.gather(signing, return_exceptions=True)
    log.info("serve.stopped", drained=drained)
    if failed is not None:
        raise PartEnded(failed)
    return drained


async def _first_failure(parts: list[asyncio.Task[None]], stop: asyncio.Event) -> str | None:
    """The name of the part that ended although nobody wanted it to; None when `stop` came first."""
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([stopped, *parts], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    ended = next((part for part in parts if part.done()), None)
    if ended is None or stop.is_set():
        return None
    log.error("serve.part_ended", part=ended.get_name(), exc_info=ended.exception())
    return ended.get_name()


async def _drain(daemon: Daemon, listeners: list[_Listener], parts: list[asyncio.Task[None]]) -> bool:
    """No new requests, no new jobs; answer and finish what is in hand."""
    for listener in listeners:
        listener.should_exit = True
    for lane in daemon.lanes:
        lane.stop()
    _, late = await asyncio.wait(parts, timeout=daemon.settings.serve.stop_seconds)
    if late:
        log.warning("serve.given_up", seconds=daemon.settings.serve.stop_seconds)
    for part in late:
        part.cancel()
    await asyncio.gather(*parts, *(lane.abandon() for lane in daemon.lanes), return_exceptions=True)
    return not late


class _Health:
    def __init__(self, daemon: Daemon, stop: asyncio.Event) -> None:
        self._daemon = daemon
        self._stop = stop

    async def alive(self, _: Request) -> Response:
        """The event loop answers."""
        return PlainTextResponse("ok\n")

    async def ready(self, _: Request) -> Response:
        """The store answers and the daemon is not about to stop."""
        if self._stop.is_set():
            return PlainTextResponse("stopping\n", 503)
        try:
            await self._daemon.store.read(lambda tx: tx.directory.revision())
        except Exception as error:  # noqa: BLE001  (whatever it is, the answer is: not ready)
            return PlainTextResponse(f"store: {type(error).__name__}\n", 503)
        return PlainTextResponse("ok\n")

    def routes(self) -> list[Route]:
        return [Route("/healthz", self.alive), Route("/readyz", self.ready)]


def _public(daemon: Daemon, health: _Health) -> Starlette:
    prefix = urlsplit(daemon.settings.public.url).path
    routes = [*health.routes(), Mount(prefix or "/", daemon.application)]
    built = Starlette(routes=routes, exception_handlers={HTTPException: refused_by_router})
    built.router.redirect_slashes = False
    return built


def _inner(daemon: Daemon, health: _Health) -> Starlette:
    """Metrics and health, on a listener of their own."""

    async def metrics(_: Request) -> Response:
        await _measure(daemon)
        body = daemon.foundation.meter.exposition()
        return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(routes=[*health.routes(), Route("/metrics", metrics)])


async def _measure(daemon: Daemon) -> None:
    meter = daemon.foundation.meter
    now, helpers = daemon.foundation.world.clock(), daemon.foundation.helpers
    counts, queues, letters = await daemon.store.read(
        lambda tx: (tx.jobs.counts(), tx.jobs.waiting(now), tx.deadletters.backlog())
    )
    for kind, count in counts.items():
        meter.jobs.labels(kind).set(count)
    for reason in Reason:
        meter.dead_letters.labels(reason).set(letters[reason].count if reason in letters else 0)
    now = daemon.foundation.world.clock()
    oldest = min((one.oldest for one in letters.values()), default=now)
    meter.oldest_dead_letter.set((now - oldest).total_seconds())
    meter.measure_keys(expiries(daemon.foundation.present.directory(), now))
    meter.measure_queues(queues, now)
    meter.helper_restarts.set(helpers.restarts)
    meter.helpers_busy.set(helpers.busy)


def _config(application: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=GuardedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
    )


def _both_bound(settings: Settings) -> tuple[socket.socket, socket.socket]:
    public = _bound(settings.public.listen)
    try:
        return public, _bound(settings.metrics.listen)
    except Misconfigured:
        public.close()
        raise


def _bound(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, int(port)))
    except OSError as error:
        bound.close()
        raise Misconfigured(
            f"cannot listen on {address}: {error.strerror}", f"auf {address} ist kein Empfang möglich: {error.strerror}"
        ) from error
    bound.setblocking(False)
    return bound


def _timers(daemon: Daemon) -> AsyncIOScheduler:
    """Fixed timers only; whatever must survive a restart is a job (architecture, section 6)."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(daemon.wake, "interval", seconds=1, id="due")
    scheduler.add_job(daemon.reload, "interval", seconds=2, id="directory")
    base = daemon.foundation
    watch = ExpiryWatch(base.present.directory, base.world.clock)
    scheduler.add_job(watch.look, "interval", days=1, id="calendar", next_run_time=base.world.clock())
    return scheduler


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
