"""The command line: thin. It reads options, asks the office, and shows the answer."""

from amtsbote.cli.entry import main

__all__ = ["main"]
