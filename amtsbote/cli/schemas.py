"""`amtsbote schemas`: add, list, show, verify, remove, diff, on the folder of registered standards, daemon or not; and
recheck, of the messages that are held because they could not be judged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli import exits
from amtsbote.cli.folders import existing
from amtsbote.cli.looking import Columns, asked, show_rows
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.composition import utc_now
from amtsbote.daemon.settings import Settings
from schemas.plan import Grade
from schemas.standards.apart import register_apart
from schemas.standards.choosing import Wanted
from schemas.standards.contents import Contents, DamagedStandard
from schemas.standards.difference import Change, Effect, counted
from schemas.standards.library import Library
from schemas.standards.lock import Grades, Lock, LockedSample
from schemas.standards.order import Order, Step
from schemas.standards.plans import uri_of
from schemas.standards.versions import differences

Registry = Annotated[Path | None, typer.Option("--registry", metavar="DIR", help="help.schemas.registry")]
Standard = Annotated[str, typer.Argument(help="help.schemas.standard", metavar="STANDARD")]
_COLUMNS: Final[Columns] = (
    ("column.standard", "standard"),
    ("column.title", "title"),
    ("column.messages", "messages"),
    ("column.engine", "engine"),
    ("column.registered", "registered_at"),
)
_GRADES: Final = frozenset(grade.value for grade in Grade)
_SHOWN: Final = 30
_LONGEST: Final = 60


def group() -> typer.Typer:
    app = typer.Typer(help="help.schemas")
    app.command("add", help="help.schemas.add")(add)
    app.command("list", help="help.schemas.list")(listing)
    app.command("show", help="help.schemas.show")(show)
    app.command("verify", help="help.schemas.verify")(verify)
    app.command("remove", help="help.schemas.remove")(remove)
    app.command("diff", help="help.schemas.diff")(diff)
    app.command("recheck", help="help.schemas.recheck")(recheck)
    return app


def recheck(
    ctx: typer.Context,
    *,
    dry: Annotated[bool, typer.Option("--dry-run", help="help.schemas.dry-run")] = False,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    answer = asked("schemas.recheck", {"dry": dry}, config)
    if json:
        as_json(answer)
        return
    for letter in answer["held"] if dry else answer["retried"]:
        voice.line(letter)
    held, retried = len(answer["held"]), len(answer["retried"])
    voice.line(voice.say("schemas.recheck.dry" if dry else "schemas.recheck.done", held=held, retried=retried))


def add(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(help="help.schemas.path", metavar="PATH")],
    *,
    catalog: Annotated[Path | None, typer.Option("--catalog", metavar="FILE", help="help.schemas.catalog")] = None,
    kennung: Annotated[str, typer.Option("--kennung", metavar="URN", help="help.schemas.kennung")] = "",
    version: Annotated[str, typer.Option("--version", help="help.schemas.version")] = "",
    entry: Annotated[list[str] | None, typer.Option("--entry", metavar="FILE", help="help.schemas.entry")] = None,
    when: Annotated[list[str] | None, typer.Option("--when", metavar="XPATH", help="help.schemas.when")] = None,
    large_texts: Annotated[bool, typer.Option("--large-texts", help="help.schemas.large-texts")] = False,
    references: Annotated[Grade | None, typer.Option("--references", help="help.schemas.references")] = None,
    lists: Annotated[Grade | None, typer.Option("--lists", help="help.schemas.list-grade")] = None,
    by_list: Annotated[
        list[str] | None, typer.Option("--list", metavar="URI=GRADE", help="help.schemas.by-list")
    ] = None,
    registry: Registry = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    library = Library(registry) if registry is not None else _library(None, config)

    def tell(step: Step) -> None:
        if not json:
            typer.echo(voice.say(f"schemas.step.{step}"), err=True)

    grades = _grades(references, lists, by_list or [])
    wanted = Wanted(kennung, version, tuple(entry or ()), grades, tuple(when or ()), large_texts)
    outside = catalog.absolute() if catalog is not None else None
    registered = register_apart(Order(library.folder, path.absolute(), wanted, outside, utc_now()), tell)
    if json:
        as_json({**_document(registered.lock), "new": registered.new})
    else:
        _report(voice, registered.lock, "schemas.added" if registered.new else "schemas.known")


def _grades(references: Grade | None, lists: Grade | None, by_list: list[str]) -> Grades | None:
    if references is None and lists is None and not by_list:
        return None
    single: dict[str, Grade] = {}
    for each in by_list:
        uri, _, grade = each.rpartition("=")
        if not uri or grade not in _GRADES:
            raise CommandRefused("invalid-value", "schemas.bad-grade", value=each)
        single[uri] = Grade(grade)
    return Grades(references=references or Grade.WARNING, lists=lists or Grade.WARNING, by_list=single)


def _report(voice: Voice, lock: Lock, key: str) -> None:
    voice.line(voice.say(key, standard=lock.identity, files=len(lock.documents), messages=len(lock.messages)))
    for line in _about_samples(voice, lock):
        voice.line(line)
    if lock.missing_lists:
        voice.line(voice.say("schemas.lists.missing", count=len(lock.missing_lists)))
    for copy in lock.copies:
        voice.line(voice.say("schemas.copy", name=copy))
    for doubt in lock.doubts:
        voice.line(voice.say("schemas.doubt", text=doubt))
    for line in _about_rules(voice, lock):
        voice.line(line)


def _about_samples(voice: Voice, lock: Lock) -> Iterator[str]:
    for sample in lock.samples:
        if sample.late:
            yield voice.say("schemas.sample.late", name=sample.name, seconds=sample.late)
        elif not sample.valid:
            yield _not_valid(voice, sample)
        if sample.second not in (None, sample.valid):
            yield voice.say("schemas.sample.disagree", name=sample.name)
    for name in lock.unfitting:
        yield voice.say("schemas.sample.unfitting", name=name)
    if judged := [sample for sample in lock.samples if not sample.late]:
        valid = sum(sample.valid for sample in judged)
        yield voice.say("schemas.samples", valid=valid, count=len(judged))


def _not_valid(voice: Voice, sample: LockedSample) -> str:
    if not sample.code:
        return voice.say("schemas.sample.invalid", name=sample.name)
    reason = sample.reason_de if voice.language == "de" else sample.reason
    return voice.say("schemas.sample.wrong", name=sample.name, code=sample.code, reason=reason)


def _about_rules(voice: Voice, lock: Lock) -> Iterator[str]:
    for name in lock.breaking:
        yield voice.say("schemas.sample.breaking", name=name)
    if lock.schematron and not lock.rules:
        yield voice.say("schemas.rules.untried")
    valid = any(sample.valid for sample in lock.samples)
    for rules in lock.rules:
        if rules.objection:
            text = rules.objection_de if voice.language == "de" else rules.objection
            yield voice.say("schemas.rules.unusable", text=text)
        elif not rules.fired:
            unmet = "schemas.rules.silent" if valid else "schemas.rules.unproven"
            yield voice.say("schemas.rules.foreign" if rules.foreign else unmet, name=rules.name)


def listing(
    ctx: typer.Context, *, registry: Registry = None, config: Config = DEFAULT_CONFIG, json: AsJson = False
) -> None:
    voice: Voice = ctx.obj
    contents = _library(registry, config).contents()
    found = [_line(lock) for lock in contents.standards]
    if json:
        as_json({"standards": found, "damaged": _damages(contents.damaged)})
        return
    show_rows(voice, _COLUMNS, found)
    _tell_damages(voice, contents.damaged)


def _tell_damages(voice: Voice, damaged: Sequence[DamagedStandard]) -> None:
    for each in damaged:
        text = each.why.de if voice.language == "de" else each.why.en
        voice.line(voice.say("schemas.damaged", standard=each.name, text=text))


def _damages(damaged: Sequence[DamagedStandard]) -> list[Mapping[str, str]]:
    return [{"standard": each.name, "de": each.why.de, "en": each.why.en} for each in damaged]


def show(
    ctx: typer.Context,
    standard: Standard,
    *,
    registry: Registry = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    lock = _library(registry, config).find(standard)
    if json:
        as_json(_document(lock))
        return
    voice.line(f"{lock.identity}  {lock.title}  {lock.registered_at:%Y-%m-%d}")
    _listed(voice, "schemas.messages", [uri_of(lock, root) for root in lock.messages])
    _listed(voice, "schemas.documents", [f"{each.name}  {each.namespace}" for each in lock.documents])
    _listed(voice, "schemas.lists", [f"{each.uri} {each.version}  {each.title}" for each in lock.code_lists])
    _listed(voice, "schemas.lists.not-here", list(lock.missing_lists))
    _listed(voice, "schemas.rules", list(lock.schematron))
    _listed(voice, "schemas.when", list(lock.when))
    _report(voice, lock, "schemas.known")


def _listed(voice: Voice, heading: str, lines: list[str]) -> None:
    voice.line(f"\n{voice.say(heading)}: {len(lines)}")
    for line in lines[:_SHOWN]:
        voice.line(f"  {line}")
    if len(lines) > _SHOWN:
        voice.line(f"  … {voice.say('schemas.more')}")


def verify(
    ctx: typer.Context,
    standard: Annotated[str | None, typer.Argument(help="help.schemas.standard", metavar="STANDARD")] = None,
    *,
    registry: Registry = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> int:
    voice: Voice = ctx.obj
    library = _library(registry, config)
    contents = library.contents() if standard is None else _alone(library.look_up(standard))
    changed = {str(lock.identity): dict(library.changes(lock)) for lock in contents.standards}
    if json:
        count = sum(map(len, changed.values()))
        as_json({"standards": changed, "changed": count, "damaged": _damages(contents.damaged)})
    else:
        _tell_changes(voice, changed)
        _tell_damages(voice, contents.damaged)
    return exits.FAILED if contents.damaged or any(changed.values()) else exits.FINE


def _alone(found: Lock | DamagedStandard) -> Contents:
    return Contents((), (found,)) if isinstance(found, DamagedStandard) else Contents((found,))


def _tell_changes(voice: Voice, changed: Mapping[str, Mapping[str, str]]) -> None:
    for identity, files in changed.items():
        voice.line(voice.say("schemas.unchanged" if not files else "schemas.changed", standard=identity))
        for path, what in files.items():
            voice.line(f"  {voice.say(f'schemas.change.{what}')}: {path}")


def remove(
    ctx: typer.Context,
    standard: Standard,
    *,
    registry: Registry = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    library = _library(registry, config)
    found = library.look_up(standard)
    library.remove(found)
    name = found.name if isinstance(found, DamagedStandard) else str(found.identity)
    if json:
        as_json({"removed": name})
    else:
        voice.line(voice.say("schemas.removed", standard=name))


def diff(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(help="help.schemas.standard", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="help.schemas.standard", metavar="NEW")],
    *,
    registry: Registry = None,
    config: Config = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    voice: Voice = ctx.obj
    library = _library(registry, config)
    before, after = library.find(old), library.find(new)
    changes = differences(library, before, after)
    counts = {effect.value: count for effect, count in counted(changes).items()}
    if json:
        found = [asdict(change) for change in changes]
        as_json({"old": str(before.identity), "new": str(after.identity), **counts, "changes": found})
        return
    for effect in Effect:
        voice.line(voice.say(f"schemas.effect.{effect}", count=counts[effect.value]))
        for change in changes:
            if change.effect is effect:
                voice.line(f"  {change.place}: {voice.say(f'schemas.what.{change.what}')}{_from_to(change)}")


def _from_to(change: Change) -> str:
    if not change.old and not change.new:
        return ""
    return f" ({_short(change.old)} → {_short(change.new)})"


def _short(text: str) -> str:
    """A pattern over all letters of DIN 91379 fills a screen."""
    return "–" if not text else text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _library(registry: Path | None, config: Path) -> Library:
    """The folder named, which must be there, else the installation's."""
    return Library(existing(registry) if registry is not None else Settings.load(config).schemas.registry)


def _line(lock: Lock) -> Mapping[str, Any]:
    return {
        "standard": str(lock.identity),
        "title": lock.title,
        "messages": str(len(lock.messages)),
        "engine": ", ".join(dict.fromkeys(unit.engine.value for unit in lock.units)),
        "registered_at": lock.registered_at.isoformat(timespec="seconds"),
    }


def _document(lock: Lock) -> dict[str, Any]:
    missing = list(lock.missing_lists)
    return {"standard": str(lock.identity), **lock.model_dump(mode="json"), "missing_lists": missing}
