"""What every room of the mailroom works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from amtsbote.api.persistence import Store
from amtsbote.keys.vault import Vault
from amtsbote.mailroom.eventlog import EventLog
from amtsbote.mailroom.parts import PartRoom
from amtsbote.model.directory import Directory


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes of what was received (encrypted)."""

    attachment: int
    attachments: int
    attachments_total: int


@dataclass(frozen=True, slots=True)
class Desk:
    store: Store
    parts: PartRoom
    log: EventLog
    directory: Callable[[], Directory]
    """The directory as it is now."""
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    """A fresh UUID."""
    wake: Callable[[], None]
    """Tells the runner that there is work."""
    limits: Limits
    vault: Vault
