"""`amtsbote`: choose the language, build the commands in it, run one, and say errors in one sentence."""

import os
import sys
import traceback
from collections.abc import Sequence
from itertools import zip_longest
from typing import Annotated, Any, Final, Literal

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from amtsbote.admin.refusals import CommandRefused, as_refusal
from amtsbote.cli import (
    apply,
    check,
    completion,
    config,
    doctor,
    exits,
    init,
    keys,
    migrate,
    packages,
    schemas,
    sending,
    serve,
    submissions,
    upkeep,
    version,
)
from amtsbote.cli.administration import add_administration
from amtsbote.cli.completion import PROGRAM
from amtsbote.cli.usage import usage_refusal
from amtsbote.cli.voice import Voice, as_json, printable
from amtsbote.errors import AmtsboteError, Language
from amtsbote.text.catalogue import TABLE, language_of, say

_SAID_AS_IT_IS: Final = frozenset({"usage", "interrupted", "unexpected"})
"""Refusals of the command line itself: their sentence says what kind of error it is."""


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; returns the exit code."""
    language = language_of(os.environ, _explicit_language(arguments))
    voice = Voice(language)
    machine = "--json" in arguments
    completion.answer_shells(os.environ)
    try:
        command = typer.main.get_command(build(language))
        translate(command, language)
        code = command.main(list(arguments) or ["--help"], PROGRAM, standalone_mode=False, obj=voice)
    except typer.TyperException as error:
        return _refused(voice, usage_refusal(error, f"{PROGRAM} --help"), machine)
    except typer.Abort:
        return _refused(voice, CommandRefused("interrupted", "cli.interrupted"), machine)
    except AmtsboteError as error:
        return _refused(voice, error, machine)
    except BrokenPipeError:
        return exits.NO_RESULT
    except Exception as error:  # noqa: BLE001  (a person gets a sentence, never a traceback unasked)
        return _unexpected(voice, error, machine)
    return code if isinstance(code, int) else exits.FINE


def build(language: Language) -> typer.Typer:
    """The commands, with the text of the program itself in `language`; `translate` does the rest."""
    app = typer.Typer(
        help=f"{say('help.app', language)}\n\n{_exit_codes(language)}",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(_global)
    app.command(help="help.init")(init.init)
    app.command(help="help.serve")(serve.serve)
    app.command(help="help.apply")(apply.apply)
    looking = typer.Typer(help="help.submissions")
    looking.command("list", help="help.submissions.list")(submissions.listing)
    looking.command("show", help="help.submissions.show")(submissions.show)
    looking.command("trace", help="help.submissions.trace")(submissions.trace)
    looking.command("send", help="help.submissions.send")(sending.send)
    app.add_typer(looking, name="submissions")
    app.command(help="help.doctor")(doctor.doctor)
    settled = typer.Typer(help="help.config-group")
    settled.command("check", help="help.config.check")(config.check)
    app.add_typer(settled, name="config")
    app.command(help="help.completion")(completion.completion)
    app.add_typer(keys.group(), name="keys")
    app.add_typer(schemas.group(), name="schemas")
    app.add_typer(packages.group(), name="packages")
    app.command(help="help.check")(check.check)
    add_administration(app)
    app.command(help="help.backup")(upkeep.backup)
    app.command(help="help.restore")(upkeep.restore)
    storing = typer.Typer(help="help.store")
    storing.command("check", help="help.store.check")(upkeep.check)
    storing.command("migrate", help="help.store.migrate")(migrate.migrate)
    app.add_typer(storing, name="store")
    app.command(help="help.version")(version.version)
    return app


def translate(command: Any, language: Language) -> None:
    """Put the sentences of the catalogue in place of their keys, through the whole tree of commands."""
    command.help = _sentence(command.help, language)
    command.rich_help_panel = say("help.panel.commands", language)
    own_help = command.get_help_option(typer.Context(command))
    for parameter in (*command.params, own_help):
        if isinstance(parameter, TyperOption | TyperArgument):
            parameter.help = _sentence(parameter.help, language)
            panel = "arguments" if isinstance(parameter, TyperArgument) else "options"
            parameter.rich_help_panel = say(f"help.panel.{panel}", language)
    own_help.help = say("help.help", language)
    if isinstance(command, TyperGroup):
        for inner in command.commands.values():
            translate(inner, language)


def _global(
    lang: Annotated[Literal["de", "en"] | None, typer.Option("--lang", help="help.lang")] = None,
) -> None:
    """`lang` is read by `run` before the commands are built; it is declared here for the help and to be refused."""


def _sentence(key: str | None, language: Language) -> str | None:
    return say(key, language) if key is not None and key in TABLE else key


def _exit_codes(language: Language) -> str:
    lines = [f"{code}: {say(f'exit.{code}', language)}" for code in exits.ALL]
    return "\n\n".join([say("help.exits", language), *lines])


def _explicit_language(arguments: Sequence[str]) -> str | None:
    """The value of `--lang`, which must be known before the commands can be built."""
    for argument, following in zip_longest(arguments, arguments[1:]):
        if argument == "--lang":
            return following
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return None


def _refused(voice: Voice, error: AmtsboteError, machine: bool) -> int:
    refusal = as_refusal(error)
    if machine:
        as_json({"error": refusal})
        return exits.exit_of(refusal["code"])
    own = refusal["code"] in _SAID_AS_IT_IS
    _complain(refusal[voice.language] if own else voice.say("cli.error", reason=refusal[voice.language]))
    for mistake in refusal.get("mistakes", ()):
        line = voice.say("cli.line", number=mistake["line"]) if mistake.get("line") else ""
        place = ", ".join(filter(None, (line, mistake["place"])))
        _complain(f"  {place}: {mistake[voice.language]}" if place else f"  {mistake[voice.language]}")
    return exits.exit_of(refusal["code"])


def _unexpected(voice: Voice, error: Exception, machine: bool) -> int:
    if os.environ.get("AMTSBOTE_TRACEBACK"):
        traceback.print_exception(error)
    return _refused(voice, CommandRefused("unexpected", "cli.internal", name=type(error).__name__), machine)


def _complain(sentence: str) -> None:
    sys.stderr.write(f"{printable(sentence)}\n")
