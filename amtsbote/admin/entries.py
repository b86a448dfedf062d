"""From a declaration to the directory's entries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

from amtsbote.admin.bundle import Bundle
from amtsbote.admin.certified import Certifier
from amtsbote.admin.declaration import DeclaredClient
from amtsbote.admin.destinations import Destinations
from amtsbote.admin.difference import TABLES, id_of, kind_of
from amtsbote.admin.hidden import with_known_values
from amtsbote.admin.mistakes import mistake, place_of
from amtsbote.api.persistence import DirectoryEntry
from amtsbote.model.directory import (
    Authority,
    Client,
    ClientRole,
    Directory,
    Editor,
    Portal,
    Target,
    Tenant,
)
from amtsbote.model.ids import AuthorityId, ClientId, EditorId, KeyId, PortalId, TargetId, TenantId
from amtsbote.model.term import Term


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and where the declaration says it."""

    place: str
    entry: DirectoryEntry


@dataclass(frozen=True)
class Reading:
    """One declaration, read against the present directory."""

    bundle: Bundle
    directory: Directory
    certifier: Certifier

    @cached_property
    def destinations(self) -> Destinations:
        return Destinations(self.bundle, self.directory, self.certifier)

    def entries(self) -> tuple[Placed, ...]:
        """Every entry the declaration describes, keys included; mistakes about keys are with the certifier."""
        found = [
            *chain(self._tenants(), self._portals(), self._targets(), self._authorities(), self._destinations()),
            *self._editors(),
        ]
        return (*found, *(Placed("", key) for key in self.certifier.entries.values()))

    def _tenants(self) -> Iterator[Placed]:
        for index, tenant in enumerate(self.bundle.declaration.tenants):
            place = place_of(["tenants", index])
            terms = tuple(Term(term.uri, term.valid_from, term.valid_to) for term in tenant.schemas)
            yield Placed(place, Tenant(TenantId(tenant.id), tenant.name, tenant.land, terms, tenant.four_eyes))
            for client in tenant.clients:
                yield Placed(place, self._client(client, ClientRole.SUBSCRIBER, tenant.id))

    def _portals(self) -> Iterator[Placed]:
        for index, portal in enumerate(self.bundle.declaration.portals):
            place = place_of(["portals", index])
            present = self.directory.portals.get(PortalId(portal.id))
            known = present.signing_keys if present is not None else {}
            keys = [self.certifier.portal_key(place, file, known) for file in portal.signing_certificates]
            keys += [self._kept_key(place, kid, known) for kid in map(KeyId, portal.signing_keys)]
            yield Placed(place, Portal(PortalId(portal.id), portal.name, dict(key for key in keys if key)))
            for client in portal.clients:
                yield Placed(place, self._client(client, ClientRole.SENDER, portal.id))

    def _kept_key(self, place: str, kid: KeyId, known: Mapping[KeyId, bytes]) -> tuple[KeyId, bytes] | None:
        """A portal's key that is known by its thumbprint; a certificate is needed only once."""
        if kid not in known:
            self.certifier.mistakes.append(mistake(place, "declaration.signing-key-unknown", kid=kid))
            return None
        return kid, known[kid]

    def _client(self, declared: DeclaredClient, role: ClientRole, owner: str) -> Client:
        """A new client without a secret gets none here: `Plan.without_secret` names it. A secret it has already leaves
        the other one alone; one that is new takes the place of both."""
        known = self.directory.clients.get(ClientId(declared.id))
        kept = known.secret_hashes if known is not None else ()
        secret = self.bundle.secrets.get(declared.id)
        return Client(
            id=ClientId(declared.id),
            role=role,
            owner=owner,
            secret_hashes=kept if secret is None or secret in kept else (secret,),
            active=declared.active,
            test=declared.test,
            regions=declared.regions,
            manages=declared.manages,
        )

    def _targets(self) -> Iterator[Placed]:
        for index, one in enumerate(self.bundle.declaration.targets):
            present = self.directory.targets.get(TargetId(one.id))
            options = with_known_values(one.options, present)
            entry = Target(TargetId(one.id), TenantId(one.tenant), one.adapter, options, one.stage, one.schemas)
            yield Placed(place_of(["targets", index]), entry)

    def _authorities(self) -> Iterator[Placed]:
        for index, one in enumerate(self.bundle.declaration.authorities):
            targets = tuple(map(TargetId, one.targets))
            ids = AuthorityId(one.id), TenantId(one.tenant)
            entry = Authority(*ids, one.name, targets, one.origin, one.stand)
            yield Placed(place_of(["authorities", index]), entry)

    def _destinations(self) -> Iterator[Placed]:
        for index, destination in enumerate(self.bundle.declaration.destinations):
            place = place_of(["destinations", index])
            yield Placed(place, self.destinations.entry(place, destination))

    def _editors(self) -> Iterator[Placed]:
        for index, one in enumerate(self.bundle.declaration.editors):
            tenants = tuple(map(TenantId, one.tenants))
            entry = Editor(EditorId(one.id), one.name, one.user, one.regions, one.services, tenants, one.may_release)
            place = place_of(["editors", index])
            yield Placed(place, entry)
            for client in one.clients:
                yield Placed(place, self._client(client, ClientRole.EDITOR, one.id))


def removed_entries(bundle: Bundle, directory: Directory) -> tuple[DirectoryEntry, ...]:
    """Entries to take away; a name that is not there any more is no mistake: the file can be applied again. With an
    editor go its clients, so that whoever has its name later does not have its secrets."""
    wanted = bundle.declaration.remove
    authorities = (directory.authorities.get(AuthorityId(name)) for name in wanted.authorities)
    targets = (directory.targets.get(TargetId(name)) for name in wanted.targets)
    editors = (directory.editors.get(EditorId(name)) for name in wanted.editors)
    clients = (
        one
        for one in directory.clients.values()
        if one.role is ClientRole.EDITOR and one.owner in wanted.editors and one.owner in directory.editors
    )
    return tuple(entry for entry in (*authorities, *targets, *editors, *clients) if entry is not None)


def merged(directory: Directory, wanted: Sequence[Placed], removed: Sequence[DirectoryEntry]) -> Directory:
    """The directory as it would be."""
    tables: dict[str, Any] = {table: dict(getattr(directory, table)) for _, table, _ in TABLES}
    table_of = {kind: table for kind, table, _ in TABLES}
    for placed in wanted:
        tables[table_of[kind_of(placed.entry)]][id_of(placed.entry)] = placed.entry
    for entry in removed:
        tables[table_of[kind_of(entry)]].pop(id_of(entry), None)
    return replace(directory, **tables)
