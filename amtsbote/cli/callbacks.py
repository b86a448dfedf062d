"""`amtsbote callbacks`: list, show, retry."""

from typing import Annotated, Any, Final

import typer

from amtsbote.cli.looking import Columns, EntryId, Limit, Offset, asked, show_fields, show_list
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json

_COLUMNS: Final[Columns] = (
    ("column.id", "id"),
    ("column.client", "client"),
    ("column.url", "url"),
    ("column.state", "state"),
    ("column.failure", "failure"),
    ("column.failing-since", "failing_since"),
    ("column.waiting", "waiting"),
)


def group() -> typer.Typer:
    """The noun with its verbs."""
    told = typer.Typer(help="help.callbacks")
    told.command("list", help="help.callbacks.list")(listing)
    told.command("show", help="help.callbacks.show")(show)
    told.command("retry", help="help.callbacks.retry")(retry)
    return told


def listing(
    ctx: typer.Context,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="help.callbacks.all")] = False,
    offset: Offset = 0,
    limit: Limit = 50,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    answer = asked("callbacks.list", {"everybody": everybody, "offset": offset, "limit": limit}, config)
    voice: Voice = ctx.obj
    if not json:
        answer["callbacks"] = [_in_words(voice, {**one, "waiting": str(one["waiting"])}) for one in answer["callbacks"]]
    show_list(voice, answer, "callbacks", _COLUMNS, machine=json)


def show(ctx: typer.Context, receiver: EntryId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    _tell(ctx.obj, asked("callbacks.show", {"id": receiver}, config), machine=json)


def retry(ctx: typer.Context, receiver: EntryId, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    _tell(ctx.obj, asked("callbacks.retry", {"id": receiver}, config), machine=json)


def _tell(voice: Voice, answer: dict[str, Any], *, machine: bool) -> None:
    if machine:
        as_json(answer)
    else:
        show_fields(voice, _in_words(voice, answer["callback"]))


def _in_words(voice: Voice, receiver: dict[str, Any]) -> dict[str, Any]:
    return {**receiver, "state": voice.word("receiver", receiver["state"])}
