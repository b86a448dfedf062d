"""`amtsbote regions`: import, list, diff, search."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.table_folder import read_folder, write_folder
from amtsbote.cli import exits, region_changes, region_reform
from amtsbote.cli.changing import Effective
from amtsbote.cli.import_notes import arrow, show_notes
from amtsbote.cli.importing import OptionalReason, propose_offers
from amtsbote.cli.looking import Columns, show_rows
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.region_sources import Day, NamedOffer, Stand, Tables, areas_of, compared, day_of, offers_of, tables_of
from amtsbote.cli.voice import Voice, as_json
from routing.importing.door import Registry, Vouched, take_in
from routing.regions.difference import Change, What, by_what
from routing.regions.outcome import Note
from routing.regions.search import Found, Gazetteer, LandUnknown, Wish
from routing.regions.tables import RegionTables, read_tables, shown_day

_ORIGINS: Final[Columns] = (
    ("column.table", "table"),
    ("column.origin", "origin"),
    ("column.rows", "rows"),
    ("column.ended", "ended"),
    ("column.stand", "stand"),
)
_FOUND: Final[Columns] = (
    ("column.fit", "fit"),
    ("column.ars", "ars"),
    ("column.ags", "ags"),
    ("column.name", "name"),
    ("column.kind", "what"),
    ("column.district", "district"),
    ("column.land", "land"),
    ("column.validity", "validity"),
)


def group() -> typer.Typer:
    app = typer.Typer(help="help.regions")
    app.command("import", help="help.regions.import")(importing)
    app.command("list", help="help.regions.list")(listing)
    app.command("diff", help="help.regions.diff")(diff)
    app.command("search", help="help.regions.search")(search)
    app.command("reform", help="help.regions.reform")(region_reform.reforming)
    app.add_typer(region_changes.group(), name="successors")
    return app


def importing(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="help.regions.files", metavar="FILE...")],
    *,
    into: Annotated[Path | None, typer.Option("--into", metavar="DIR", help="help.regions.into")] = None,
    propose: Annotated[bool, typer.Option("--propose", help="help.regions.propose")] = False,
    reason: OptionalReason = None,
    effective: Effective = None,
    stand: Stand = None,
    complete: Annotated[bool, typer.Option("--complete", help="help.regions.complete")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="help.regions.yes")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="help.regions.dry-run")] = False,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    if into is not None and propose:
        raise CommandRefused("usage", "regions.into-or-propose")
    offers = offers_of(files, stand)
    if not json:
        for one in offers:
            voice.line(_about(voice, one))
    if propose:
        day = shown_day(effective.date()) if effective is not None else None
        wish = {"reason": reason, "effective": day or None, "complete": complete, "dry_run": dry_run}
        propose_offers(voice, [one.offer for one in offers], wish, config, machine=json)
    elif into is not None:
        _into(voice, into, offers, complete=complete, yes=yes, dry_run=dry_run, json=json)
    elif json:
        as_json({"files": [_file(one) for one in offers]})


def _into(
    voice: Voice, into: Path, offers: Sequence[NamedOffer], *, complete: bool, yes: bool, dry_run: bool, json: bool
) -> None:
    after = _merged(read_folder(into) if into.is_dir() else {}, offers, complete=complete)
    if not json:
        show_notes(voice, after.notes)
    agreed = not dry_run and after.changed and (yes or _confirmed(voice, machine=json))
    written = write_folder(into, after.tables) if agreed else ()
    if json:
        as_json(_imported(offers, after.notes, written))
    else:
        voice.line(voice.say(_ending(after.changed, agreed), files=", ".join(written), folder=into))
    if after.changed and not agreed and not dry_run:
        raise typer.Exit(exits.DECLINED)


def _merged(before: Mapping[str, bytes], offers: Sequence[NamedOffer], *, complete: bool) -> Registry:
    registry = Registry(before)
    for one in offers:
        registry = take_in(registry, one.offer, Vouched(complete=complete))
    return registry


def _confirmed(voice: Voice, *, machine: bool) -> bool:
    """A program is never asked: it says `--yes`."""
    return not machine and sys.stdin.isatty() and typer.confirm(voice.say("regions.ask"))


def _ending(changed: bool, agreed: bool) -> str:
    if not changed:
        return "regions.nothing"
    return "regions.written" if agreed else "regions.not-written"


def _about(voice: Voice, one: NamedOffer) -> str:
    kind = voice.word("regions.kind", one.offer.source)
    values = {"file": one.file.name, "kind": kind, "stand": one.offer.stand, "rows": one.offer.rows}
    skipped = f" {voice.say('regions.skipped', count=one.offer.skipped)}" if one.offer.skipped else ""
    return voice.say("regions.file", **values) + skipped


def _file(one: NamedOffer) -> dict[str, Any]:
    offer = one.offer
    return {
        "file": str(one.file),
        "kind": offer.source,
        "stand": offer.stand.isoformat(),
        "areas": len(offer.areas),
        "successors": len(offer.successions),
        "places": len(offer.places),
        "ags": len(offer.ags_list),
        "skipped": offer.skipped,
    }


def _imported(offers: Sequence[NamedOffer], notes: Sequence[Note], written: Sequence[str]) -> dict[str, Any]:
    counts = Counter(note.outcome.value for note in notes)
    shown = [{"outcome": n.outcome.value, "key": n.key, "before": n.before, "after": n.after} for n in notes]
    return {"files": [_file(one) for one in offers], "counts": counts, "notes": shown, "written": list(written)}


def listing(
    ctx: typer.Context,
    *,
    tables: Tables = None,
    on: Day = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    found = _origins(read_tables(tables_of(tables, config)), day_of(on))
    if json:
        as_json({"origins": found})
        return
    shown = [{**row, "origin": row["origin"] or voice.say("regions.local")} for row in found]
    show_rows(voice, _ORIGINS, [{**row, "rows": str(row["rows"]), "ended": str(row["ended"])} for row in shown])


def _origins(tables: RegionTables, on: date) -> list[dict[str, Any]]:
    rows: Counter[tuple[str, str]] = Counter()
    ended: Counter[tuple[str, str]] = Counter()
    stands: dict[tuple[str, str], date] = {}
    groups = (("gebiete", tables.areas), ("nachfolger", tables.successions), ("orte", tables.places))
    for table, row in ((table, row) for table, found in groups for row in found):
        key = table, row.origin
        rows[key] += 1
        if row.stand is not None:
            stands[key] = max(row.stand, stands.get(key, row.stand))
    for area in tables.areas:
        ended["gebiete", area.origin] += area.end < on
    return [
        {"table": table, "origin": origin, "rows": count, "ended": ended[key], "stand": shown_day(stands.get(key))}
        for key, count in sorted(rows.items())
        for table, origin in [key]
    ]


def diff(
    ctx: typer.Context,
    old: Annotated[Path, typer.Argument(help="help.regions.state", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="help.regions.state", metavar="NEW")],
    *,
    stand: Stand = None,
    on: Day = None,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    day = day_of(on)
    changes = compared(areas_of(old, stand, day), areas_of(new, stand, day))
    found = by_what(changes)
    if json:
        counts = {what.value: len(found.get(what, ())) for what in What}
        unknown = sum(change.unknown for change in changes)
        as_json({**counts, "unknown": unknown, "changes": [region_changes.change_document(one) for one in changes]})
        return
    for what in What:
        voice.line(f"{voice.word('regions.change', what)}: {len(found.get(what, ()))}")
        for change in found.get(what, ()):
            voice.line(f"  {_change(voice, change)}")


def _change(voice: Voice, change: Change) -> str:
    old, new = (f"{area.ars} {area.name}" if area is not None else "" for area in (change.old, change.new))
    if change.what is What.GONE and not change.proposals:
        return f"{old} → {voice.say('regions.successor-unknown')}"
    reasons = [
        f"{proposal.new.ars} {proposal.new.name} ({voice.word('regions.reason', proposal.reason)})"
        for proposal in change.proposals
    ]
    return arrow(old, ", ".join(reasons) or new)


def search(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="help.regions.text", metavar="TEXT")] = "",
    *,
    postcode: Annotated[str, typer.Option("--plz", help="help.regions.postcode")] = "",
    district: Annotated[str, typer.Option("--district", help="help.regions.district")] = "",
    land: Annotated[str, typer.Option("--land", help="help.regions.land")] = "",
    tables: Tables = None,
    on: Day = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> int:
    voice: Voice = ctx.obj
    gazetteer = Gazetteer.of(read_tables(tables_of(tables, config)))
    try:
        found = gazetteer.search(Wish(text, postcode, land, district), day_of(on))
    except LandUnknown as unknown:
        known = ", ".join(f"{key} {name}".strip() for key, name in unknown.known.items())
        raise CommandRefused("usage", "regions.land-unknown", land=land, known=known) from None
    if json:
        as_json({"total": len(found), "places": [_place(one) for one in found]})
    else:
        show_rows(voice, _FOUND, [_row(voice, one) for one in found])
    return exits.FINE if found else exits.FAILED


def _place(found: Found) -> dict[str, Any]:
    area = found.area
    return {
        "fit": found.fit.name.lower(),
        "ars": area.ars,
        "ags": area.ags or None,
        "name": area.name,
        "art": area.art.value if area.art is not None else None,
        "typ": area.typ or None,
        "district": found.district or None,
        "land": found.land or None,
        "valid": found.valid,
        "from": shown_day(area.begin) or None,
        "to": shown_day(area.end) or None,
        "origin": area.origin or None,
        "stand": shown_day(area.stand) or None,
        "successors": [
            {
                "ars": one.ars or None,
                "name": one.name or None,
                "since": shown_day(one.since),
                "confirmed": one.confirmed,
            }
            for one in found.followers
        ],
    }


def _row(voice: Voice, found: Found) -> Mapping[str, Any]:
    place = _place(found)
    fit = voice.word("regions.fit", place["fit"])
    return {**place, "fit": fit, "what": place["typ"] or place["art"], "validity": _validity(voice, found)}


def _validity(voice: Voice, found: Found) -> str:
    area = found.area
    if found.valid:
        return voice.say("regions.valid")
    if area.end == date.max:
        return voice.say("regions.begins", day=area.begin)
    ended = voice.say("regions.ended", day=area.end)
    followers = [region_changes.follower_text(voice, one) for one in found.followers]
    return f"{ended} → {', '.join(followers) or voice.say('regions.successor-unknown')}"
