"""`amtsbote store migrate`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from amtsbote.admin.manifest import DATABASE
from amtsbote.admin.moving import Moved, move
from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.progress import Progress
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings

To = Annotated[str | None, typer.Option("--to", envvar="AMTSBOTE_MIGRATE_TO", help="help.store.migrate.to")]
ToFile = Annotated[Path | None, typer.Option("--to-file", metavar="FILE", help="help.store.migrate.to-file")]


def migrate(
    ctx: typer.Context,
    *,
    to: To = None,
    to_file: ToFile = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    settings, url = Settings.load(config), _address(to, to_file)
    with Progress(voice) as progress:
        moved = move(settings, url, progress)
    line = 'database = "postgresql://…"' if to_file is None else f'database_file = "{to_file.absolute()}"'
    if json:
        as_json({**asdict(moved), "line": line})
        return
    _show(voice, moved)
    voice.line(voice.say("move.marked", path=settings.storage.folder / DATABASE))
    voice.line(voice.say("move.line", path=config, line=line))


def _address(to: str | None, file: Path | None) -> str:
    """A file wins: the environment may still name another."""
    if file is not None:
        try:
            return file.read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise CommandRefused("usage", "move.no-file", path=file, reason=reason) from None
    if not to:
        raise CommandRefused("usage", "move.no-target")
    return to


def _show(voice: Voice, moved: Moved) -> None:
    rows = ((name, str(table.rows), table.digest[:16]) for name, table in moved.tables.items())
    voice.table(("move.table", "move.rows", "move.digest"), rows)
    total = sum(table.rows for table in moved.tables.values())
    voice.line(voice.say("move.done", rows=total, tables=len(moved.tables)))
    voice.line(voice.say("move.parts", parts=moved.parts, missing=moved.missing))
