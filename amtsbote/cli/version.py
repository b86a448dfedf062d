"""`amtsbote version`."""

import platform

import typer

from amtsbote import __version__
from amtsbote.cli.options import AsJson
from amtsbote.cli.voice import Voice, as_json


def version(ctx: typer.Context, *, json: AsJson = False) -> None:
    voice: Voice = ctx.obj
    if json:
        as_json({"amtsbote": __version__, "python": platform.python_version()})
    else:
        voice.line(f"amtsbote {__version__} (Python {platform.python_version()})")
