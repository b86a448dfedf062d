"""Runs a daemon: listeners, timers, lanes, and a clean end on SIGTERM within the configured time."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from amtsbote.daemon.composition import Daemon
from amtsbote.errors import Misconfigured

log = structlog.get_logger("amtsbote.daemon")


class _Listener(uvicorn.Server):
    """One of several in a process: signals are the daemon's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(daemon: Daemon, stop: asyncio.Event) -> None:
    """Until `stop` is set or a signal comes; then work in hand is finished, or given up when the time is over."""
    _stop_on_signals(stop)
    sockets = [_bound(daemon.settings.public.listen), _bound(daemon.settings.metrics.listen)]
    health = _Health(daemon, stop)
    listeners = [_Listener(_config(_public(daemon, health))), _Listener(_config(_inner(daemon, health)))]
    tasks = [asyncio.create_task(lane.run()) for lane in daemon.lanes]
    signing = asyncio.create_task(daemon.signing.run())
    serving = [
        asyncio.create_task(listener.serve(sockets=[bound])) for listener, bound in zip(listeners, sockets, strict=True)
    ]
    timers = _timers(daemon)
    timers.start()
    daemon.wake()
    log.info("serve.ready", public=daemon.settings.public.listen, metrics=daemon.settings.metrics.listen)
    await stop.wait()
    log.info("serve.stopping")
    timers.shutdown(wait=False)
    await _drain(daemon, listeners, [*serving, *tasks])
    signing.cancel()
    await asyncio.gather(signing, return_exceptions=True)
    log.info("serve.stopped")


async def _drain(daemon: Daemon, listeners: list[_Listener], running: list[asyncio.Task[None]]) -> None:
    """No new requests, no new jobs; answer and finish what is in hand."""
    for listener in listeners:
        listener.should_exit = True
    for lane in daemon.lanes:
        lane.stop()
    try:
        async with asyncio.timeout(daemon.settings.serve.stop_seconds):
            await asyncio.gather(*running)
    except TimeoutError:
        log.warning("serve.given_up", seconds=daemon.settings.serve.stop_seconds)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, *(lane.abandon() for lane in daemon.lanes), return_exceptions=True)


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
    return Starlette(routes=[*health.routes(), Mount(prefix or "/", daemon.application)])


def _inner(daemon: Daemon, health: _Health) -> Starlette:
    """Metrics and health, on a listener of their own."""

    async def metrics(_: Request) -> Response:
        await _measure(daemon)
        body = daemon.foundation.meter.exposition()
        return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(routes=[*health.routes(), Route("/metrics", metrics)])


async def _measure(daemon: Daemon) -> None:
    meter = daemon.foundation.meter
    counts, letters = await daemon.store.read(lambda tx: (tx.jobs.counts(), tx.deadletters.count()))
    for kind, count in counts.items():
        meter.jobs.labels(kind).set(count)
    meter.dead_letters.set(letters)
    meter.helper_restarts.set(daemon.foundation.helpers.restarts)


def _config(application: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
    )


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
        raise Misconfigured(f"cannot listen on {address}: {error.strerror}") from error
    bound.setblocking(False)
    return bound


def _timers(daemon: Daemon) -> AsyncIOScheduler:
    """Fixed timers only; whatever must survive a restart is a job (architecture, section 6)."""
    scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    scheduler.add_job(daemon.wake, "interval", seconds=1, id="due")
    scheduler.add_job(daemon.reload, "interval", seconds=2, id="directory")
    return scheduler


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
