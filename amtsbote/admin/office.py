"""What the commands of an operator work with: taken from a running daemon, or made for one command without it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from amtsbote.api.adapter import AdapterKind
from amtsbote.api.persistence import Store
from amtsbote.keys.vault import Vault
from amtsbote.model.schema import ServicePackage


@dataclass(frozen=True, slots=True)
class Office:
    store: Store
    vault: Vault
    anchors: tuple[bytes, ...]
    """Certificates, DER, that every chain must end in."""
    packages: tuple[ServicePackage, ...]
    adapters: Mapping[str, AdapterKind]
    clock: Callable[[], datetime]
    changed: Callable[[], Awaitable[None]]
    """Called after the directory or the routing tables changed."""


async def nobody_to_tell() -> None:
    """For an office without a daemon."""
