"""The HTTP API for the editors of the routing tables: what they may at the admin socket, from other machines."""

from amtsbote.editing.application import Application, editing_application

__all__ = ["Application", "editing_application"]
