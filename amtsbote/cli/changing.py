"""`amtsbote routes propose | drafts | difference | release | discard | rollback`: change the routing tables safely."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from amtsbote.admin.table_files import read_tables
from amtsbote.cli.looking import Columns, Limit, Offset, asked, named, show_list, show_rows
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json

DraftNumber = Annotated[int, typer.Argument(min=1, help="help.routes.draft", metavar="ID")]
Reason = Annotated[str, typer.Option("--reason", help="help.routes.reason")]
Effective = Annotated[datetime | None, typer.Option("--effective", formats=["%Y-%m-%d"], help="help.routes.effective")]
_DRAFTS: Final[Columns] = (
    ("column.number", "id"),
    ("column.state", "state"),
    ("column.base", "base"),
    ("column.effective", "effective"),
    ("column.made", "at"),
    ("column.author", "author"),
    ("column.settled-by", "settled_by"),
    ("column.version", "version"),
    ("column.reason", "reason"),
)
_ROWS: Final[Columns] = (
    ("column.table", "table"),
    ("column.line", "line"),
    ("column.before", "before"),
    ("column.after", "after"),
)


def propose(
    ctx: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="help.routes.files", metavar="FILE…")] = None,
    *,
    reason: Reason,
    tables: Annotated[Path | None, typer.Option("--tables", help="help.routes.tables", metavar="DIR")] = None,
    effective: Effective = None,
    base: Annotated[int | None, typer.Option("--base", min=1, help="help.routes.base", metavar="N")] = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    read = read_tables(files or [], tables)
    wish = {
        "tables": {name: b64encode(data).decode() for name, data in read.items()},
        "reason": reason,
        "effective": _day(effective),
        "base": base,
    }
    _show_answer(ctx.obj, asked("routes.propose", wish, config), machine=json)


def rollback(
    ctx: typer.Context,
    version: Annotated[int, typer.Argument(min=1, help="help.routes.rollback-to", metavar="N")],
    *,
    reason: Reason,
    effective: Effective = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    wish = {"version": version, "reason": reason, "effective": _day(effective)}
    _show_answer(ctx.obj, asked("routes.rollback", wish, config), machine=json)


def drafts(
    ctx: typer.Context,
    *,
    state: Annotated[
        Literal["open", "released", "discarded"] | None, typer.Option("--state", help="help.routes.drafts-state")
    ] = None,
    offset: Offset = 0,
    limit: Limit = 50,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    answer = asked("routes.drafts", {"state": state, "offset": offset, "limit": limit}, config)
    if not json:
        for one in answer["drafts"]:
            one["state"] = ctx.obj.word("draft-state", one["state"])
    show_list(ctx.obj, answer, "drafts", _DRAFTS, machine=json)


def difference(
    ctx: typer.Context,
    draft: DraftNumber,
    *,
    offset: Offset = 0,
    limit: Limit = 50,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    answer = asked("routes.difference", {"id": draft, "offset": offset, "limit": limit}, config)
    if json:
        as_json(answer)
        return
    voice: Voice = ctx.obj
    voice.line(f"{answer['draft']['id']}: {answer['draft']['reason']} ({answer['draft']['author']})")
    _show_counts(voice, answer)
    rows = [{**one, "before": _row(one["before"]), "after": _row(one["after"])} for one in answer["changes"]]
    show_rows(voice, _ROWS, rows)
    voice.line(voice.say("looking.count", shown=len(rows), total=answer["total"]))
    if answer["four_eyes"]:
        voice.line(voice.say("draft.second-person", tenants=named(answer["four_eyes"])))


def release(ctx: typer.Context, draft: DraftNumber, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    answer = asked("routes.release", {"id": draft}, config)
    if json:
        as_json(answer)
        return
    voice: Voice = ctx.obj
    _show_counts(voice, answer)
    voice.line(voice.say("draft.released-now", version=answer["version"], day=answer["effective"]))
    if answer["carried"]:
        voice.line(voice.say("draft.carried", versions=", ".join(map(str, answer["carried"]))))


def discard(ctx: typer.Context, draft: DraftNumber, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    answer = asked("routes.discard", {"id": draft}, config)
    if json:
        as_json(answer)
    else:
        ctx.obj.line(ctx.obj.say("draft.discarded-now", id=draft))


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.date().isoformat()


def _show_answer(voice: Voice, answer: Mapping[str, Any], *, machine: bool) -> None:
    if machine:
        as_json(answer)
    else:
        show_proposed(voice, answer)


def show_proposed(voice: Voice, answer: Mapping[str, Any]) -> None:
    """What has become of a proposal, and what to do next."""
    _show_counts(voice, answer)
    if answer["draft"] is None:
        voice.line(voice.say("draft.first-version", version=answer["version"]))
        return
    voice.line(voice.say("draft.made" if answer["made"] else "draft.there", id=answer["draft"]))
    if answer["four_eyes"]:
        voice.line(voice.say("draft.second-person", tenants=named(answer["four_eyes"])))
    if answer["four_eyes"] and not answer["releasers"]:
        voice.line(voice.say("draft.nobody-releases"))
    voice.line(voice.say("draft.release-hint", id=answer["draft"]))


def _show_counts(voice: Voice, answer: Mapping[str, Any]) -> None:
    for table, counts in answer["rows"].items():
        actions = {action: counts.get(action, 0) for action in ("added", "changed", "removed")}
        voice.line(voice.say("draft.counts", table=table, **actions))


def _row(row: Mapping[str, str] | None) -> str | None:
    return None if row is None else ";".join(row.values()).rstrip(";")
