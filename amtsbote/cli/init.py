"""`amtsbote init`: make an installation."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from amtsbote.admin.founding import Wishes, found
from amtsbote.cli.options import AsJson
from amtsbote.cli.voice import Voice, as_json


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="help.init.folder")],
    *,
    trust_anchor: Annotated[
        list[Path] | None, typer.Option("--trust-anchor", help="help.init.trust-anchor", metavar="FILE")
    ] = None,
    public_url: Annotated[str | None, typer.Option("--public-url", help="help.init.public-url", metavar="URL")] = None,
    listen: Annotated[str | None, typer.Option("--listen", help="help.init.listen", metavar="HOST:PORT")] = None,
    metrics_listen: Annotated[
        str | None, typer.Option("--metrics-listen", help="help.init.metrics-listen", metavar="HOST:PORT")
    ] = None,
    database_file: Annotated[
        Path | None, typer.Option("--database-file", help="help.init.database-file", metavar="FILE")
    ] = None,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    wishes = Wishes(tuple(trust_anchor or ()), public_url, listen, metrics_listen, database_file)
    made = found(folder, wishes, voice.language, datetime.now(UTC))
    if json:
        as_json({"configuration": str(made.configuration), "master_key": str(made.master_key), "data": str(made.data)})
        return
    for path in (made.configuration, made.master_key, made.data):
        voice.line(voice.say("init.made", path=path))
    commands = (f"amtsbote serve --config {made.configuration}", f"amtsbote apply FILE --config {made.configuration}")
    steps = [
        voice.say("init.next.config", path=made.configuration),
        voice.say("init.next.backup", path=made.master_key),
        *(voice.say("init.next.run", command=command) for command in commands),
    ]
    voice.line("\n".join([voice.say("init.next"), *(f"  {number}. {step}" for number, step in enumerate(steps, 1))]))
