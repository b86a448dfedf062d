"""`amtsbote doctor`: what separates this installation from production."""

import typer

from amtsbote.admin.doctor import examine, survey
from amtsbote.admin.doctor_advice import Advice, Level
from amtsbote.cli import exits
from amtsbote.cli.options import DEFAULT_CONFIG, AsJson, Config
from amtsbote.cli.voice import Voice, as_json
from amtsbote.daemon.composition import utc_now
from amtsbote.daemon.settings import Settings


def doctor(ctx: typer.Context, *, config: Config = DEFAULT_CONFIG, json: AsJson = False) -> int:
    voice: Voice = ctx.obj
    found = examine(survey(config, Settings.load(config), utc_now()))
    errors, warnings = (sum(one.level is level for one in found) for level in (Level.ERROR, Level.WARNING))
    if json:
        as_json({"findings": [_document(one) for one in found], "errors": errors, "warnings": warnings})
    else:
        for one in found:
            _tell(voice, one)
        voice.line("\n" + voice.say("doctor-summary.count", errors=errors, warnings=warnings))
    return exits.FAILED if errors else exits.FINE


def _tell(voice: Voice, advice: Advice) -> None:
    voice.line(f"{voice.say(f'doctor-level.{advice.level}'):9} {advice.what(voice.language)}")
    todo = advice.todo(voice.language)
    if todo is not None:
        voice.line(f"{'':9} → {todo}")


def _document(advice: Advice) -> dict[str, object]:
    return {
        "level": advice.level,
        "code": advice.code,
        "de": advice.what("de"),
        "en": advice.what("en"),
        "todo_de": advice.todo("de"),
        "todo_en": advice.todo("en"),
    }
