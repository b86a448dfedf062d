"""`amtsbote config`: what holds, and where it comes from."""

import typer

from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.configuration import Configuration


def check(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    voice: Voice = ctx.obj
    found = Configuration.read(config)
    shown = found.shown()
    if json:
        settings = {name: {"value": value, "origin": found.origins[name]} for name, value in shown.items()}
        as_json({"file": str(config.resolve()), "settings": settings})
        return
    voice.table(
        ("config-check.setting", "config-check.value", "config-check.origin"),
        [(name, _plain(value), voice.say(f"origin.{found.origins[name]}")) for name, value in shown.items()],
    )
    voice.line(voice.say("config-check.fine", path=config))


def _plain(value: object) -> str:
    """As the installation file would say it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None else str(value)
