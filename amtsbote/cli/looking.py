"""How lists and single entries are shown to a person, and how the office is asked for them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import orjson
import typer

from amtsbote.admin.opening import at_the_office
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings

Offset = Annotated[int, typer.Option("--offset", min=0, max=10**9, help="help.offset")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="help.limit")]
OfTenant = Annotated[str | None, typer.Option("--tenant", help="help.tenant", metavar="ID")]
OfStage = Annotated[Literal["live", "test"] | None, typer.Option("--stage", help="help.stage.messages")]
EntryId = Annotated[str, typer.Argument(help="help.entry.id", metavar="ID")]
Columns = Sequence[tuple[str, str]]
"""Key of the heading in the catalogue, name of the field."""
_MOST_NAMED: Final = 20


def asked(command: str, arguments: Mapping[str, Any], config: Path) -> dict[str, Any]:
    with at_the_office(Settings.load(config)) as ask:
        return ask(command, arguments)


def show_list(voice: Voice, answer: Mapping[str, Any], noun: str, columns: Columns, *, machine: bool) -> None:
    """One page as a table with the count below; for a program the answer as it is."""
    if machine:
        as_json(answer)
        return
    found = answer[noun]
    show_rows(voice, columns, found)
    if found:
        voice.line(voice.say("looking.count", shown=len(found), total=answer.get("total", len(found))))


def show_rows(voice: Voice, columns: Columns, found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        voice.line(voice.say("looking.none"))
        return
    rows = [[cell(voice, one[name]) for _, name in columns] for one in found]
    voice.table([heading for heading, _ in columns], rows)


def show_fields(voice: Voice, entry: Mapping[str, Any]) -> None:
    """One field per line, under the name the declaration and the JSON answer use."""
    width = max(map(len, entry))
    for name, value in entry.items():
        voice.line(f"{name.ljust(width)}  {cell(voice, value)}")


def named(ids: Sequence[str]) -> str:
    """The first of them; a national collecting destination has thousands."""
    return ", ".join(ids[:_MOST_NAMED]) + (", …" if len(ids) > _MOST_NAMED else "") or "–"


def cell(voice: Voice, value: Any) -> str:
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, bool):
        return voice.say("word.yes" if value else "word.no")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return named(value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()
