"""Destinations of a declaration.

Where the subscriber's client manages destinations, what it may change is its own (`amtsbote.mailroom.destinations`): a
declaration says it once, when the destination is made, and from then on only what is the operator's. What it says
differently is told and stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from amtsbote.admin.bundle import Bundle
from amtsbote.admin.certified import Certifier, WantedKey
from amtsbote.admin.declaration import DeclaredDeadlines, DeclaredDestination, DeclaredKey, DeclaredService
from amtsbote.admin.mistakes import mistake
from amtsbote.jose.certificates import CertificateRefused, read_chain
from amtsbote.keys.callbacks import changed_callback
from amtsbote.mailroom.destinations import MANAGED
from amtsbote.model.callback import LONGEST_SECRET, Callback, is_callback_secret
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import (
    DEFAULT_SIGNATURE_POLICY,
    Deadlines,
    Destination,
    Directory,
    KeyPurpose,
    OfferedService,
    Status,
)
from amtsbote.model.ids import AuthorityId, ClientId, DestinationId, KeyId, TenantId

_KEYS = {"encryption_key": KeyPurpose.ENCRYPTION, "signing_key": KeyPurpose.SIGNATURE}


@dataclass(frozen=True, slots=True)
class Destinations:
    bundle: Bundle
    directory: Directory
    certifier: Certifier
    kept: dict[DestinationId, tuple[str, ...]] = field(default_factory=dict)
    """Managed destinations → fields that stay although the declaration says something else."""

    def entry(self, place: str, one: DeclaredDestination) -> Destination:
        """Mistakes about keys and callbacks are with the certifier."""
        present = self.directory.destinations.get(DestinationId(one.id))
        described = without_keys(one)
        if present is None or not self._managed(one):
            return self._furnished(place, one, described, present)
        kept = tuple(self._said_differently(one, described, present))
        if kept:
            self.kept[present.id] = kept
        return replace(described, **{name: getattr(present, name) for name in MANAGED})

    def _managed(self, one: DeclaredDestination) -> bool:
        declared = {client.id: client.manages for client in self.bundle.declaration.clients()}
        if one.subscriber is None or one.subscriber in declared:
            return declared.get(one.subscriber or "", False)
        known = self.directory.clients.get(ClientId(one.subscriber))
        return known is not None and known.manages

    def _said_differently(
        self, one: DeclaredDestination, described: Destination, present: Destination
    ) -> Iterator[str]:
        for name in ("name", "services", "contact", "reply_channels", "metadata_versions", "status"):
            if getattr(described, name) != getattr(present, name):
                yield name
        if (one.callback and one.callback.url) != (present.callback and present.callback.url):
            yield "callback"
        for name in _KEYS:
            declared: DeclaredKey | None = getattr(one, name)
            key = self.directory.keys.get(getattr(present, name))
            if declared is not None and (key is None or self._chain(declared) != key.chain):
                yield name

    def _chain(self, declared: DeclaredKey) -> tuple[bytes, ...]:
        try:
            return read_chain(self.bundle.files[declared.chain])
        except CertificateRefused:
            return ()

    def _furnished(
        self, place: str, one: DeclaredDestination, described: Destination, present: Destination | None
    ) -> Destination:
        return replace(
            described,
            encryption_key=self._key(place, one, "encryption_key", present),
            signing_key=self._key(place, one, "signing_key", present),
            callback=self._callback(place, one, present),
            status_since=self._since(one, present),
        )

    def _since(self, one: DeclaredDestination, present: Destination | None) -> datetime | None:
        if present is not None and present.status is one.status:
            return present.status_since
        new = present is None and one.status in {Status.CREATED, Status.ACTIVE}
        return None if new else self.certifier.at

    def _key(self, place: str, one: DeclaredDestination, name: str, present: Destination | None) -> KeyId:
        """The declared key, or the one it has, or none."""
        declared: DeclaredKey | None = getattr(one, name)
        if declared is not None:
            return self.certifier.destination_key(WantedKey(f"{place} · {name}", declared, _KEYS[name], one))
        known: KeyId = getattr(present, name) if present is not None else KeyId("")
        return known

    def _callback(self, place: str, one: DeclaredDestination, present: Destination | None) -> Callback | None:
        """As declared. The secret it has stays when none is named, or the same."""
        if one.callback is None:
            return None
        known, file = present.callback if present is not None else None, one.callback.secret_file
        secret = self._secret(place, file) if file is not None else None
        callback = changed_callback(self.certifier.vault, known, one.callback.url, secret, one.id)
        if callback is None and file is None:
            self.certifier.mistakes.append(mistake(f"{place} · callback", "declaration.callback-secret"))
        return callback

    def _secret(self, place: str, file: str) -> str | None:
        secret = self.bundle.files[file].decode("utf-8", "replace").strip()
        if is_callback_secret(secret):
            return secret
        wrong = "declaration.callback-secret-unusable"
        self.certifier.mistakes.append(mistake(f"{place} · callback", wrong, file=file, limit=LONGEST_SECRET))
        return None


def without_keys(one: DeclaredDestination) -> Destination:
    """What needs nothing but the declaration."""
    return Destination(
        id=DestinationId(one.id),
        tenant=TenantId(one.tenant),
        name=one.name,
        holding=one.holding,
        reach=one.reach,
        stage=one.stage,
        services=tuple(map(_offered, one.services)),
        encryption_key=KeyId(""),
        signing_key=KeyId(""),
        authority=AuthorityId(one.authority) if one.authority is not None else None,
        serves=tuple(map(TenantId, one.serves)),
        subscriber=ClientId(one.subscriber) if one.subscriber is not None else None,
        signature_policy={**DEFAULT_SIGNATURE_POLICY, **one.signature_policy},
        metadata_versions=one.metadata_versions,
        oldest_metadata_version=one.oldest_metadata_version,
        contact=dict(one.contact),
        deadlines=_deadlines(one.deadlines),
        reply_channels=one.reply_channels,
        status=one.status,
    )


def _deadlines(declared: DeclaredDeadlines) -> Deadlines:
    return Deadlines(
        told_after=tuple(timedelta(days=days) for days in declared.told_after),
        rejected_after=timedelta(days=declared.rejected_after),
        accepted_kept=timedelta(days=declared.accepted_kept),
        rejected_kept=timedelta(days=declared.rejected_kept),
        announced_kept=timedelta(days=declared.announced_kept),
    )


def _offered(service: DeclaredService) -> OfferedService:
    schemas = tuple(SchemaRef(schema.uri, schema.mime_type) for schema in service.schemas)
    return OfferedService(service.service, service.name, service.regions, schemas)
