"""The directory: one row per entry, read as a whole, with a revision that every change raises."""

from collections import defaultdict
from collections.abc import Mapping

from amtsbote.api.persistence import DirectoryEntry
from amtsbote.errors import NotFound
from amtsbote.model.directory import Directory, Editor
from amtsbote.model.ids import EditorId
from amtsbote.store.ports.entries import (
    AUTHORITIES,
    CLIENTS,
    DESTINATIONS,
    EDITORS,
    KEYS,
    PORTALS,
    TARGETS,
    TENANTS,
    kind_of,
)
from amtsbote.store.ports.session import Session


class DirectoryEntries:
    def __init__(self, session: Session) -> None:
        self._session = session

    def load(self) -> Directory:
        bodies: dict[str, list[str]] = defaultdict(list)
        for kind, body in self._session.rows("directory_load"):
            bodies[kind].append(body)
        return Directory(
            revision=self.revision(),
            tenants=TENANTS.decode(bodies[TENANTS.name]),
            portals=PORTALS.decode(bodies[PORTALS.name]),
            clients=CLIENTS.decode(bodies[CLIENTS.name]),
            destinations=DESTINATIONS.decode(bodies[DESTINATIONS.name]),
            authorities=AUTHORITIES.decode(bodies[AUTHORITIES.name]),
            targets=TARGETS.decode(bodies[TARGETS.name]),
            keys=KEYS.decode(bodies[KEYS.name]),
            editors=EDITORS.decode(bodies[EDITORS.name]),
        )

    def revision(self) -> int:
        [(revision,)] = self._session.rows("directory_revision")
        return int(revision)

    def editors(self) -> Mapping[EditorId, Editor]:
        return EDITORS.decode(body for (body,) in self._session.rows("directory_editors"))

    def put(self, entry: DirectoryEntry) -> None:
        """Raises `NotFound` when the entry, as it is or as it was, belongs to another scope."""
        kind = kind_of(entry)
        put = self._session.change(
            "directory_put",
            kind=kind.name,
            id=kind.id_of(entry),
            tenant=kind.tenant_of(entry),
            body=kind.encode(entry),
        )
        if not put:
            raise NotFound(kind.id_of(entry))
        self._session.change("directory_raise_revision")

    def remove(self, entry: DirectoryEntry) -> None:
        """Raises `NotFound`. Raises the revision."""
        kind = kind_of(entry)
        if not self._session.change("directory_remove", kind=kind.name, id=kind.id_of(entry)):
            raise NotFound(kind.id_of(entry))
        self._session.change("directory_raise_revision")
