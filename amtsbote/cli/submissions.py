"""`amtsbote submissions`: list, show, trace."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from amtsbote.admin.opening import at_the_office
from amtsbote.cli.deadletters import show_letter
from amtsbote.cli.looking import OfStage
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings
from amtsbote.model.message import State

SubmissionId = Annotated[str, typer.Argument(help="help.submissions.id", metavar="ID")]


def listing(
    ctx: typer.Context,
    *,
    state: Annotated[State | None, typer.Option("--state", help="help.submissions.state")] = None,
    stage: OfStage = None,
    offset: Annotated[int, typer.Option("--offset", min=0, help="help.submissions.offset")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="help.submissions.limit")] = 50,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    chosen = state.value if state is not None else None
    arguments = {"state": chosen, "stage": stage, "offset": offset, "limit": limit}
    answer = _asked("submissions.list", arguments, config)
    if json:
        as_json(answer)
    else:
        _show_list(ctx.obj, answer)


def show(
    ctx: typer.Context, submission: SubmissionId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False
) -> None:
    answer = _asked("submissions.show", {"id": submission}, config)
    if json:
        as_json(answer)
    else:
        _show_one(ctx.obj, answer)


def trace(
    ctx: typer.Context, submission: SubmissionId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False
) -> None:
    answer = _asked("submissions.trace", {"id": submission}, config)
    if json:
        as_json(answer)
    else:
        _show_trace(ctx.obj, answer)


def _asked(command: str, arguments: Mapping[str, Any], config: Path) -> dict[str, Any]:
    with at_the_office(Settings.load(config)) as ask:
        return ask(command, arguments)


def _show_list(voice: Voice, answer: Mapping[str, Any]) -> None:
    found = answer["submissions"]
    if not found:
        voice.line(voice.say("submissions.none"))
        return
    voice.table(
        (
            "submissions.id",
            "submissions.kind",
            "column.stage",
            "submissions.state",
            "submissions.service",
            "submissions.region",
            "submissions.created",
        ),
        [
            (
                one["id"],
                voice.word(f"message.{one['kind']}", one["direction"]),
                one["stage"],
                voice.word("state", one["state"]),
                f"{one['service']} {one['service_name']}",
                one["region"] or "–",
                one["created_at"],
            )
            for one in found
        ],
    )
    voice.line(voice.say("submissions.count", shown=len(found), total=answer["total"]))


def _show_one(voice: Voice, answer: Mapping[str, Any]) -> None:
    _show_head(voice, answer["submission"])
    _section(
        voice,
        "submissions.parts",
        ("submissions.part", "submissions.size"),
        [(part["id"], str(part["size"])) for part in answer["parts"]],
    )
    _section(
        voice,
        "submissions.events",
        ("submissions.event", "submissions.time", "submissions.signed"),
        [(voice.word("event", one["kind"]), one["at"], _yes(voice, one["signed"])) for one in answer["events"]],
    )
    _section(
        voice,
        "submissions.deliveries",
        ("submissions.target", "submissions.state", "submissions.primary", "submissions.failure"),
        [
            (one["target"], voice.word("delivery", one["state"]), _yes(voice, one["primary"]), one["failure"] or "–")
            for one in answer["deliveries"]
        ],
    )
    for letter in answer["deadletters"]:
        show_letter(voice, letter)


def _show_trace(voice: Voice, answer: Mapping[str, Any]) -> None:
    _show_head(voice, answer["submission"])
    if not answer["steps"]:
        voice.line(voice.say("submissions.no-steps"))
        return
    voice.line("")
    voice.table(
        (
            "submissions.step",
            "submissions.attempt",
            "submissions.time",
            "submissions.duration",
            "submissions.verdict",
            "submissions.details",
        ),
        [
            (
                step["step"],
                str(step["attempt"]),
                step["started_at"],
                f"{step['milliseconds']:.1f}",
                voice.word("verdict", step["verdict"]),
                _details(step["details"]),
            )
            for step in answer["steps"]
        ],
    )


_HEAD: Final = (
    ("submissions.id", "id"),
    ("submissions.case", "case"),
    ("submissions.service", "service"),
    ("submissions.region", "region"),
    ("submissions.destination", "destination"),
    ("submissions.tenant", "tenant"),
    ("submissions.sender", "sender"),
    ("submissions.created", "created_at"),
    ("submissions.submitted", "submitted_at"),
)


def _show_head(voice: Voice, submission: Mapping[str, Any]) -> None:
    words = [(voice.say("submissions.state"), voice.word("state", submission["state"]))]
    words += [(voice.say(key), submission[name] or "–") for key, name in _HEAD]
    width = max(len(name) for name, _ in words)
    for name, value in words:
        voice.line(f"{name.ljust(width)}  {value}")


def _section(voice: Voice, title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if rows:
        voice.line(f"\n{voice.say(title)}")
        voice.table(columns, rows)


def _details(details: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in details.items())


def _yes(voice: Voice, value: bool) -> str:
    return voice.say("word.yes" if value else "word.no")
