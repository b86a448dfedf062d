"""`amtsbote serve`: the daemon with its admin socket, in one process or in several under a parent."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Final, NoReturn

import structlog
import typer
import uvloop

from amtsbote.admin.opening import office_of
from amtsbote.admin.socket import admin_socket
from amtsbote.admin.turns import Turns
from amtsbote.cli import exits
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.anchors import read_anchors
from amtsbote.daemon.composition import Daemon, compose
from amtsbote.daemon.logs import configure_logs
from amtsbote.daemon.posts import Post, Role, posts, shared_out
from amtsbote.daemon.rereading import Fresh, rereading
from amtsbote.daemon.serving import serve as serve_daemon
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.storage import open_database
from amtsbote.daemon.workers import supervise
from amtsbote.editing.application import Application, editing_application, editing_front
from amtsbote.errors import AmtsboteError
from amtsbote.keys.vault import Vault
from amtsbote.store import FolderLock

log = structlog.get_logger("amtsbote.daemon")

_ADMIN_SHARE: Final = 0.25
"""Of the time to stop: what commands in hand get on top, once everything else has ended."""
_CLOSING_SECONDS: Final = 5.0
"""What a worker gets on top of both to close what it has opened."""


@dataclass(frozen=True)
class Node:
    """What all processes of this machine's part of an installation know."""

    config: Path
    settings: Settings
    workers: int

    def fresh(self) -> Fresh:
        settings = shared_out(Settings.load(self.config), self.workers)
        return Fresh(settings, read_anchors(settings.keys.trust_anchors))


@dataclass
class _Door:
    """The admin socket as far as serving is concerned, and the editing API, which counts together with it."""

    editing: Application | None = None
    trust: Callable[[tuple[bytes, ...]], None] = field(default=lambda _: None)
    gave_up: bool = False


def serve(
    ctx: typer.Context,
    *,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="help.serve.workers", metavar="N")] = 1,
    role: Annotated[Role, typer.Option("--role", help="help.serve.role")] = Role.ALL,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    whole = Settings.load(config)
    node = Node(config, shared_out(whole, workers), workers)
    configure_logs()
    with FolderLock.take(whole.storage.folder):
        taken = posts(whole, role, workers)
        announce = partial(_announce, voice, node, taken, json)
        if workers == 1:
            uvloop.run(_run(node, taken[0], announce))
        else:
            _supervise(node, taken, announce)
    if not json:
        voice.line(voice.say("serve.stopped"))


def _supervise(node: Node, taken: Sequence[Post], announce: Callable[[], None]) -> None:
    """What would stop every worker is looked at once, where a person can read what is wrong."""
    settings = node.settings
    Vault.from_file(settings.keys.master_key_file)
    asyncio.run(_look(settings))
    announce()
    longest = settings.serve.stop_seconds * (1 + _ADMIN_SHARE) + _CLOSING_SECONDS
    supervise([partial(_work, node, post) for post in taken], longest)


async def _look(settings: Settings) -> None:
    """Open the database once, which also brings it up to date, before several do."""
    await open_database(settings, readers=1).close()


def _work(node: Node, post: Post) -> None:
    """One worker, from the fork on: its parent holds the lock of the folder."""
    structlog.contextvars.bind_contextvars(worker=post.number)
    try:
        uvloop.run(_run(node, post, _nobody_told))
    except AmtsboteError as error:
        log.error("worker.refused", because=getattr(error, "en", str(error)))
        sys.exit(exits.FAILED)
    except Exception:
        log.exception("worker.failed")
        sys.exit(exits.FAILED)


async def _run(node: Node, post: Post, announce: Callable[[], None]) -> None:
    """The caller holds the lock of the folder."""
    hung_up = asyncio.Event()  # from the start: a signal that comes too early is worked off later
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up.set)
    daemon = await compose(node.settings, locked=nullcontext())
    try:
        async with _door(daemon, post) as door, rereading(daemon, hung_up, node.fresh, door.trust):
            announce()
            drained = await serve_daemon(daemon, asyncio.Event(), post, door.editing)
    finally:
        await daemon.close()
    if not drained or door.gave_up:
        _leave()


def _nobody_told() -> None:
    """The parent has announced all of them."""


@asynccontextmanager
async def _door(daemon: Daemon, post: Post) -> AsyncIterator[_Door]:
    """The admin socket and the editing API, which the first process of a node keeps for all."""
    if post.number > 1:
        yield _Door()
        return
    settings = daemon.settings
    grace = settings.serve.stop_seconds * _ADMIN_SHARE
    office, turns = office_of(daemon), Turns()
    door = _Door(None if post.admin is None else editing_application(editing_front(daemon, office, turns)))
    async with admin_socket(
        office, settings.admin.socket, turns=turns, group=settings.admin.group, grace=grace
    ) as window:
        door.trust = window.trust
        yield door
    door.gave_up = window.gave_up


def _leave() -> NoReturn:
    """A thread that hangs in a target, or still computes for a command, would keep the process. Everything is closed,
    and leases bring back the work that was given up."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exits.FINE)


def _announce(voice: Voice, node: Node, taken: Sequence[Post], machine: bool) -> None:
    public, socket = node.settings.public, node.settings.admin.socket
    requests = taken[0].role.takes_requests
    if machine:
        listen = {"listen": public.listen, "url": public.url} if requests else {}
        metrics = {"metrics": taken[0].address, "workers": [one.address for one in taken]}
        editing = {"editing": node.settings.admin.listen} if node.settings.admin.listen is not None else {}
        as_json({**listen, **metrics, **editing, "socket": str(socket)})
        return
    if requests:
        voice.line(voice.say("serve.listening", address=public.listen, url=public.url))
    for one in taken:
        voice.line(voice.say("serve.metrics", address=one.address))
    voice.line(voice.say("serve.admin", socket=socket))
    if node.settings.admin.listen is not None:
        voice.line(voice.say("serve.editing", address=node.settings.admin.listen, url=node.settings.admin.address))
