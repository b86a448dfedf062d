"""Entries of the directory as JSON bodies: one kind per dataclass of `amtsbote.model.directory`."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter

from amtsbote.api.persistence import DirectoryEntry
from amtsbote.model.directory import (
    Authority,
    Client,
    ClientRole,
    Destination,
    Editor,
    KeyEntry,
    Portal,
    Target,
    Tenant,
)

E = TypeVar("E")
_BYTES: Final = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class EntryKind(Generic[E]):
    """How one kind of entry is named, owned, written and read."""

    def __init__(self, name: str, sort: type[E], id_of: Callable[[E], str], tenant_of: Callable[[E], str | None]):
        self.name = name
        self.sort = sort
        self.id_of = id_of
        self.tenant_of = tenant_of
        self._adapter = TypeAdapter(list[sort], config=_BYTES)  # type: ignore[valid-type]

    def encode(self, entry: E) -> str:
        """Raises `ValueError` for an entry that would be read back differently, e.g. with a value of a wrong type."""
        listed = self._adapter.dump_json([entry], fallback=_plain, warnings=False)
        if self._adapter.validate_json(listed) != [entry]:
            raise ValueError(f"this {self.name} does not survive being stored: {self.id_of(entry)}")
        return listed[1:-1].decode()

    def decode(self, bodies: Iterable[str]) -> Mapping[Any, E]:
        """All entries of this kind by id."""
        entries: list[E] = self._adapter.validate_json(f"[{','.join(bodies)}]")
        return MappingProxyType({self.id_of(entry): entry for entry in entries})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot stand in the directory")


def _owner(client: Client) -> str | None:
    """A subscriber belongs to its tenant; a sender belongs to a portal, which no tenant owns."""
    return client.owner if client.role is ClientRole.SUBSCRIBER else None


TENANTS: Final = EntryKind("tenant", Tenant, lambda entry: entry.id, lambda entry: entry.id)
PORTALS: Final = EntryKind("portal", Portal, lambda entry: entry.id, lambda _: None)
CLIENTS: Final = EntryKind("client", Client, lambda entry: entry.id, _owner)
DESTINATIONS: Final = EntryKind("destination", Destination, lambda entry: entry.id, lambda entry: entry.tenant)
AUTHORITIES: Final = EntryKind("authority", Authority, lambda entry: entry.id, lambda entry: entry.tenant)
TARGETS: Final = EntryKind("target", Target, lambda entry: entry.id, lambda entry: entry.tenant)
KEYS: Final = EntryKind("key", KeyEntry, lambda entry: entry.kid, lambda entry: entry.tenant)
EDITORS: Final = EntryKind("editor", Editor, lambda entry: entry.id, lambda _: None)

_BY_SORT: Final[Mapping[type, EntryKind[Any]]] = {
    kind.sort: kind for kind in (TENANTS, PORTALS, CLIENTS, DESTINATIONS, AUTHORITIES, TARGETS, KEYS, EDITORS)
}


def kind_of(entry: DirectoryEntry) -> EntryKind[Any]:
    return _BY_SORT[type(entry)]
