"""Options that several commands share. Help texts are keys of the catalogue; `entry` translates them."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="help.json")]
Config = Annotated[Path, typer.Option("--config", envvar="AMTSBOTE_CONFIG", help="help.config", metavar="FILE")]
DEFAULT_CONFIG = Path("amtsbote.toml")
