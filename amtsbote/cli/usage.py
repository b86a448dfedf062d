"""A command line that cannot be read, said in the words of the catalogue. Names of options stay as they are."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from amtsbote.admin.refusals import CommandRefused
from amtsbote.errors import Language
from amtsbote.text.catalogue import say
from amtsbote.text.findings import finding


def usage_refusal(error: typer.TyperException, help_at: str) -> CommandRefused:
    """Code `usage`. `help_at`: the command line that shows the help."""
    refused = CommandRefused("usage", "cli.usage", reason="", help=help_at)
    refused.de = say("cli.usage", "de", reason=_reason(error, "de"), help=help_at)
    refused.en = say("cli.usage", "en", reason=_reason(error, "en"), help=help_at)
    return refused


def _reason(error: typer.TyperException, language: Language) -> str:
    found = next(_BY_CLASS[one.__name__] for one in type(error).__mro__ if one.__name__ in _BY_CLASS)
    return found(error, language)


def _no_option(error: Any, language: Language) -> str:
    near = sorted(error.possibilities or ())
    if near:
        return say("usage.no-option-near", language, name=error.option_name, near=", ".join(near))
    return say("usage.no-option", language, name=error.option_name)


def _missing(error: Any, language: Language) -> str:
    return say("usage.missing", language, name=_name(error))


def _value(error: Any, language: Language) -> str:
    if getattr(getattr(error.param, "type_descriptor", None), "annotation", None) is datetime:
        return say("usage.day", language, name=_name(error))
    cause = error.__cause__
    items: list[Any] = (
        cause.errors(include_url=False, include_input=False) if isinstance(cause, ValidationError) else []
    )
    why = finding(items[0] if items else {"type": ""}).sentence(language)
    return say("usage.value", language, name=_name(error), why=why)


def _option(error: Any, language: Language) -> str:
    return say("usage.option", language, name=error.option_name)


def _command(error: Any, language: Language) -> str:
    """Everything else: a group without one of its commands, or a command with words too many."""
    command = getattr(error, "cmd", None)
    if isinstance(command, TyperGroup):
        return say("usage.command", language, known=", ".join(command.commands))
    return say("usage.too-many", language)


_BY_CLASS: Final[Mapping[str, Callable[[Any, Language], str]]] = {
    "NoSuchOption": _no_option,
    "MissingParameter": _missing,
    "BadParameter": _value,
    "BadOptionUsage": _option,
    "TyperException": _command,
}
"""The library's exceptions by name: it does not publish the classes."""


def _name(error: Any) -> str:
    """The option or the argument as its help shows it."""
    parameter = error.param
    if parameter is None:
        return ""
    return str(parameter.get_error_hint()).strip("'")
