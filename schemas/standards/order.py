"""What is to be registered, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from schemas.standards.choosing import Wanted
from schemas.standards.lock import Lock

Step = Literal["read", "resolve", "compile", "samples", "rules"]


@dataclass(frozen=True, slots=True)
class Order:
    """Its paths are absolute."""

    registry: Path
    path: Path
    """Folder or ZIP."""
    wanted: Wanted
    catalog: Path | None
    """An OASIS catalogue beside the set."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Registered:
    lock: Lock
    new: bool
    """False when the very same files were registered before."""
