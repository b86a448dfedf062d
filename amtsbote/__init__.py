"""Amtsbote: interoperability message broker for German public administration."""

from typing import Final

__version__: Final = "0.1.0"
