"""`amtsbote serve`: the daemon with its admin socket."""

import asyncio

import typer
import uvloop

from amtsbote.admin.opening import office_of
from amtsbote.admin.socket import admin_socket
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.composition import compose
from amtsbote.daemon.logs import configure_logs
from amtsbote.daemon.serving import serve as serve_daemon
from amtsbote.daemon.settings import Settings


def serve(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    voice: Voice = ctx.obj
    settings = Settings.load(config)
    configure_logs()
    if json:
        as_json(
            {"listen": settings.public.listen, "metrics": settings.metrics.listen, "socket": str(settings.admin.socket)}
        )
    else:
        voice.line(voice.say("serve.listening", address=settings.public.listen, url=settings.public.url))
        voice.line(voice.say("serve.metrics", address=settings.metrics.listen))
        voice.line(voice.say("serve.admin", socket=settings.admin.socket))
    uvloop.run(_run(settings))
    if not json:
        voice.line(voice.say("serve.stopped"))


async def _run(settings: Settings) -> None:
    daemon = await compose(settings)
    try:
        async with admin_socket(office_of(daemon), settings.admin.socket):
            await serve_daemon(daemon, asyncio.Event())
    finally:
        await daemon.close()
