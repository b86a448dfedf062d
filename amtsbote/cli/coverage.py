"""`amtsbote routes coverage`: who is competent for every service in every municipality, with gaps and conflicts."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer

from amtsbote.admin.coverage_report import Report, demand_land
from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli.coverage_page import coverage_page
from amtsbote.cli.coverage_source import Files, source_of
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.composition import utc_now
from amtsbote.model.routing import german_day
from routing.coverage import Coverage, Stretch, Verdict


def coverage(
    ctx: typer.Context,
    *,
    draft: Annotated[
        int | None, typer.Option("--draft", min=1, help="help.routes.coverage-draft", metavar="ID")
    ] = None,
    tables: Annotated[Path | None, typer.Option("--tables", help="help.routes.coverage-tables", metavar="DIR")] = None,
    packages: Annotated[
        Path | None, typer.Option("--packages", help="help.routes.coverage-packages", metavar="DIR")
    ] = None,
    declaration: Annotated[
        Path | None, typer.Option("--declaration", help="help.routes.coverage-declaration", metavar="FILE")
    ] = None,
    service: Annotated[str, typer.Option("--service", help="help.routes.coverage-service", metavar="KEY")] = "",
    land: Annotated[str, typer.Option("--land", help="help.routes.coverage-land", metavar="ARS")] = "",
    on: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="help.routes.coverage-date")
    ] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="help.routes.coverage-csv", metavar="FILE")] = None,
    every: Annotated[bool, typer.Option("--all", help="help.routes.coverage-all")] = False,
    html_file: Annotated[Path | None, typer.Option("--html", help="help.routes.coverage-html", metavar="FILE")] = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    source = source_of(Files(tables, packages, declaration), draft, config)
    day = on.date() if on is not None else max(source.effective or date.min, german_day(utc_now()))
    asked = Coverage(source.document, source.defaults, day, source.inboxes)
    demand_land(asked, land)
    report = Report(day, source.document.version, asked.services, asked.names, source.inboxes is not None)
    with ExitStack() as opened:
        rows = opened.enter_context(_opened(csv_file)) if csv_file is not None else None
        _examine(asked, report, voice, rows, (service, land), every=every)
    if html_file is not None:
        with _opened(html_file) as page:
            page.write(coverage_page(report, voice))
    if json:
        as_json(report.as_document())
    else:
        _show(voice, report)


def _examine(
    asked: Coverage, report: Report, voice: Voice, rows: TextIO | None, wish: tuple[str, str], *, every: bool
) -> None:
    writer = csv.writer(rows, delimiter=";", lineterminator="\n") if rows is not None else None
    if writer is not None:
        writer.writerow(voice.say(f"coverage.column.{name}") for name in COLUMNS)
    for found in report.examined(asked, *wish):
        fine = found.stretch.answer.verdict is Verdict.COMPETENT
        if writer is not None and (every or not fine):
            writer.writerows(_cells(voice, asked.services[one], one, found.stretch) for one in found.services)


COLUMNS: Final = ("service", "service-name", "place", "name", "municipalities", "verdict", "authorities", "reason")


def _cells(voice: Voice, name: str, service: str, stretch: Stretch) -> Iterator[str]:
    answer = stretch.answer
    yield from (service, name, stretch.place, stretch.name, str(stretch.municipalities))
    yield voice.word("verdict-of-tables", answer.verdict)
    yield ", ".join(answer.authorities)
    if answer.verdict is Verdict.NO_DESTINATION:
        yield voice.say("coverage.no-destination-here")
        return
    reason = answer.reason and replace(answer.reason, region=stretch.place)
    yield "" if reason is None else voice.say(f"route.why.{reason.why}", **reason.values())


def _opened(file: Path) -> TextIO:
    try:
        return file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise CommandRefused("refused", "coverage.unwritable", file=file, reason=error) from error


def _show(voice: Voice, report: Report) -> None:
    voice.line(voice.say("coverage.head", version=report.version, day=report.on.isoformat()))
    rows = [
        [f"{land} {report.names.get(land, '')}".strip(), *(str(counts[verdict]) for verdict in report.verdicts)]
        for land, counts in sorted(report.by_land.items())
    ]
    total: Counter[Verdict] = Counter()
    for counts in report.by_land.values():
        total.update(counts)
    voice.table(["column.land", *(f"verdict-of-tables.{verdict}" for verdict in report.verdicts)], rows)
    voice.line(voice.say("coverage.pairs", total=sum(total.values()), services=len(report.by_service)))
    voice.line(voice.say("coverage.result", gaps=total[Verdict.GAP], conflicts=total[Verdict.CONFLICT]))
    if report.destinations_examined:
        voice.line(voice.say("coverage.no-destination", count=total[Verdict.NO_DESTINATION]))
    else:
        voice.line(voice.say("coverage.not-examined"))
