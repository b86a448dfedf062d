"""`amtsbote route explain`: who is competent, who gets it, too, and why; as a tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from amtsbote.admin.explaining import Answering, Question, demand_known_facts
from amtsbote.admin.refusals import CommandRefused, as_refusal
from amtsbote.cli import exits
from amtsbote.cli.folders import existing
from amtsbote.cli.looking import asked
from amtsbote.cli.offline import NotChecked, asked_keys, own_packages, resolver_of
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.route_tree import show_route
from amtsbote.cli.voice import as_json
from amtsbote.daemon.composition import utc_now
from amtsbote.daemon.settings import Settings
from amtsbote.errors import AmtsboteError
from amtsbote.model.report import Verdict
from amtsbote.model.routing import Outcome, german_day
from schemas.confinement import HelperLimits
from schemas.helpers import HelperFailed
from schemas.package import LoadedPackage, bundled_packages, installed_packages
from schemas.preflight import Preflight
from schemas.standards.library import Library

_EXITS: Final[Mapping[str, int]] = {Outcome.RESOLVED: 0, Outcome.UNRESOLVED: 1, Outcome.AMBIGUOUS: 2}


def group() -> typer.Typer:
    app = typer.Typer(help="help.route")
    app.command("explain", help="help.route.explain")(explain)
    return app


def explain(
    ctx: typer.Context,
    *,
    service: Annotated[str, typer.Option("--service", metavar="LEIKA", help="help.route.service")] = "",
    ars: Annotated[str, typer.Option("--ars", metavar="ARS", help="help.route.ars")] = "",
    date: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="help.route.date")] = None,
    stage: Annotated[Literal["live", "test"], typer.Option("--stage", help="help.stage.question")] = "live",
    fact: Annotated[list[str] | None, typer.Option("--fact", metavar="NAME=VALUE", help="help.route.fact")] = None,
    payload: Annotated[Path | None, typer.Option("--payload", metavar="FILE", help="help.route.payload")] = None,
    tables: Annotated[Path | None, typer.Option("--tables", metavar="DIR", help="help.route.tables")] = None,
    own: Annotated[Path | None, typer.Option("--packages", metavar="DIR", help="help.route.packages")] = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> int:
    day = date.date() if date is not None else None
    wish = {"service": service, "region": ars, "on": day, "stage": stage}
    try:
        answer = _answer(wish, _given(fact or ()), payload, _Source(config, tables, own))
    except AmtsboteError as cause:
        if exits.exit_of(as_refusal(cause)["code"]) >= exits.USAGE:
            raise
        raise NotChecked(cause) from cause  # whatever it is, it must not look like an answer
    if json:
        as_json(answer)
    else:
        show_route(ctx.obj, answer)
    return _EXITS[answer["outcome"]]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where tables and packages come from: an installation, or folders."""

    config: Path
    tables: Path | None
    packages: Path | None


def _answer(
    wish: Mapping[str, Any], given: Mapping[str, str], payload: Path | None, source: _Source
) -> Mapping[str, Any]:
    settings = Settings.load(source.config) if source.tables is None else None
    packages = _packages(settings, source.packages)
    library = None if settings is None else Library(settings.schemas.registry)
    facts = {**(_facts_in(payload, packages, library) if payload is not None else {}), **given}
    demand_known_facts(facts, packages)
    service, region = asked_keys(wish["service"] or facts.get("service", ""), wish["region"] or facts.get("region", ""))
    question = {**wish, "service": service, "region": region, "facts": facts}
    if source.tables is None:
        return asked("route.explain", {**question, "on": wish["on"] and wish["on"].isoformat()}, source.config)
    resolver = resolver_of(existing(source.tables), packages)
    return Answering(resolver, None, german_day(utc_now())).answer(Question.model_validate(question))


def _packages(settings: Settings | None, own: Path | None) -> Sequence[LoadedPackage]:
    if own is not None:
        return own_packages(own)
    return bundled_packages() if settings is None else installed_packages(settings.schemas.packages)


def _given(pairs: Sequence[str]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise CommandRefused("usage", "route.fact-form", given=pair)
        facts[name] = value
    return facts


def _facts_in(payload: Path, packages: Sequence[LoadedPackage], library: Library | None) -> Mapping[str, str]:
    """Read from a valid document only, as when it is sent; of the document nothing else is passed on."""
    limits = HelperLimits()
    try:
        with payload.open("rb") as stream:
            content = stream.read(limits.document_bytes + 1)
        checked = Preflight(packages, library, limits).check(content)
    except OSError as cause:
        raise CommandRefused("not-found", "preflight.no-file", path=payload, reason=cause) from cause
    except HelperFailed as cause:
        raise CommandRefused("not-checked", f"preflight.failed.{cause.reason}") from cause
    if checked.verdict is not Verdict.VALID:
        raise CommandRefused("not-checked", "route.payload-invalid", path=payload, verdict=checked.verdict)
    return checked.facts
