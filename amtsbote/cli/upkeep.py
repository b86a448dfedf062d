"""`amtsbote backup`, `restore`, `store check`."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from amtsbote.admin.manifest import DATABASE, MANIFEST
from amtsbote.admin.opening import Ask, at_the_office
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.restoring import restore as restored
from amtsbote.cli import exits
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.progress import Progress
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings


def backup(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="help.backup.folder")],
    *,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    settings = Settings.load(config)
    with at_the_office(settings) as ask, Progress(voice) as progress:
        made = _backed_up(ask, folder.absolute(), progress)
    if json:
        as_json(made)
        return
    voice.line(voice.say("backup.done", path=made["folder"], parts=made["parts"], bytes=made["bytes"]))
    if made["missing"]:
        voice.line(voice.say("backup.missing", count=len(made["missing"])))
    voice.line(voice.say("backup.master-key", path=settings.keys.master_key_file))


def restore(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="help.restore.folder")],
    *,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    with Progress(voice) as progress:
        done = restored(Settings.load(config), folder.absolute(), progress)
    manifest = done.manifest
    if json:
        as_json({"place": done.place, "made_at": manifest.made_at, "parts": manifest.parts})
        return
    voice.line(voice.say("restore.done", path=done.place, made_at=manifest.made_at, parts=manifest.parts))
    if manifest.missing:
        voice.line(voice.say("backup.missing", count=len(manifest.missing)))


def check(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    voice: Voice = ctx.obj
    with at_the_office(Settings.load(config)) as ask, Progress(voice) as progress:
        found = _checked(ask, progress)
    if json:
        as_json(found)
    else:
        _show_found(voice, found)
    if found["damaged"] or found["shut"]:
        raise typer.Exit(exits.FAILED)


def _backed_up(ask: Ask, folder: Path, progress: Progress) -> dict[str, Any]:
    named, done = {"folder": str(folder)}, 0
    total = ask("backup.begin", named)["parts"]
    _must_be_here(folder / DATABASE)
    while done < total:
        done = ask("backup.parts", {**named, "done": done})["done"]
        progress(done, total)
    made = ask("backup.end", named)
    _must_be_here(folder / MANIFEST)
    return made


def _must_be_here(file: Path) -> None:
    """The daemon's own `/tmp` is not that of whoever asks."""
    if not file.is_file():
        raise CommandRefused("not-here", "backup.not-here", path=file)


_CHECKS: Final = (
    ("store.check", "checked"),
    ("store.check-dossiers", "dossiers"),
    ("store.check-secrets", "secrets"),
)
"""Command, and what it counts."""


def _checked(ask: Ask, progress: Progress) -> dict[str, Any]:
    found: dict[str, Any] = {"checked": 0, "dossiers": 0, "secrets": 0, "damaged": [], "shut": []}
    for command, counted in _CHECKS:
        after: int | None = 0
        while after is not None:
            answer = ask(command, {"after": after})
            found[counted] += answer["checked"]
            found["damaged"] += answer.get("damaged", [])
            found["shut"] += answer.get("shut", [])
            if "orphans" in answer:
                found["orphans"] = answer["orphans"]
            after = answer["after"]
            if "total" in answer:
                progress(found[counted], answer["total"])
    return found


def _show_found(voice: Voice, found: dict[str, Any]) -> None:
    if found["damaged"]:
        voice.table(
            ("check.submission", "check.part", "check.fault", "check.state", "check.moved"),
            [
                (
                    one["submission"],
                    one["part"],
                    one["fault"],
                    voice.word("state", one["state"]),
                    voice.say("word.yes" if one["moved"] else "word.no"),
                )
                for one in found["damaged"]
            ],
        )
    if found["shut"]:
        rows = [(voice.word("secret", one["secret"]), one["of"]) for one in found["shut"]]
        voice.table(("check.secret", "check.of"), rows)
    counted = {name: found[name] for name in ("checked", "dossiers", "secrets")}
    voice.line(voice.say("check.done", **counted, damaged=len(found["damaged"]) + len(found["shut"])))
    if found["orphans"]:
        voice.line(voice.say("check.orphans", count=found["orphans"]))
