"""Whether declared entries fit each other and what the installation has: tenants, adapters, schemas."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from pydantic import ValidationError

from amtsbote.admin.entries import Placed
from amtsbote.admin.mistakes import Mistake, mistake, mistakes_of
from amtsbote.admin.office import Office
from amtsbote.admin.rules import entry_mistake, unknown
from amtsbote.admin.wishes import unmet_wishes
from amtsbote.api.persistence import DirectoryEntry
from amtsbote.errors import Misconfigured
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import (
    Authority,
    Client,
    ClientRole,
    Destination,
    Directory,
    Editor,
    Holding,
    Status,
    Target,
    Tenant,
)
from amtsbote.model.ids import TenantId
from amtsbote.model.shown import HIDDEN
from amtsbote.text.catalogue import say
from routing.destinations import Ambiguity, ambiguities

_NEAR: Final = 5


@dataclass(frozen=True, slots=True)
class CrossCheck:
    present: Directory
    future: Directory
    office: Office

    def mistakes(self, wanted: Sequence[Placed], removed: Sequence[DirectoryEntry]) -> Iterator[Mistake]:
        """Everything that does not fit."""
        for placed in wanted:
            match placed.entry:
                case Destination():
                    yield from self._destination(placed.place, placed.entry)
                case Authority():
                    yield from self._authority(placed.place, placed.entry)
                case Target():
                    yield from self._target(placed.place, placed.entry)
                case Client():
                    yield from self._client(placed.place, placed.entry)
                case Tenant():
                    yield from self._terms(placed.place, placed.entry)
                case Editor():
                    yield from self._editor(placed.place, placed.entry)
        yield from unmet_wishes(self.future, self.office.forms, wanted)
        for entry in removed:
            yield from self._removed(entry)
        for ambiguity in ambiguities(self.future):
            yield Mistake(_last_of(wanted, ambiguity), ambiguity.text("de"), ambiguity.text("en"))

    def _destination(self, place: str, destination: Destination) -> Iterator[Mistake]:
        before = self.present.destinations.get(destination.id)
        if before is not None:
            yield from _fixed(place, before, destination, "tenant", "holding")
            yield from _status(f"{place} · status", before.status, destination.status)
        yield from self._tenants(place, destination.tenant, *destination.serves)
        if destination.authority is not None:
            authority = self.future.authorities.get(destination.authority)
            yield from _same_tenant(place, ("authority", destination.authority), authority, destination.tenant)
        if destination.subscriber is not None:
            yield from self._subscriber(place, destination)
        if destination.holding is Holding.BROKER:
            yield from self._schemas(place, destination)

    def _editor(self, place: str, editor: Editor) -> Iterator[Mistake]:
        """Two entries for one user would be two persons who are one."""
        yield from self._tenants(place, *editor.tenants)
        if editor.user is None:
            return
        others = (one.id for one in self.future.editors.values() if one.user == editor.user and one.id != editor.id)
        for other in others:
            yield mistake(f"{place} · user", "declaration.user-twice", user=editor.user, other=other)

    def _subscriber(self, place: str, destination: Destination) -> Iterator[Mistake]:
        client = self.future.clients.get(destination.subscriber) if destination.subscriber is not None else None
        if client is None:
            yield unknown(place, "client", destination.subscriber or "")
        elif client.role is not ClientRole.SUBSCRIBER or client.owner != destination.tenant:
            yield entry_mistake(
                place, "declaration.foreign", "client", id=client.id, owner=client.owner, tenant=destination.tenant
            )

    def _schemas(self, place: str, destination: Destination) -> Iterator[Mistake]:
        known = self.office.schemas()
        wanted = {schema for offered in destination.services for schema in offered.schemas}
        for schema in sorted(wanted - known, key=_by_uri):
            if lack := self.office.lack(schema.uri):
                yield _unusable(f"{place} · services", schema.uri, lack)
                continue
            yield mistake(
                f"{place} · services",
                "declaration.schema-unknown",
                uri=schema.uri,
                mime_type=schema.mime_type,
                known=", ".join(_nearest(schema, known)) or "–",
            )
        yield from self._unusable(f"{place} · services", (schema.uri for schema in sorted(wanted, key=_by_uri)))

    def _terms(self, place: str, tenant: Tenant) -> Iterator[Mistake]:
        own = [one for one in self.future.destinations.values() if one.tenant == tenant.id]
        listed = {schema.uri for one in own for offered in one.services for schema in offered.schemas}
        known = {schema.uri for schema in self.office.schemas()}
        for term in tenant.schemas:
            if term.uri not in listed | known:
                yield mistake(f"{place} · schemas", "declaration.term-unknown", uri=term.uri)

    def _authority(self, place: str, authority: Authority) -> Iterator[Mistake]:
        before = self.present.authorities.get(authority.id)
        if before is not None:
            yield from _fixed(place, before, authority, "tenant")
        yield from self._tenants(place, authority.tenant)
        for target in authority.targets:
            yield from _same_tenant(place, ("target", target), self.future.targets.get(target), authority.tenant)

    def _target(self, place: str, target: Target) -> Iterator[Mistake]:
        before = self.present.targets.get(target.id)
        if before is not None:
            yield from _fixed(place, before, target, "tenant")
        yield from self._tenants(place, target.tenant)
        yield from self._forms(place, target)
        hidden = (name for name, value in target.options.items() if value == HIDDEN)
        yield from (mistake(f"{place} · options", "declaration.option-hidden", name=name) for name in hidden)
        kind = self.office.adapters.get(target.adapter)
        if kind is None:
            known = ", ".join(sorted(self.office.adapters))
            yield mistake(place, "declaration.adapter-unknown", adapter=target.adapter, known=known)
            return
        try:
            kind.options.model_validate(dict(target.options))
        except ValidationError as error:
            yield from mistakes_of(error, kind.options, f"{place} · options")

    def _forms(self, place: str, target: Target) -> Iterator[Mistake]:
        known = self.office.schemas()
        for uri in sorted(set(target.schemas) - {schema.uri for schema in known}):
            near = ", ".join(_nearest(SchemaRef(uri, ""), known)) or "–"
            yield mistake(f"{place} · schemas", "declaration.form-unknown", uri=uri, known=near)
        yield from self._unusable(f"{place} · schemas", target.schemas)

    def _unusable(self, place: str, uris: Iterable[str]) -> Iterator[Mistake]:
        for uri in uris:
            if lack := self.office.forms.lack(uri):
                yield _unusable(place, uri, lack)

    def _client(self, place: str, client: Client) -> Iterator[Mistake]:
        before = self.present.clients.get(client.id)
        if before is not None:
            yield from _fixed(place, before, client, "role", "owner")

    def _removed(self, entry: DirectoryEntry) -> Iterator[Mistake]:
        if isinstance(entry, Authority):
            users = [one.name for one in self.future.destinations.values() if one.authority == entry.id]
            yield from (_still_used("authority", entry.id, user) for user in users)
        if isinstance(entry, Target):
            users = [one.name for one in self.future.authorities.values() if entry.id in one.targets]
            yield from (_still_used("target", entry.id, user) for user in users)

    def _tenants(self, place: str, *tenants: TenantId) -> Iterator[Mistake]:
        for tenant in tenants:
            if tenant not in self.future.tenants:
                yield unknown(place, "tenant", tenant)


def _last_of(wanted: Sequence[Placed], ambiguity: Ambiguity) -> str:
    """Where the last of the destinations it is about is declared; empty when this declaration has none of them."""
    places = [
        placed.place
        for placed in wanted
        if isinstance(placed.entry, Destination)
        and any(name.endswith(f"({placed.entry.id})") for name in ambiguity.names)
    ]
    return places[-1] if places else ""


def _unusable(place: str, uri: str, lack: Misconfigured) -> Mistake:
    key = "declaration.schema-unusable"
    return Mistake(place, say(key, "de", uri=uri, reason=lack.de), say(key, "en", uri=uri, reason=lack.en))


def _status(place: str, before: Status, after: Status) -> Iterator[Mistake]:
    if before is not after and before is Status.DECOMMISSIONED:
        yield mistake(place, "declaration.status-final")
    elif before is not after and after is Status.CREATED:
        yield mistake(place, "declaration.status-back")


def _same_tenant(
    place: str, named: tuple[str, str], entry: Authority | Target | None, tenant: TenantId
) -> Iterator[Mistake]:
    """`named`: the kind and the id the declaration refers to."""
    kind, name = named
    if entry is None:
        yield unknown(place, kind, name)
    elif entry.tenant != tenant:
        yield entry_mistake(place, "declaration.foreign", kind, id=name, owner=entry.tenant, tenant=tenant)


def _fixed(place: str, before: DirectoryEntry, after: DirectoryEntry, *names: str) -> Iterator[Mistake]:
    for name in names:
        if getattr(before, name) != getattr(after, name):
            yield mistake(place, "declaration.fixed", field=name, before=getattr(before, name))


def _still_used(kind: str, name: str, user: str) -> Mistake:
    return entry_mistake("[remove]", "declaration.still-used", kind, id=name, user=user)


def _by_uri(schema: SchemaRef) -> tuple[str, str]:
    return schema.uri, schema.mime_type


def _nearest(wanted: SchemaRef, known: Set[SchemaRef]) -> list[str]:
    """The same under another type, then those of a name like it: a registry may know thousands."""
    shown = {f"{one.uri} ({one.mime_type})": one.uri for one in sorted(known, key=_by_uri)}
    like = get_close_matches(wanted.uri, set(shown.values()), _NEAR, 0.5)
    return [text for text, uri in shown.items() if uri in like] or list(shown)[:_NEAR]
