"""What the commands of an operator work with: taken from a running daemon, or made for one command without it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from amtsbote.api.adapter import AdapterKind
from amtsbote.api.persistence import Store
from amtsbote.errors import AmtsboteError
from amtsbote.keys.vault import Vault
from amtsbote.model.schema import ServicePackage
from amtsbote.text.catalogue import say


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


class CommandRefused(AmtsboteError):
    """A command that cannot be carried out, in both languages: whoever asked may read another one than the daemon."""

    def __init__(self, code: str, key: str, **values: object) -> None:
        self.code = code
        self.de = say(key, "de", **values)
        self.en = say(key, "en", **values)
        super().__init__(code, self.en)
