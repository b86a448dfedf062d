"""`amtsbote serve`: the daemon with its admin socket."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

import typer
import uvloop

from amtsbote.admin.opening import office_of, read_anchors
from amtsbote.admin.socket import admin_socket
from amtsbote.cli import exits
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.composition import compose
from amtsbote.daemon.logs import configure_logs
from amtsbote.daemon.rereading import Fresh, rereading
from amtsbote.daemon.serving import serve as serve_daemon
from amtsbote.daemon.settings import Settings

_ADMIN_SHARE: Final = 0.25
"""Of the time to stop: what commands in hand get on top, once everything else has ended."""


def serve(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    voice: Voice = ctx.obj
    settings = Settings.load(config)
    configure_logs()
    uvloop.run(_run(settings, partial(_announce, voice, settings, json), partial(_fresh, config)))
    if not json:
        voice.line(voice.say("serve.stopped"))


def _fresh(config: Path) -> Fresh:
    settings = Settings.load(config)
    return Fresh(settings, read_anchors(settings.keys.trust_anchors))


async def _run(settings: Settings, announce: Callable[[], None], read: Callable[[], Fresh]) -> None:
    hung_up = asyncio.Event()  # from the start: a signal that comes too early is worked off later
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up.set)
    daemon = await compose(settings)
    try:
        grace = settings.serve.stop_seconds * _ADMIN_SHARE
        async with (
            admin_socket(office_of(daemon), settings.admin.socket, grace=grace) as window,
            rereading(daemon, hung_up, read, window.trust),
        ):
            announce()
            drained = await serve_daemon(daemon, asyncio.Event())
    finally:
        await daemon.close()
    if not drained or window.gave_up:
        _leave()


def _leave() -> NoReturn:
    """A thread that hangs in a target, or still computes for a command, would keep the process. Everything is closed,
    and leases bring back the work that was given up."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exits.FINE)


def _announce(voice: Voice, settings: Settings, machine: bool) -> None:
    public, metrics, socket = settings.public, settings.metrics.listen, settings.admin.socket
    if machine:
        as_json({"listen": public.listen, "url": public.url, "metrics": metrics, "socket": str(socket)})
        return
    voice.line(voice.say("serve.listening", address=public.listen, url=public.url))
    voice.line(voice.say("serve.metrics", address=metrics))
    voice.line(voice.say("serve.admin", socket=socket))
