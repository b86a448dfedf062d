"""Runs a daemon: listeners, timers, lanes, and a clean end on SIGTERM within the configured time."""

import asyncio
import signal
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
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from amtsbote.daemon.composition import Daemon
from amtsbote.daemon.expiry import ExpiryWatch
from amtsbote.daemon.health import what_is_wrong
from amtsbote.daemon.listening import GuardedProtocol, raise_open_files
from amtsbote.daemon.posts import Post, Role, posts
from amtsbote.daemon.tidying import Sweeping
from amtsbote.errors import AmtsboteError, StorageFailed
from amtsbote.keys.calendar import expiries
from amtsbote.model.deadletter import Reason
from amtsbote.model.routing import german_day
from amtsbote.model.stage import Stage
from amtsbote.runner import CollectionWatch, DeadlineWatch
from routing.freshness import with_authorities
from transport.fitconnect.server import error_handlers

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


async def serve(
    daemon: Daemon, stop: asyncio.Event, post: Post | None = None, editing: Starlette | None = None
) -> bool:
    """Do the work of `post`, by default all there is on listeners of its own, until `stop` is set, a signal comes, or a
    part of the house fails; then work in hand is finished, or given up when the time is over. False when some was given
    up: a thread that hangs in a target may then still be there. `editing`: what answers at the post's admin listener.

    Raises `Misconfigured` when a listener cannot be had, and `PartEnded` after a failure.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_IO_THREADS, thread_name_prefix="io"))
    raise_open_files()
    _stop_on_signals(stop)
    if post is None:
        [post] = posts(daemon.settings, Role.ALL, 1)
    listeners, parts = _listening(daemon, _Health(daemon, stop), post, editing)
    background = [asyncio.create_task(daemon.renewing.run(), name="renewing")]
    if post.role.works:
        parts += [asyncio.create_task(lane.run(), name="lane") for lane in daemon.lanes]
        background.append(asyncio.create_task(daemon.signing.run(), name="signing"))
    timers = _timers(daemon, post)
    timers.start()
    daemon.tick()
    log.info("serve.ready", public=post.public and daemon.settings.public.listen, metrics=post.address)
    failed = await _first_failure([*parts, *background], stop)
    stop.set()
    log.info("serve.stopping")
    timers.shutdown(wait=False)
    drained = await _drain(daemon, listeners, parts)
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    log.info("serve.stopped", drained=drained)
    if failed is not None:
        raise PartEnded(failed)
    return drained


def _listening(
    daemon: Daemon, health: "_Health", post: Post, editing: Starlette | None
) -> tuple[list[_Listener], list[asyncio.Task[None]]]:
    wanted = [("inner listener", _inner(daemon, health), post.inner)]
    if post.public is not None:
        public = _outer(daemon, daemon.settings.public.url, daemon.application, health)
        wanted.append(("public listener", public, post.public))
    if post.admin is not None and editing is not None:
        admin = _outer(daemon, daemon.settings.admin.address, editing, health)
        wanted.append(("admin listener", admin, post.admin))
    listeners = [_Listener(_config(application)) for _, application, _ in wanted]
    serving = zip(listeners, wanted, strict=True)
    return listeners, [
        asyncio.create_task(listener.serve(sockets=[on]), name=name) for listener, (name, _, on) in serving
    ]


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
        """It can take a submission and is not about to stop."""
        if self._stop.is_set():
            return PlainTextResponse("stopping\n", 503)
        base = self._daemon.foundation
        rows = None if base.store.shared else base.settings.storage.folder
        wrong = await what_is_wrong(base.hurried, base.files, rows)
        return PlainTextResponse("ok\n") if wrong is None else PlainTextResponse(f"{wrong}\n", 503)

    def routes(self) -> list[Route]:
        return [Route("/healthz", self.alive), Route("/readyz", self.ready)]


def _outer(daemon: Daemon, url: str, application: Starlette, health: _Health) -> Starlette:
    """What answers at `url`, with any path prefix, and health beside it."""
    routes = [*health.routes(), Mount(urlsplit(url).path or "/", application)]
    built = Starlette(routes=routes, exception_handlers=error_handlers(daemon.foundation.world.new_id))
    built.router.redirect_slashes = False
    return built


def _inner(daemon: Daemon, health: _Health) -> Starlette:
    """Metrics and health, on a listener of their own."""

    async def metrics(_: Request) -> Response:
        meter = daemon.foundation.meter
        try:
            await _measure(daemon)
            meter.store_up.set(1)
        except StorageFailed:  # a trouble that must be seen, not hide all others
            meter.store_up.set(0)
        body = meter.exposition()
        return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(routes=[*health.routes(), Route("/metrics", metrics)])


async def _measure(daemon: Daemon) -> None:
    meter = daemon.foundation.meter
    now, helpers = daemon.foundation.world.clock(), daemon.foundation.helpers
    counts, queues, letters, tests, tally = await daemon.foundation.hurried.read(
        lambda tx: (
            tx.jobs.counts(),
            tx.jobs.waiting(now),
            tx.deadletters.backlog(Stage.LIVE),
            tx.deadletters.backlog(Stage.TEST),
            tx.receivers.tally(),
        )
    )
    for kind, count in counts.items():
        meter.jobs.labels(kind).set(count)
    for reason in Reason:
        meter.dead_letters.labels(reason).set(letters[reason].count if reason in letters else 0)
        meter.test_dead_letters.labels(reason).set(tests[reason].count if reason in tests else 0)
    now = daemon.foundation.world.clock()
    oldest = min((one.oldest for one in letters.values()), default=now)
    meter.oldest_dead_letter.set((now - oldest).total_seconds())
    meter.measure_keys(expiries(daemon.foundation.present.directory(), now))
    present = daemon.foundation.present.snapshot
    sources = present.imported.on(german_day(now))
    meter.measure_sources(with_authorities(sources, present.directory.authorities.values()))
    meter.measure_queues(queues, now)
    meter.measure_callbacks(tally)
    meter.helper_restarts.set(helpers.restarts)
    meter.helpers_busy.set(helpers.busy)
    meter.second_looks_failed.set(daemon.schemas.second_looks_failed)
    meter.measure_silence(daemon.schemas.silence.documents())


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


def _timers(daemon: Daemon, post: Post) -> AsyncIOScheduler:
    """Fixed timers only; whatever must survive a restart is a job (architecture, section 6)."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(daemon.tick, "interval", seconds=1, id="due")
    scheduler.add_job(daemon.renewing.due, "interval", seconds=2, id="directory")
    base = daemon.foundation
    if post.number == 1:
        watch = ExpiryWatch(base.present.directory, base.world.clock)
        now = base.world.clock()
        scheduler.add_job(daemon.calling.prune, "interval", days=1, id="notices", next_run_time=now)
        scheduler.add_job(watch.look, "interval", days=1, id="calendar", next_run_time=base.world.clock())
    if post.number == 1 and post.role.works:
        deadlines = DeadlineWatch(base.store, base.present.directory, base.world.clock)
        scheduler.add_job(deadlines.look, "interval", minutes=1, id="deadlines", next_run_time=base.world.clock())
        collections = CollectionWatch(base.store, daemon.targets, base.present.directory, base.world.clock)
        scheduler.add_job(collections.look, "interval", minutes=1, id="collections", next_run_time=base.world.clock())
    if post.number == 1 and base.store.shared:
        sweeping = Sweeping(base.store, base.files, base.meter, base.world.clock)
        scheduler.add_job(sweeping.look, "interval", days=1, id="sweep", next_run_time=base.world.clock())
    return scheduler


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
