"""`amtsbote apply`: show what a declaration changes, ask, have it recorded."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from amtsbote.admin.bundle import Bundle, as_document, gather, make_secrets, secret_file
from amtsbote.admin.lines import lines_named
from amtsbote.admin.opening import Ask, at_the_office
from amtsbote.cli import exits
from amtsbote.cli.looking import named
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings

_MARKS: Final = {"added": "+", "changed": "~", "removed": "-"}


def apply(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="help.apply.file")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="help.apply.yes")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="help.apply.dry-run")] = False,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    settings = Settings.load(config)
    with lines_named(file):
        bundle = gather(file)
    with at_the_office(settings) as ask, lines_named(file):
        plan = ask("apply.preview", {"bundle": as_document(bundle)})
        if not json:
            _show(voice, file, plan)
        agreed = not dry_run and plan["changes"] and (yes or _confirmed(voice, json))
        done = _record(ask, file, bundle, plan) if agreed else plan
    if json:
        as_json({key: value for key, value in done.items() if key != "basis"})
    elif agreed:
        _show_done(voice, done)
    if plan["changes"] and not agreed and not dry_run:
        if not json:
            voice.line(voice.say("apply.refused"))
        raise typer.Exit(exits.DECLINED)


def _record(ask: Ask, file: Path, bundle: Bundle, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Secrets first: a secret nobody registered is harmless, a registered one nobody knows is not."""
    made = make_secrets(file, plan["without_secret"])
    document = as_document(bundle.with_secrets(made))
    done = ask("apply", {"bundle": document, "basis": plan["basis"]})
    return {**done, "secrets": {client: str(secret_file(file, client)) for client in made}}


def _confirmed(voice: Voice, machine: bool) -> bool:
    """A program is never asked: it says `--yes`."""
    return not machine and sys.stdin.isatty() and typer.confirm(voice.say("apply.ask"))


def _show(voice: Voice, file: Path, plan: Mapping[str, Any]) -> None:
    for kept in plan["kept"]:
        voice.line(voice.say("apply.kept", id=kept["id"], fields=", ".join(kept["fields"])))
    if not plan["changes"]:
        voice.line(voice.say("apply.nothing"))
        return
    for change in plan["changes"]:
        for line in _lines(voice, change):
            voice.line(line)
    if plan["four_eyes"]:
        voice.line(voice.say("apply.four-eyes", tenants=named(plan["four_eyes"])))
        if not plan["releasers"]:
            voice.line(voice.say("draft.nobody-releases"))
    for client in plan["without_secret"]:
        voice.line(voice.say("apply.new-secret", id=client, file=secret_file(file, client)))
    count = Counter(change["action"] for change in plan["changes"])
    voice.line(voice.say("apply.summary", added=count["added"], changed=count["changed"], removed=count["removed"]))


def _lines(voice: Voice, change: Mapping[str, Any]) -> Iterator[str]:
    action, kind = change["action"], voice.word("kind", change["kind"])
    yield f"{_MARKS[action]} {kind} {change['id']} ({voice.say(f'apply.{action}')})"
    if action == "removed":
        return
    for name, values in change["fields"].items():
        before = f"{_shown(values['before'])} → " if action == "changed" else ""
        yield f"    {name}: {before}{_shown(values['after'])}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _show_done(voice: Voice, done: Mapping[str, Any]) -> None:
    for client, written in done["secrets"].items():
        voice.line(voice.say("apply.secret-written", id=client, file=written))
    voice.line(voice.say("apply.done", revision=done["recorded"]["revision"]))
    if (draft := done["recorded"]["draft"]) is not None:
        voice.line(voice.say("draft.made", id=draft))
        voice.line(voice.say("draft.release-hint", id=draft))
