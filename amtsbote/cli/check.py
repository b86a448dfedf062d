"""`amtsbote check`: is this document valid, before anybody sends it? Needs no installation and no daemon."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from amtsbote.admin.refusals import CommandRefused
from amtsbote.cli.options import AsJson
from amtsbote.cli.voice import Voice, as_json
from amtsbote.errors import AmtsboteError, Misconfigured
from amtsbote.model.schema import Finding, Layer, Severity, in_words
from schemas.confinement import HelperLimits
from schemas.helpers import HelperFailed
from schemas.package import bundled_packages
from schemas.preflight import Checked, Preflight, Verdict
from schemas.standards.library import Library

_EXITS: Final[Mapping[Verdict, int]] = {
    Verdict.VALID: 0,
    Verdict.INVALID: 1,
    Verdict.UNKNOWN: 2,
    Verdict.REFUSED: 3,
}


class NotChecked(AmtsboteError):
    """What is registered cannot be used: that says nothing about the document."""

    code: Final = "not-checked"

    def __init__(self, cause: Misconfigured) -> None:
        super().__init__(cause.en)
        self.de, self.en = cause.de, cause.en


def check(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="help.check.file", metavar="FILE")],
    *,
    schema: Annotated[str, typer.Option("--schema", metavar="URI", help="help.check.schema")] = "",
    registry: Annotated[Path | None, typer.Option("--registry", metavar="DIR", help="help.check.registry")] = None,
    values: Annotated[bool, typer.Option("--values", help="help.check.values")] = False,
    json: AsJson = False,
) -> int:
    voice: Voice = ctx.obj
    limits = HelperLimits()
    library = Library(registry) if registry is not None else None
    content = _content(file, limits.document_bytes)
    try:
        checked = Preflight(bundled_packages(), library, limits, quoting=values).check(content, schema)
    except HelperFailed as cause:
        raise CommandRefused("not-checked", f"preflight.failed.{cause.reason}") from cause
    except Misconfigured as cause:
        raise NotChecked(cause) from cause
    if json:
        as_json({**asdict(checked), "layers": in_words(checked.layers)})
    else:
        _show(voice, checked)
    return _EXITS[checked.verdict]


def _content(file: Path, limit: int) -> bytes:
    """One byte more than allowed at most: a larger file is refused without being read whole."""
    try:
        with file.open("rb") as stream:
            return stream.read(limit + 1)
    except OSError as cause:
        raise CommandRefused("not-found", "preflight.no-file", path=file, reason=cause.strerror) from cause


def _show(voice: Voice, checked: Checked) -> None:
    voice.line(voice.say(f"preflight.{checked.verdict}", schema=checked.schema or "–", package=checked.package))
    for layer in Layer if checked.verdict is not Verdict.UNKNOWN else ():
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
    outcome = voice.say(f"preflight.outcome.{checked.layers[layer]}")
    return f"{voice.say(f'preflight.layer.{layer}')}: {outcome}{told}"


def _tell(voice: Voice, finding: Finding) -> None:
    place = ", ".join(
        filter(None, (finding.path, voice.say("preflight.line", line=finding.line) if finding.line else ""))
    )
    mark = f"{voice.say('preflight.warning')}: " if finding.severity is Severity.WARNING else ""
    field = f"{finding.field}: " if finding.field else ""
    voice.line(f"\n{mark}{field}{finding.de if voice.language == 'de' else finding.en}")
    voice.line(f"  {finding.code}  {place}{f'  ({finding.type_name})' if finding.type_name else ''}")
