"""`amtsbote regions successors` and `regions reform`: what follows a key, and what that means for the rules."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.table_folder import read_folder, write_folder
from amtsbote.cli import exits
from amtsbote.cli.looking import Columns, asked, show_rows
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.region_sources import Day, Stand, Tables, TablesHere, areas_of, compared, day_of, offers_of, tables_of
from amtsbote.cli.voice import Voice, as_json
from routing.regions.area import Area, Course, Succession
from routing.regions.difference import Change, successions
from routing.regions.merge import merge
from routing.regions.reform import Affected, Effect, Reform, reform, remembered, steps_of, with_steps
from routing.regions.search import Follower
from routing.regions.succession import chosen, confirmed
from routing.regions.tables import RegionTables, read_tables, shown_day, write_tables

_SUCCESSORS: Final[Columns] = (
    ("column.old-key", "old"),
    ("column.name", "old_name"),
    ("column.new-key", "new"),
    ("column.name", "new_name"),
    ("column.since", "since"),
    ("column.course", "course"),
    ("column.confirmed", "confirmed"),
    ("column.origin", "origin"),
)


def group() -> typer.Typer:
    app = typer.Typer(help="help.regions.successors")
    app.command("list", help="help.regions.successors.list")(listing)
    app.command("propose", help="help.regions.successors.propose")(propose)
    app.command("confirm", help="help.regions.successors.confirm")(confirm)
    return app


def listing(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(help="help.regions.old-key", metavar="KEY")] = "",
    *,
    tables: Tables = None,
    on: Day = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """With the keys that have ended and of which nobody knows what became of them."""
    voice: Voice = ctx.obj
    places = read_tables(tables_of(tables, config))
    names = _names(places)
    rows = [_succession(one, names) for one in places.successions if key in {"", one.old}]
    unknown = [area for area in _unexplained(places, day_of(on)) if key in {"", area.ars}]
    if json:
        ended = [{"old": area.ars, "old_name": area.name, "ended": shown_day(area.end)} for area in unknown]
        as_json({"successors": rows, "unknown": ended})
        return
    show_rows(voice, _SUCCESSORS, [{**row, "course": voice.word("regions.course", row["course"])} for row in rows])
    for area in unknown:
        end = voice.say("regions.ended", day=area.end)
        voice.line(f"{area.ars} {area.name}: {end} → {voice.say('regions.successor-unknown')}")


def _unexplained(places: RegionTables, on: date) -> list[Area]:
    explained = {one.old for one in places.successions}
    valid = {area.ars for area in places.areas if area.end >= on}
    ended = {area.ars: area for area in places.areas if area.end < on and area.ars not in valid | explained}
    return [ended[key] for key in sorted(ended)]


def propose(
    ctx: typer.Context,
    old: Annotated[Path, typer.Argument(help="help.regions.state", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="help.regions.file", metavar="NEW")],
    *,
    tables: TablesHere,
    stand: Stand = None,
    json: AsJson = False,
) -> None:
    """Adds proposals to the table of successors; nothing follows them until a person confirms."""
    voice: Voice = ctx.obj
    offer = offers_of([new], stand)[0].offer
    changes = compared(areas_of(old, stand, offer.stand), offer.areas)
    places = read_tables(read_folder(tables))
    rows = remembered(places, _acceptable(successions(changes, offer.stand, offer.origin), places, voice, json))
    written = write_folder(tables, write_tables(replace(places, successions=rows)))
    added = [_succession(one, _names(places)) for one in rows[len(places.successions) :]]
    unknown = [change.old.ars for change in changes if change.unknown and change.old is not None]
    if json:
        as_json({"proposed": added, "unknown": unknown, "written": list(written)})
        return
    for row in added:
        voice.line(f"{row['old']} {row['old_name']} → {row['new']} {row['new_name']}")
    voice.line(voice.say("regions.proposed", count=len(added), unknown=len(unknown)))


def _acceptable(found: Iterable[Succession], places: RegionTables, voice: Voice, machine: bool) -> Sequence[Succession]:
    """A proposal to a key the tables do not have cannot be followed: the new list has to be imported first."""
    known = {area.ars for area in places.areas}
    wanted = list(found)
    missing = [one.new for one in wanted if one.new not in known]
    if missing and not machine:
        voice.line(voice.say("regions.not-imported", keys=", ".join(missing)))
    return [one for one in wanted if one.new in known]


def confirm(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(help="help.regions.old-key", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="help.regions.new-key", metavar="NEW")] = "",
    *,
    tables: TablesHere,
    since: Annotated[datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="help.regions.since")] = None,
    course: Annotated[Course | None, typer.Option("--course", help="help.regions.course")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="help.regions.yes")] = False,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    places = read_tables(read_folder(tables))
    candidates = chosen(places, old, new)
    if len(candidates) != 1:
        known = ", ".join(one.new for one in places.successions if one.old == old) or "–"
        raise CommandRefused("not-found", "regions.choose", old=old[:20], known=known)
    wanted = replace(candidates[0], since=since.date() if since else candidates[0].since)
    row = replace(wanted, course=course or wanted.course)
    if row.since == date.min:
        raise CommandRefused("refused", "regions.since-missing", old=old[:20])
    shown = _succession(row, _names(places))
    if not json:
        voice.line(f"{shown['old']} {shown['old_name']} → {shown['new'] or '–'} {shown['new_name']} ({shown['since']})")
    if not yes and (json or not sys.stdin.isatty() or not typer.confirm(voice.say("regions.ask-confirm"))):
        raise typer.Exit(exits.DECLINED)
    after = confirmed(places, row)
    written = write_folder(tables, write_tables(after))
    if json:
        as_json({"confirmed": {**shown, "confirmed": True, "origin": ""}, "written": list(written)})
    else:
        voice.line(voice.say("regions.written", files=", ".join(written), folder=tables))


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
    if (change is None) is (old is None or new is None):
        raise CommandRefused("usage", "regions.reform-what")
    inputs = tables_of(tables, config)
    found = _by_list(inputs, change, stand) if change is not None else _by_states(inputs, old, new, stand)
    affected: Mapping[str, Any] = {"destinations": [], "submissions": [], "total": 0}
    if tables is None:
        steps = [{"old": step.old, "new": step.new or None} for step in found.steps]
        affected = asked("regions.affected", {"steps": steps}, config)
    written = write_folder(out, found.tables) if out is not None else ()
    if json:
        offline = tables is not None
        as_json({**_reform(found, inputs), **affected, "offline": offline, "written": list(written)})
        return
    _show(voice, found, _names(read_tables(found.tables)))
    _show_affected(voice, affected, offline=tables is not None)
    if out is not None:
        voice.line(voice.say("regions.written", files=", ".join(written) or "–", folder=out))


def _by_list(tables: Mapping[str, bytes], file: Path, stand: datetime | None) -> Reform:
    offer = offers_of([file], stand)[0].offer
    if not offer.successions:
        raise CommandRefused("refused", "regions.no-changes", path=file)
    steps = [step if step.since != date.min else replace(step, since=offer.stand) for step in offer.successions]
    return reform(tables, with_steps(tables, steps), steps)


def _by_states(tables: Mapping[str, bytes], old: Path | None, new: Path | None, stand: datetime | None) -> Reform:
    assert old is not None  # noqa: S101  (checked by the caller)
    assert new is not None  # noqa: S101
    offer = offers_of([new], stand)[0].offer
    merged = merge(read_tables(tables), offer, complete=True).tables
    changes = compared(areas_of(old, stand, offer.stand), offer.areas)
    steps = steps_of(changes, merged, offer.stand, offer.origin)
    return reform(tables, replace(merged, successions=remembered(merged, steps)), steps)


def _reform(found: Reform, before: Mapping[str, bytes]) -> dict[str, Any]:
    names = _names(read_tables(found.tables))
    return {
        "steps": [_succession(step, names) for step in found.steps],
        "unknown": list(found.unknown),
        "rules": [_affected(one) for one in found.affected],
        "changed": sorted(name for name, content in found.tables.items() if before.get(name) != content),
    }


def _affected(one: Affected) -> dict[str, Any]:
    place = {"effect": one.effect.value, "key": one.key, "table": one.table, "line": one.line}
    return {**place, "before": one.before, "after": one.after or None}


def _show(voice: Voice, found: Reform, names: Mapping[str, str]) -> None:
    for step in found.steps:
        course = voice.word("regions.course", step.course.value if step.course is not None else "unknown")
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


def change_document(change: Change) -> dict[str, Any]:
    old, new = ({"ars": one.ars, "ags": one.ags, "name": one.name} if one else None for one in (change.old, change.new))
    proposals = [
        {"ars": one.new.ars, "name": one.new.name, "reason": one.reason.value, "course": one.course.value}
        for one in change.proposals
    ]
    return {"what": change.what.value, "old": old, "new": new, "proposals": proposals}


def follower_text(voice: Voice, one: Follower) -> str:
    if not one.ars:
        return voice.word("regions.course", Course.DISSOLVED)
    since = f" {voice.say('regions.since', day=one.since)}" if one.since is not None else ""
    doubt = "" if one.confirmed else f" ({voice.say('regions.unconfirmed')})"
    return f"{one.ars} {one.name}{since}{doubt}"


def _names(places: RegionTables) -> Mapping[str, str]:
    return {area.ars: area.name for area in sorted(places.areas, key=lambda area: area.begin)}


def _succession(one: Succession, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "old": one.old,
        "old_name": names.get(one.old, ""),
        "new": one.new,
        "new_name": names.get(one.new, ""),
        "since": shown_day(one.since),
        "course": one.course.value if one.course is not None else "unknown",
        "confirmed": one.confirmed,
        "origin": one.origin,
    }
