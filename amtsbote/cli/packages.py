"""`amtsbote packages`: list, show, test. Of the product, of the installation, or of a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from amtsbote.cli import exits
from amtsbote.cli.looking import Columns, show_rows
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.settings import Settings
from amtsbote.text.catalogue import say
from schemas.confinement import HelperLimits
from schemas.package import LoadedPackage, bundled_packages, find_package, installed_packages, load_package
from schemas.service_file import DeclaredRouting, XmlSchema
from schemas.trying import Trouble, troubles

_COLUMNS: Final[Columns] = (
    ("column.package", "package"),
    ("column.title", "title"),
    ("column.services", "services"),
    ("column.schemas", "forms"),
    ("column.samples", "samples"),
)


def group() -> typer.Typer:
    app = typer.Typer(help="help.packages")
    app.command("list", help="help.packages.list")(listing)
    app.command("show", help="help.packages.show")(show)
    app.command("test", help="help.packages.test")(try_out)
    return app


def listing(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> None:
    voice: Voice = ctx.obj
    found = _installed(config)
    if json:
        as_json({"packages": [_document(package) for package in found]})
    else:
        show_rows(voice, _COLUMNS, [_line(voice, package) for package in found])


def show(
    ctx: typer.Context,
    package: Annotated[str, typer.Argument(help="help.packages.package", metavar="PACKAGE")],
    *,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    found = find_package(package, _installed(config))
    if json:
        as_json(_document(found))
        return
    declared = found.declared
    voice.line(f"{declared.name}_{declared.version}  {getattr(declared.title, voice.language)}")
    voice.line(getattr(declared.description, voice.language))
    for service in declared.services:
        voice.line(f"\n{voice.say('packages.service', service=service)}")
        for default in declared.routing:
            if service in (default.services or declared.services):
                voice.line(f"  {_default(voice, default)}")
    for schema in declared.schemas:
        voice.line(f"\n{schema.uri}  ({schema.mime_type})")
        for name, fact in schema.facts.items():
            voice.line(f"  {name}: {getattr(fact, voice.language)}")
            voice.line(f"    {fact.at}")
        for rule in schema.rules if isinstance(schema, XmlSchema) else ():
            voice.line(f"  {voice.say('packages.rule', rule=rule.id, sentence=getattr(rule, voice.language))}")
    for mapping in declared.mappings:
        voice.line(f"\n{voice.say('packages.mapping', source=mapping.source, target=mapping.target)}")


def try_out(
    ctx: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="help.packages.path", metavar="PATH")] = None,
    *,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> int:
    voice: Voice = ctx.obj
    packages = _installed(config) if path is None else (load_package(path),)
    found = {package.key: (package, list(troubles(package, HelperLimits()))) for package in packages}
    if json:
        as_json({"packages": {key: [_told(each) for each in wrong] for key, (_, wrong) in found.items()}})
    for package, wrong in found.values() if not json else ():
        key = "packages.wrong" if wrong else "packages.right"
        count = len(package.declared.samples)
        voice.line(voice.say(key, package=package.key, count=count, troubles=len(wrong)))
        for trouble in wrong:
            voice.line(f"  {_told(trouble)[voice.language]}")
    return exits.FAILED if any(wrong for _, wrong in found.values()) else exits.FINE


def _default(voice: Voice, rule: DeclaredRouting) -> str:
    """E.g. `weiterer Empfänger unb, wenn monat=3..9`."""
    where = voice.say("packages.routing.region", region=rule.region) if rule.region else ""
    when = voice.say("packages.routing.when", condition=rule.when) if rule.when else ""
    place = voice.say("packages.routing.place", fact=rule.place) if rule.place else ""
    return ", ".join(filter(None, [voice.say(f"packages.routing.{rule.kind}", role=rule.role), where, when, place]))


def _installed(config: Path) -> tuple[LoadedPackage, ...]:
    """Those of the installation; without one, those of the product."""
    return installed_packages(Settings.load(config).schemas.packages) if config.is_file() else bundled_packages()


def _told(trouble: Trouble) -> Mapping[str, str]:
    values = {"name": trouble.name, "expected": trouble.expected, "found": trouble.found}
    de, en = (say(f"packages.defect.{trouble.defect}", language, **values) for language in ("de", "en"))
    return {"defect": trouble.defect, **values, "de": de, "en": en}


def _line(voice: Voice, package: LoadedPackage) -> Mapping[str, Any]:
    declared = package.declared
    return {
        "package": package.key,
        "title": getattr(declared.title, voice.language),
        "services": list(declared.services),
        "forms": [schema.mime_type.removeprefix("application/") for schema in declared.schemas],
        "samples": str(len(declared.samples)),
    }


def _document(package: LoadedPackage) -> dict[str, Any]:
    return {
        "package": package.key,
        "folder": str(package.folder),
        **package.declared.model_dump(mode="json", by_alias=True),
    }
