"""What the commands of an operator work with: taken from a running daemon, or made for one command without it."""

from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from amtsbote.admin.apart import Scales
from amtsbote.api.adapter import AdapterKind
from amtsbote.api.bodies import Bodies
from amtsbote.api.persistence import Database
from amtsbote.daemon.composition import new_uuid
from amtsbote.daemon.settings import Mirror
from amtsbote.errors import Misconfigured
from amtsbote.keys.vault import Vault
from amtsbote.mailroom.parts import PartRoom
from amtsbote.model.content import SchemaRef
from amtsbote.model.event import Event
from routing.resolver import Resolver
from schemas.forms import Forms
from schemas.package import LoadedPackage


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What backing up and checking the store need beside it."""

    folder: Path
    """The data folder."""
    files: Bodies
    parts: PartRoom
    new_id: Callable[[], str]
    copy_database: Callable[[Path], None]
    """One consistent snapshot of all rows as a new, durable SQLite file; writers go on meanwhile. Raises
    `StorageFailed`, `Damaged`, `StoreRefused`."""


def nobody_to_wake() -> None:
    """For an office without a daemon: the rows suffice."""


def nothing_is_damaged(_: str) -> None:
    """For an office without registered standards."""


def nothing_is_loaded() -> None:
    """For an office without a daemon."""


def says_nothing(event: Event) -> bytes:
    """For an office without a public address."""
    raise ValueError(f"nobody can write {event.kind} here")


@dataclass(frozen=True, slots=True)
class Office:
    store: Database
    vault: Vault
    anchors: tuple[bytes, ...]
    """Certificates, DER, that every chain must end in."""
    schemas: Callable[[], Set[SchemaRef]]
    """Every schema a document can be judged by."""
    adapters: Mapping[str, AdapterKind]
    clock: Callable[[], datetime]
    changed: Callable[[], Awaitable[None]]
    """Called after the directory or the routing tables changed."""
    upkeep: Upkeep | None = None
    """None where there is no access to database and parts themselves."""
    event_bytes: Callable[[Event], bytes] = says_nothing
    """The exact payload bytes of an event, as the protocol has it."""
    routing_issuer: str = ""
    """Address of the routing API; empty for an office without a public address."""
    mirror: Mirror = field(default_factory=Mirror)
    """The node whose routing tables hold here, if any."""
    new_id: Callable[[], str] = new_uuid
    packages: tuple[LoadedPackage, ...] = ()
    """The service packages in use."""
    forms: Forms = field(default_factory=Forms)
    """Of the service packages."""
    lack: Callable[[str], Misconfigured | None] = nothing_is_damaged
    """Why a schema is unknown whose standard is registered, and damaged."""
    alone: bool = True
    """Whether no other node works on this store, so that a change need not settle."""
    scales: Scales = field(default_factory=Scales)
    """Where large routing tables are weighed."""
    present: Callable[[], Resolver | None] = nothing_is_loaded
    """The routing tables that a daemon has in memory."""
    wake: Callable[[], None] = nobody_to_wake
    """Called after a command has left work in the job table or an event to sign."""


async def nobody_to_tell() -> None:
    """For an office without a daemon."""
