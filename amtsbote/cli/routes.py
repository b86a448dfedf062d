"""`amtsbote routes`: list, show, versions, explain."""

import sys
from base64 import b64decode
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import typer

from amtsbote.cli.looking import Columns, Limit, Offset, asked, show_list, show_rows
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json

_TABLES: Final[Columns] = (
    ("column.id", "id"),
    ("column.rows", "rows"),
    ("column.bytes", "bytes"),
    ("column.sha256", "sha256"),
)
_VERSIONS: Final[Columns] = (
    ("column.version", "number"),
    ("column.standing", "standing"),
    ("column.effective", "effective"),
    ("column.made", "at"),
    ("column.author", "author"),
    ("column.releaser", "releaser"),
    ("column.reason", "reason"),
)
_HOPS: Final[Columns] = (("column.table", "table"), ("column.line", "line"), ("column.rule", "rule"))

OfVersion = Annotated[int | None, typer.Option("--version", min=1, help="help.routes.version", metavar="N")]


def listing(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    answer = asked("routes.list", {}, config)
    show_list(ctx.obj, answer, "routes", _TABLES, machine=json)


def show(
    ctx: typer.Context,
    table: Annotated[str, typer.Argument(help="help.routes.table", metavar="TABLE")],
    *,
    version: OfVersion = None,
    containing: Annotated[str, typer.Option("--containing", help="help.routes.containing")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="help.routes.csv")] = False,
    offset: Offset = 0,
    limit: Limit = 50,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    if csv:
        answer = asked("routes.content", {"id": table, "version": version}, config)
        sys.stdout.buffer.write(b64decode(answer["content"]))
        sys.stdout.flush()
        return
    wish = {"id": table, "version": version, "containing": containing, "offset": offset, "limit": limit}
    answer = asked("routes.show", wish, config)
    if json:
        as_json(answer)
        return
    voice: Voice = ctx.obj
    voice.line(voice.say("routes.version", version=answer["version"]))
    for row in answer["rows"]:
        voice.line(f"{row['line']}: {';'.join(row['cells'])}")
    voice.line(voice.say("looking.count", shown=len(answer["rows"]), total=answer["total"]))


def versions(
    ctx: typer.Context,
    *,
    offset: Offset = 0,
    limit: Limit = 50,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    answer = asked("routes.versions", {"offset": offset, "limit": limit}, config)
    voice: Voice = ctx.obj
    if not json:
        for one in answer["versions"]:
            one["standing"] = voice.word("standing", one["standing"])
    show_list(voice, answer, "versions", _VERSIONS, machine=json)


def explain(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="help.routes.service", metavar="SERVICE")],
    region: Annotated[str, typer.Argument(help="help.routes.region", metavar="REGION")],
    *,
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="help.routes.on")] = None,
    stage: Annotated[Literal["live", "test"], typer.Option("--stage", help="help.stage.question")] = "live",
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    day = on.date().isoformat() if on is not None else None
    answer = asked("routes.explain", {"service": service, "region": region, "on": day, "stage": stage}, config)
    if json:
        as_json(answer)
    else:
        _show_explained(ctx.obj, answer)


def _show_explained(voice: Voice, answer: dict[str, Any]) -> None:
    voice.line(voice.say("routes.version", version=answer["version"]))
    show_rows(voice, _HOPS, answer["hops"])
    if answer["off"]:
        voice.line(voice.say("routes.off"))
        show_rows(voice, _HOPS, answer["off"])
    if not answer["authorities"]:
        voice.line(voice.say("routes.nobody"))
        return
    voice.line(f"\n{voice.say('routes.found', day=answer['on'])}")
    columns = (
        ("column.authority", "id"),
        ("column.name", "name"),
        ("column.destination", "destination"),
        ("column.targets", "targets"),
    )
    show_rows(voice, columns, answer["authorities"])
