"""What a declaration would change: entries compared field by field, shown without secrets."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from amtsbote.admin.hidden import mark_changed, shown_options
from amtsbote.api.adapter import AdapterKind
from amtsbote.api.persistence import DirectoryEntry
from amtsbote.model.directory import (
    Authority,
    Client,
    Destination,
    Directory,
    Editor,
    KeyEntry,
    Portal,
    Target,
    Tenant,
)
from amtsbote.model.shown import View, plain, shown, shown_change

Action = Literal["added", "changed", "removed"]
_NO_ADAPTERS: Final[Mapping[str, AdapterKind]] = MappingProxyType({})

TABLES: Final[tuple[tuple[str, str, type], ...]] = (
    ("tenant", "tenants", Tenant),
    ("portal", "portals", Portal),
    ("client", "clients", Client),
    ("target", "targets", Target),
    ("authority", "authorities", Authority),
    ("key", "keys", KeyEntry),
    ("destination", "destinations", Destination),
    ("editor", "editors", Editor),
)
"""Kind, its mapping in the directory, its type: in the order a person reads a difference."""


@dataclass(frozen=True, slots=True)
class Change:
    action: Action
    kind: str
    id: str
    before: View | None
    after: View | None

    def fields(self) -> dict[str, dict[str, Any]]:
        """Name → before and after, of the fields that differ."""
        before, after = self.before or {}, self.after or {}
        names = dict.fromkeys([*before, *after])
        return {
            name: {"before": before.get(name), "after": after.get(name)}
            for name in names
            if before.get(name) != after.get(name)
        }


def kind_of(entry: DirectoryEntry) -> str:
    return next(kind for kind, _, entry_type in TABLES if isinstance(entry, entry_type))


def id_of(entry: DirectoryEntry) -> str:
    return entry.kid if isinstance(entry, KeyEntry) else entry.id


def changes(
    directory: Directory,
    wanted: Sequence[DirectoryEntry],
    removed: Sequence[DirectoryEntry],
    adapters: Mapping[str, AdapterKind],
) -> tuple[tuple[Change, DirectoryEntry], ...]:
    """Each entry that would change, with what would become of it; entries that stay the same are left out.

    `adapters` tell which options of a target are secret."""
    found: list[tuple[Change, DirectoryEntry]] = []
    for kind, table, entry_type in TABLES:
        present: Mapping[str, DirectoryEntry] = getattr(directory, table)
        for entry in (one for one in wanted if isinstance(one, entry_type)):
            change = _compared(kind, present.get(id_of(entry)), entry, adapters)
            if change is not None:
                found.append((change, entry))
        gone = (one for one in removed if isinstance(one, entry_type))
        found += [(Change("removed", kind, id_of(entry), view(entry, adapters), None), entry) for entry in gone]
    return tuple(found)


def table_change(table: str, before: bytes | None, after: bytes) -> Change | None:
    """The change of one routing table, shown by its hash and its number of lines."""
    if before == after:
        return None
    action: Action = "added" if before is None else "changed"
    return Change(action, "routing", table, _table_view(before) if before is not None else None, _table_view(after))


def view(entry: DirectoryEntry, adapters: Mapping[str, AdapterKind] = _NO_ADAPTERS) -> View:
    """An entry as it may be shown and kept: keys by id, certificates and secrets by hash, nothing secret."""
    if isinstance(entry, Target):
        return {**plain(entry), "options": shown_options(entry, adapters.get(entry.adapter))}
    return shown(entry)


def _compared(
    kind: str, present: DirectoryEntry | None, entry: DirectoryEntry, adapters: Mapping[str, AdapterKind]
) -> Change | None:
    if present is None:
        return Change("added", kind, id_of(entry), None, view(entry, adapters))
    before, after = view(present, adapters), view(entry, adapters)
    if isinstance(present, Target) and isinstance(entry, Target):
        after = {**after, "options": mark_changed(after["options"], present, entry)}
    if isinstance(present, Destination) and isinstance(entry, Destination):
        before, after = shown_change(present, entry)
    return Change("changed", kind, id_of(entry), before, after) if before != after else None


def _table_view(content: bytes) -> View:
    return {"sha256": hashlib.sha256(content).hexdigest()[:16], "lines": content.count(b"\n")}
