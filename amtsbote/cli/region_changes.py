"""`amtsbote regions successors`: what follows a key: list, propose, confirm."""

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
from amtsbote.cli.looking import Columns, show_rows
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.region_sources import Day, Stand, Tables, TablesHere, areas_of, compared, day_of, offers_of, tables_of
from amtsbote.cli.voice import Voice, as_json
from routing.regions.area import Area, Course, Succession
from routing.regions.difference import Change, successions
from routing.regions.reform import remembered
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
    names = names_of(places)
    rows = [succession_document(one, names) for one in places.successions if key in {"", one.old}]
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
    added = [succession_document(one, names_of(places)) for one in rows[len(places.successions) :]]
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
    shown = succession_document(row, names_of(places))
    if not json:
        voice.line(f"{shown['old']} {shown['old_name']} → {shown['new'] or '–'} {shown['new_name']} ({shown['since']})")
    if not yes and (json or not sys.stdin.isatty() or not typer.confirm(voice.say("regions.ask-confirm"))):
        if not json:
            voice.line(voice.say("regions.not-written", folder=tables))
        raise typer.Exit(exits.DECLINED)
    after = confirmed(places, row)
    written = write_folder(tables, write_tables(after))
    if json:
        as_json({"confirmed": {**shown, "confirmed": True, "origin": ""}, "written": list(written)})
    else:
        voice.line(voice.say("regions.written", files=", ".join(written), folder=tables))


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


def names_of(places: RegionTables) -> Mapping[str, str]:
    return {area.ars: area.name for area in sorted(places.areas, key=lambda area: area.begin)}


def course_of(course: Course | None, new: str | None) -> str:
    """Its word in the catalogue, also where a list names the new key and not what has happened."""
    if course is not None:
        return course.value
    return "not-said" if new else "unknown"


def succession_document(one: Succession, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "old": one.old,
        "old_name": names.get(one.old, ""),
        "new": one.new,
        "new_name": names.get(one.new, ""),
        "since": shown_day(one.since),
        "course": course_of(one.course, one.new),
        "confirmed": one.confirmed,
        "origin": one.origin,
    }
