"""`amtsbote routes import`, and what it has in common with `amtsbote regions import --propose`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import TypeAdapter

from amtsbote.admin.extracts import Extract
from amtsbote.cli.changing import Effective, show_proposed
from amtsbote.cli.import_notes import show_notes
from amtsbote.cli.looking import asked
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from routing.offer import Offer
from routing.regions.outcome import Note, Outcome

OptionalReason = Annotated[str | None, typer.Option("--reason", help="help.import.reason")]
_OFFERS: Final = TypeAdapter(list[Offer])


def importing(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="help.import.files", metavar="FILE…")],
    *,
    source: Annotated[str, typer.Option("--source", metavar="NAME", help="help.import.source")],
    stand: Annotated[datetime, typer.Option("--stand", formats=["%Y-%m-%d"], help="help.import.stand")],
    reason: OptionalReason = None,
    effective: Effective = None,
    complete: Annotated[bool, typer.Option("--complete", help="help.import.complete")] = False,
    narrower_first: Annotated[bool, typer.Option("--narrower-first", help="help.import.narrower-first")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="help.import.dry-run")] = False,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    offer = Extract(files, source, stand.date()).offer()
    wish = {
        "reason": reason,
        "effective": None if effective is None else effective.date().isoformat(),
        "complete": complete,
        "narrower_first": narrower_first,
        "dry_run": dry_run,
    }
    propose_offers(ctx.obj, [offer], wish, config, machine=json)


def propose_offers(
    voice: Voice, offers: Sequence[Offer], wish: Mapping[str, Any], config: Path, *, machine: bool
) -> None:
    """Have the installation take the offers in, one after the other, and tell what became of them."""
    answer = asked("routes.import", {"offers": _OFFERS.dump_python(list(offers), mode="json"), **wish}, config)
    if machine:
        as_json(answer)
        return
    show_notes(voice, (Note(Outcome(one.pop("outcome")), **one) for one in answer["notes"]))
    if answer["authorities"]:
        counts = {action: answer["authorities"].get(action, 0) for action in ("added", "changed", "removed")}
        voice.line(voice.say("import.authorities", **counts))
    if answer["draft"] is not None or answer["version"] is not None:
        show_proposed(voice, answer)
    elif not answer["recorded"]:
        voice.line(voice.say("import.dry-run" if wish["dry_run"] else "import.nothing"))
    elif not answer["authorities"]:
        voice.line(voice.say("import.only-day"))
