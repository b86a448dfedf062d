"""`amtsbote regions reform`: what changed keys mean for rules, destinations and open submissions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.table_folder import write_folder
from amtsbote.cli.looking import asked
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.region_changes import course_of, names_of, succession_document
from amtsbote.cli.region_sources import Stand, Tables, areas_of, compared, offers_of, tables_of
from amtsbote.cli.voice import Voice, as_json
from routing.regions.merge import merge
from routing.regions.reform import Affected, Effect, Reform, reform, remembered, steps_of, with_steps
from routing.regions.tables import read_tables


def reforming(
    ctx: typer.Context,
    old: Annotated[Path | None, typer.Argument(help="help.regions.state", metavar="OLD")] = None,
    new: Annotated[Path | None, typer.Argument(help="help.regions.file", metavar="NEW")] = None,
    *,
    change: Annotated[Path | None, typer.Option("--change", metavar="FILE", help="help.regions.change")] = None,
    tables: Tables = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="help.regions.out")] = None,
    stand: Stand = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    inputs = tables_of(tables, config)
    match change, old, new:
        case (Path(), None, None):
            found = _by_list(inputs, change, stand)
        case (None, Path(), Path()):
            found = _by_states(inputs, old, new, stand)
        case _:
            raise CommandRefused("usage", "regions.reform-what")
    affected: Mapping[str, Any] = {"destinations": [], "submissions": [], "total": 0}
    if tables is None:
        steps = [{"old": step.old, "new": step.new or None} for step in found.steps]
        affected = asked("regions.affected", {"steps": steps}, config)
    written = write_folder(out, found.tables) if out is not None else ()
    if json:
        offline = tables is not None
        as_json({**_reform(found, inputs), **affected, "offline": offline, "written": list(written)})
        return
    _show(voice, found, names_of(read_tables(found.tables)))
    _show_affected(voice, affected, offline=tables is not None)
    if out is not None:
        voice.line(voice.say("regions.written", files=", ".join(written) or "–", folder=out))


def _by_list(tables: Mapping[str, bytes], file: Path, stand: datetime | None) -> Reform:
    offer = offers_of([file], stand)[0].offer
    if not offer.successions:
        raise CommandRefused("refused", "regions.no-changes", path=file)
    steps = [step if step.since != date.min else replace(step, since=offer.stand) for step in offer.successions]
    return reform(tables, with_steps(tables, steps), steps)


def _by_states(tables: Mapping[str, bytes], old: Path, new: Path, stand: datetime | None) -> Reform:
    offer = offers_of([new], stand)[0].offer
    merged = merge(read_tables(tables), offer, complete=True).tables
    changes = compared(areas_of(old, stand, offer.stand), offer.areas)
    steps = steps_of(changes, merged, offer.stand, offer.origin)
    return reform(tables, replace(merged, successions=remembered(merged, steps)), steps)


def _reform(found: Reform, before: Mapping[str, bytes]) -> dict[str, Any]:
    names = names_of(read_tables(found.tables))
    return {
        "steps": [succession_document(step, names) for step in found.steps],
        "unknown": list(found.unknown),
        "rules": [_affected(one) for one in found.affected],
        "changed": sorted(name for name, content in found.tables.items() if before.get(name) != content),
    }


def _affected(one: Affected) -> dict[str, Any]:
    place = {"effect": one.effect.value, "key": one.key, "table": one.table, "line": one.line}
    return {**place, "before": one.before, "after": one.after or None}


def _show(voice: Voice, found: Reform, names: Mapping[str, str]) -> None:
    for step in found.steps:
        course = voice.word("regions.course", course_of(step.course, step.new))
        new = f"{step.new} {names.get(step.new, '')}".strip() or "–"
        doubt = "" if step.confirmed or not step.new else f", {voice.say('regions.unconfirmed')}"
        voice.line(f"{step.old} {names.get(step.old, '')} → {new} ({course}, {step.since}{doubt})")
    for effect in Effect:
        lines = [one for one in found.affected if one.effect is effect]
        if lines:
            voice.line(f"\n{voice.word('regions.effect', effect)}: {len(lines)}")
        for one in lines:
            after = f" → {one.after or voice.say('regions.nobody')}" if effect is not Effect.EMPTY else ""
            voice.line(f"  {one.key}  {one.table}:{one.line}  {one.before}{after}")
    voice.line("\n" + voice.say("regions.reform-summary", steps=len(found.steps), unknown=len(found.unknown)))


def _show_affected(voice: Voice, affected: Mapping[str, Any], *, offline: bool) -> None:
    if offline:
        voice.line(voice.say("regions.offline"))
        return
    for one in affected["destinations"]:
        key = "regions.destination-named" if one["named"] else "regions.destination-lost"
        values = {"name": one["name"], "id": one["destination"], "service": one["service"], "old": one["old"]}
        voice.line(voice.say(key, **values, new=one["new"] or "–"))
    for one in affected["submissions"]:
        state = voice.word("state", one["state"])
        voice.line(voice.say("regions.submission", id=one["id"], state=state, old=one["old"]))
    total, destinations = affected["total"], len(affected["destinations"])
    voice.line(voice.say("regions.affected", destinations=destinations, submissions=total))
