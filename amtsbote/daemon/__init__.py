"""The composition root: builds everything once, wires it, runs it, and closes it in reverse order."""

from amtsbote.daemon.composition import Daemon, compose
from amtsbote.daemon.settings import Settings

__all__ = ["Daemon", "Settings", "compose"]
