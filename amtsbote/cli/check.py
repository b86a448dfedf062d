"""`amtsbote check`: is this document valid, before anybody sends it? Needs no installation and no daemon."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli.folders import existing
from amtsbote.cli.offline import NotChecked, asked_keys, own_packages, resolver_of
from amtsbote.cli.options import AsJson
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.composition import utc_now
from amtsbote.errors import Misconfigured
from amtsbote.model.report import Checked, CheckedDocument, CheckReport, Route, Verdict, as_document
from amtsbote.model.routing import RouteFound, german_day
from amtsbote.model.schema import Finding, Layer, Severity
from schemas.confinement import HelperLimits
from schemas.helpers import HelperFailed
from schemas.package import LoadedPackage, bundled_packages
from schemas.preflight import Preflight
from schemas.reports.html import html as as_html
from schemas.reports.xml import xml as as_xml
from schemas.standards.library import Library

_EXITS: Final[Mapping[Verdict, int]] = {
    Verdict.VALID: 0,
    Verdict.INVALID: 1,
    Verdict.UNKNOWN: 2,
    Verdict.REFUSED: 3,
}


def check(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="help.check.file", metavar="FILE")],
    *,
    schema: Annotated[str, typer.Option("--schema", metavar="URI", help="help.check.schema")] = "",
    registry: Annotated[Path | None, typer.Option("--registry", metavar="DIR", help="help.check.registry")] = None,
    own: Annotated[Path | None, typer.Option("--packages", metavar="DIR", help="help.check.packages")] = None,
    service: Annotated[str, typer.Option("--service", metavar="LEIKA", help="help.check.service")] = "",
    ars: Annotated[str, typer.Option("--ars", help="help.check.ars")] = "",
    routing: Annotated[Path | None, typer.Option("--routing", metavar="DIR", help="help.check.routing")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="help.check.html")] = None,
    xml: Annotated[Path | None, typer.Option("--xml", metavar="FILE", help="help.check.xml")] = None,
    values: Annotated[bool, typer.Option("--values", help="help.check.values")] = False,
    json: AsJson = False,
) -> int:
    voice: Voice = ctx.obj
    limits, now = HelperLimits(), utc_now()
    library = Library(existing(registry)) if registry is not None else None
    content = _content(file, limits.document_bytes)
    try:
        packages = bundled_packages() if own is None else own_packages(own)
        asked = _asked_route(routing, service, ars, packages)
        checked = Preflight(packages, library, limits, quoting=values).check(content, schema)
        way = asked and Route.of(asked(german_day(now), checked.facts))
    except HelperFailed as cause:
        raise CommandRefused("not-checked", f"preflight.failed.{cause.reason}") from cause
    except Misconfigured as cause:
        raise NotChecked(cause) from cause
    report = CheckReport(CheckedDocument.of(file.name, content), now, checked, way)
    if html is not None:
        _write(html, as_html(report, voice.language).encode())
    if xml is not None:
        _write(xml, as_xml(report))
    if json:
        as_json(as_document(report))
    else:
        _show(voice, checked)
        _show_route(voice, way)
    return _EXITS[checked.verdict]


def _asked_route(
    routing: Path | None, service: str, ars: str, packages: Sequence[LoadedPackage]
) -> Callable[[date, Mapping[str, str]], RouteFound] | None:
    """What answers for a day and the facts of the document; None when nobody asked."""
    given = (routing is not None, bool(service), bool(ars))
    if routing is None or not all(given):
        if any(given):
            raise CommandRefused("usage", "preflight.route-incomplete")
        return None
    keys, resolver = asked_keys(service, ars), resolver_of(routing, packages)
    return lambda on, facts: resolver.resolve(*keys, on, facts=facts)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as cause:
        raise CommandRefused("not-checked", "preflight.not-written", path=file, reason=cause) from cause


def _content(file: Path, limit: int) -> bytes:
    """One byte more than allowed at most: a larger file is refused without being read whole."""
    try:
        with file.open("rb") as stream:
            return stream.read(limit + 1)
    except OSError as cause:
        raise CommandRefused("not-found", "preflight.no-file", path=file, reason=cause) from cause


def _show(voice: Voice, checked: Checked) -> None:
    voice.line(voice.say(f"preflight.{checked.verdict_told}", schema=checked.schema or "–", package=checked.package))
    for layer in Layer:
        voice.line(f"  {_ruling(voice, checked, layer)}")
    for finding in checked.findings:
        _tell(voice, finding)
    if checked.more:
        voice.line(voice.say("preflight.more"))
    if checked.candidates:
        voice.line(voice.say("preflight.candidates"))
    for candidate in checked.candidates:
        voice.line(f"  {candidate}")


def _ruling(voice: Voice, checked: Checked, layer: Layer) -> str:
    """E.g. `Codelisten: bestanden, Warnungen: 2`."""
    found = [finding.severity for finding in checked.findings if finding.layer is layer]
    counts = ((voice.say(f"preflight.{severity}s"), found.count(severity)) for severity in Severity)
    told = "".join(f", {name}: {count}" for name, count in counts if count)
    outcome = voice.say(f"preflight.outcome.{checked.outcome_told(layer)}")
    return f"{voice.say(f'preflight.layer.{layer}')}: {outcome}{told}"


def _tell(voice: Voice, finding: Finding) -> None:
    place = ", ".join(
        filter(None, (finding.path, voice.say("preflight.line", line=finding.line) if finding.line else ""))
    )
    mark = f"{voice.say('preflight.warning')}: " if finding.severity is Severity.WARNING else ""
    field = f"{finding.field}: " if finding.field else ""
    voice.line(f"\n{mark}{field}{finding.de if voice.language == 'de' else finding.en}")
    voice.line(f"  {finding.code}  {place}{f'  ({finding.type_name})' if finding.type_name else ''}")
    if finding.value:
        voice.line(f"  {voice.say('report.value')}: {finding.value}")


def _show_route(voice: Voice, way: Route | None) -> None:
    if way is None:
        return
    authorities = ", ".join(way.authorities) or voice.say("report.nobody")
    voice.line(f"\n{voice.say('report.route')}: {authorities}")
    for rule in way.rules:
        voice.line(f"  {rule}")
