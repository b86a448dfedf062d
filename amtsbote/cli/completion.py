"""`amtsbote completion`: what a shell needs to complete commands, options and their values."""

import sys
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import typer
from typer._completion_classes import completion_init
from typer._completion_shared import get_completion_script

PROGRAM: Final = "amtsbote"
_ASKS: Final = "_AMTSBOTE_COMPLETE"
"""Set by the script when a shell asks for words."""


def completion(shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="help.completion.shell")]) -> None:
    sys.stdout.write(get_completion_script(prog_name=PROGRAM, complete_var=_ASKS, shell=shell) + "\n")


def answer_shells(environ: Mapping[str, str]) -> None:
    """Let the library answer when a shell asks; nothing else pays for loading that part of it."""
    if _ASKS in environ:
        completion_init()
