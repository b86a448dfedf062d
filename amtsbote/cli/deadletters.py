"""`amtsbote deadletters`: list, show, retry, reject, assign, drop, hand-over, note."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from amtsbote.cli import exits
from amtsbote.cli.looking import Limit, Offset, OfStage, asked
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.text.catalogue import TABLE

LetterId = Annotated[str, typer.Argument(help="help.deadletters.id", metavar="ID")]
Reason = Annotated[str, typer.Option("--reason", help="help.deadletters.reason")]


def group() -> typer.Typer:
    """The noun with its verbs."""
    settling = typer.Typer(help="help.deadletters")
    settling.command("list", help="help.deadletters.list")(listing)
    settling.command("show", help="help.deadletters.show")(show)
    settling.command("retry", help="help.deadletters.retry")(retry)
    settling.command("reject", help="help.deadletters.reject")(reject)
    settling.command("assign", help="help.deadletters.assign")(assign)
    settling.command("drop", help="help.deadletters.drop")(drop)
    settling.command("hand-over", help="help.deadletters.hand-over")(hand_over)
    settling.command("note", help="help.deadletters.note")(note)
    return settling


def listing(
    ctx: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="help.deadletters.all")] = False,
    stage: OfStage = None,
    offset: Offset = 0,
    limit: Limit = 50,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    wish = {"shown": "all" if everything else "open", "stage": stage, "offset": offset, "limit": limit}
    answer = asked("deadletters.list", wish, config)
    if json:
        as_json(answer)
    else:
        _show_list(ctx.obj, answer)


def show(ctx: typer.Context, letter: LetterId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    _tell(ctx.obj, asked("deadletters.show", {"id": letter}, config), machine=json)


def retry(
    ctx: typer.Context,
    letter: LetterId,
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="help.deadletters.reason")] = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    _tell(ctx.obj, asked("deadletters.retry", {"id": letter, "text": reason}, config), machine=json)


def reject(
    ctx: typer.Context,
    letter: LetterId,
    *,
    reason: Annotated[str, typer.Option("--reason", help="help.deadletters.to-portal")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="help.deadletters.yes")] = False,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    if not (yes or _agreed(ctx.obj, letter)):
        raise typer.Exit(exits.DECLINED)
    _tell(ctx.obj, asked("deadletters.reject", {"id": letter, "text": reason}, config), machine=json)


def assign(
    ctx: typer.Context,
    letter: LetterId,
    *,
    authority: Annotated[str | None, typer.Option("--authority", help="help.deadletters.authority")] = None,
    target: Annotated[str | None, typer.Option("--target", help="help.deadletters.target")] = None,
    region: Annotated[str | None, typer.Option("--region", help="help.deadletters.region")] = None,
    reason: Reason,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    wish = {"id": letter, "authority": authority, "target": target, "region": region, "text": reason}
    _tell(ctx.obj, asked("deadletters.assign", wish, config), machine=json)


def drop(
    ctx: typer.Context, letter: LetterId, *, reason: Reason, config: Config = DEFAULT_CONFIG, json: AsJson = False
) -> None:
    _tell(ctx.obj, asked("deadletters.drop", {"id": letter, "text": reason}, config), machine=json)


def hand_over(
    ctx: typer.Context,
    letter: LetterId,
    owner: Annotated[str, typer.Argument(help="help.deadletters.owner", metavar="OWNER")],
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="help.deadletters.reason")] = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    wish = {"id": letter, "owner": owner, "text": reason}
    _tell(ctx.obj, asked("deadletters.hand-over", wish, config), machine=json)


def note(
    ctx: typer.Context,
    letter: LetterId,
    text: Annotated[str, typer.Argument(help="help.deadletters.text", metavar="TEXT")],
    *,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    _tell(ctx.obj, asked("deadletters.note", {"id": letter, "text": text}, config), machine=json)


def _agreed(voice: Voice, letter: str) -> bool:
    """Only somebody at a terminal can be asked, and never within the answer for a program."""
    return not sys.stdin.isatty() or typer.confirm(voice.say("letter.ask-reject", id=letter), err=True)


def show_letter(voice: Voice, letter: Mapping[str, Any]) -> None:
    """Reason, what to do about it, details, owner, how it was settled, and its history."""
    reason = letter["reason"]
    voice.line(f"\n{voice.say('letter.id')} {letter['id']} ({stand(voice, letter)})")
    voice.line(f"  {voice.say('letter.reason')}: {voice.word('reason', reason)} [{reason}]")
    if letter["settlement"] is None:
        voice.line(f"  {voice.say('submissions.todo')}: {voice.word('reason', f'{reason}.todo')}")
    details = letter["details"]
    why = f"route.why.{details.get('why')}"
    if why in TABLE:
        voice.line(f"  {voice.say(why, **details)}")
    voice.line(f"  {', '.join(f'{name}={value}' for name, value in details.items())}")
    voice.line(f"  {voice.say('letter.opened')}: {letter['opened_at']}")
    voice.line(f"  {voice.say('letter.owner')}: {letter['owner'] or '–'}")
    for entry in letter["history"]:
        action = voice.word("letter-action", entry["action"])
        voice.line(f"  {voice.say('letter.history')}: {entry['at']} {entry['actor']} {action}: {entry['text'] or '–'}")


def stand(voice: Voice, letter: Mapping[str, Any]) -> str:
    settlement = letter["settlement"]
    if settlement is None:
        return voice.say("letter.open")
    return f"{voice.word('settlement', settlement)} {letter['settled_at']}"


def _tell(voice: Voice, answer: Mapping[str, Any], *, machine: bool) -> None:
    if machine:
        as_json(answer)
        return
    letter = answer["deadletter"]
    state = voice.word("state", answer["state"])
    voice.line(f"{voice.say('letter.submission')}: {letter['submission']} ({state})")
    show_letter(voice, letter)


def _show_list(voice: Voice, answer: Mapping[str, Any]) -> None:
    found = answer["deadletters"]
    if not found:
        voice.line(voice.say("letter.none"))
        return
    columns = (
        "letter.id",
        "letter.submission",
        "column.stage",
        "letter.reason",
        "letter.owner",
        "letter.opened",
        "letter.stand",
    )
    voice.table(
        columns,
        [
            (
                one["id"],
                one["submission"],
                one["stage"],
                one["reason"],
                one["owner"] or "–",
                one["opened_at"],
                stand(voice, one),
            )
            for one in found
        ],
    )
    voice.line(voice.say("looking.count", shown=len(found), total=answer["total"]))
