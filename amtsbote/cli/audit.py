"""`amtsbote audit`: list, show."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from amtsbote.cli.looking import Columns, Limit, Offset, asked, cell, show_fields, show_list
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json

_COLUMNS: Final[Columns] = (
    ("column.number", "number"),
    ("column.time", "at"),
    ("column.actor", "actor"),
    ("column.action", "action"),
    ("column.subject", "subject"),
)
_MOMENTS: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def listing(
    ctx: typer.Context,
    *,
    subject: Annotated[str | None, typer.Option("--subject", help="help.audit.subject", metavar="ID")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="help.audit.actor")] = None,
    since: Annotated[datetime | None, typer.Option("--since", formats=_MOMENTS, help="help.audit.since")] = None,
    offset: Offset = 0,
    limit: Limit = 50,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    moment = since.astimezone().isoformat() if since is not None else None
    wish = {"subject": subject, "actor": actor, "since": moment, "offset": offset, "limit": limit}
    answer = asked("audit.list", wish, config)
    show_list(ctx.obj, answer, "audit", _COLUMNS, machine=json)


def show(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="help.audit.number", min=1, metavar="NUMBER")],
    *,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    answer = asked("audit.show", {"id": number}, config)
    if json:
        as_json(answer)
    else:
        _show_row(ctx.obj, answer["audit"])


def _show_row(voice: Voice, row: Mapping[str, Any]) -> None:
    """Every field with what it was and what it became, the same ones too: a row tells the whole entry."""
    show_fields(voice, {name: row[name] for _, name in _COLUMNS})
    before, after = row["before"] or {}, row["after"] or {}
    names = dict.fromkeys([*before, *after])
    if names:
        voice.line("")
        rows = [(name, cell(voice, before.get(name)), cell(voice, after.get(name))) for name in names]
        voice.table(("column.field", "column.before", "column.after"), rows)
