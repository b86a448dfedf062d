"""`amtsbote routes`: list, show, versions, defaults."""

import sys
from base64 import b64decode
from collections.abc import Mapping
from typing import Annotated, Any, Final

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
_SOURCES: Final[Columns] = (
    ("column.source", "source"),
    ("column.rows", "rows"),
    ("coverage.column.authorities", "authorities"),
    ("column.oldest", "oldest"),
    ("column.newest", "newest"),
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

OfVersion = Annotated[int | None, typer.Option("--version", min=1, help="help.routes.version", metavar="N")]


def listing(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    answer = asked("routes.list", {}, config)
    show_list(ctx.obj, answer, "routes", _TABLES, machine=json)
    if answer["sources"] and not json:
        ctx.obj.line("")
        rows = [{**one, "rows": str(one["rows"]), "authorities": str(one["authorities"])} for one in answer["sources"]]
        show_rows(ctx.obj, _SOURCES, rows)


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


def defaults(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    answer = asked("routes.defaults", {}, config)
    if json:
        as_json(answer)
        return
    voice: Voice = ctx.obj
    voice.line(voice.say("routes.version", version=answer["version"]))
    columns = (
        "column.package",
        "column.service",
        "column.role",
        "column.region",
        "column.condition",
        "column.own-rules",
    )
    voice.table(columns, [_default(voice, one) for one in answer["defaults"]])


def _default(voice: Voice, one: Mapping[str, Any]) -> tuple[str, ...]:
    rows = ", ".join(f"rollen:{row['line']} ({row['region'] or '*'})" for row in one["overridden"]) or "–"
    role = one["role"] if one["kind"] == "haupt" else f"{one['role']} ({one['kind']})"
    overridden = f"{rows}: {voice.say('routes.everywhere')}" if one["everywhere"] else rows
    return one["package"], one["service"], role, one["region"] or "–", one["condition"] or "–", overridden
