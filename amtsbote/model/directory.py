"""Who takes part: tenants, portals, clients, destinations, authorities, targets, keys.

The store keeps one row per entry; the daemon holds all of them as one immutable `Directory` and replaces it as a whole
when the revision changes, so that no request costs a query.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from amtsbote.model.content import SchemaRef, SignatureAction, SignatureVerdict
from amtsbote.model.ids import AuthorityId, ClientId, DestinationId, KeyId, PortalId, TargetId, TenantId
from amtsbote.model.routing import within


@dataclass(frozen=True, slots=True)
class Tenant:
    """An authority or association served by this operator."""

    id: TenantId
    name: str
    land: str
    """Two-digit key of the Land."""


@dataclass(frozen=True, slots=True)
class Portal:
    """A registered sender with the public keys its signatures are checked with."""

    id: PortalId
    name: str
    signing_keys: Mapping[KeyId, bytes]
    """Thumbprint → public key, DER (SubjectPublicKeyInfo), from certificates checked when registered."""


class ClientRole(StrEnum):
    SENDER = "sender"
    SUBSCRIBER = "subscriber"


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client of a portal (sender) or of a tenant (subscriber)."""

    id: ClientId
    role: ClientRole
    owner: str
    """Portal id of a sender, tenant id of a subscriber."""
    secret_hashes: tuple[str, ...]
    """SHA-256, hex, of secrets of 256 random bits."""
    active: bool = True


class Holding(StrEnum):
    """Who holds the private key of a destination."""

    BROKER = "broker"
    """Opened, validated and delivered by us: the operator can read."""
    END_TO_END = "end-to-end"
    """Stored and forwarded as ciphertext; the subscriber opens it."""


class Reach(StrEnum):
    DIRECT = "direct"
    """Serves one authority."""
    COLLECTING = "collecting"
    """Held for many: the resolver picks the authority."""


class DestinationStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class OfferedService:
    service: str
    """LeiKa key, 14 digits."""
    name: str
    regions: tuple[str, ...]
    """ARS or prefixes: for these the service is offered. None at all, or the empty prefix, restricts nothing."""
    schemas: tuple[SchemaRef, ...]

    def covers(self, region: str) -> bool:
        """Whether the whole of `region` (ARS or prefix) lies in one of the offered regions."""
        return not self.regions or any(within(region, offered) for offered in self.regions)

    def overlaps(self, other: "OfferedService") -> bool:
        """Whether some place lies in a region of both."""
        return (
            not self.regions
            or not other.regions
            or any(other.covers(region) for region in self.regions)
            or any(self.covers(region) for region in other.regions)
        )


DEFAULT_SIGNATURE_POLICY: Mapping[SignatureVerdict, SignatureAction] = MappingProxyType(
    {
        SignatureVerdict.ABSENT: SignatureAction.MARK,
        SignatureVerdict.VALID: SignatureAction.ACCEPT,
        SignatureVerdict.NOT_VERIFIABLE: SignatureAction.HOLD,
        SignatureVerdict.INVALID: SignatureAction.REJECT,
    }
)


@dataclass(frozen=True, slots=True)
class Destination:
    """An addressable inbox (Zustellpunkt)."""

    id: DestinationId
    tenant: TenantId
    name: str
    holding: Holding
    reach: Reach
    status: DestinationStatus
    services: tuple[OfferedService, ...]
    encryption_key: KeyId
    signing_key: KeyId
    """Of the broker for a broker-held destination, of the subscriber for an end-to-end one."""
    authority: AuthorityId | None = None
    """The one authority of a direct destination."""
    serves: tuple[TenantId, ...] = ()
    """Tenants whose authorities a collecting destination may reach."""
    subscriber: ClientId | None = None
    """Who may fetch from an end-to-end destination."""
    signature_policy: Mapping[SignatureVerdict, SignatureAction] = field(
        default_factory=lambda: DEFAULT_SIGNATURE_POLICY
    )
    metadata_versions: tuple[str, ...] = ("1.0.0", "2.1.0")
    contact: Mapping[str, str] = field(default_factory=dict)

    def offers(self, service: str) -> OfferedService | None:
        return next((offered for offered in self.services if offered.service == service), None)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who is competent. The first target is the primary one; the others receive copies."""

    id: AuthorityId
    tenant: TenantId
    name: str
    targets: tuple[TargetId, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A configured adapter instance."""

    id: TargetId
    tenant: TenantId
    adapter: str
    """Name of the adapter kind, e.g. `folder`."""
    options: Mapping[str, str | int | bool]


class KeyPurpose(StrEnum):
    """Fixes the algorithm: it is never read from a message (architecture 5.13)."""

    ENCRYPTION = "encryption"
    """RSA-OAEP-256 with A256GCM, RSA of at least 4096 bits."""
    SIGNATURE = "signature"
    """PS512 with RSA of at least 4096 bits: a destination's events."""
    EVENTS = "events"
    """PS512: the events this service writes itself."""
    ADDRESSING = "addressing"
    """PS512: `destinationSignature` of the routing API."""
    ACCESS_TOKEN = "access-token"  # noqa: S105  (a purpose, not a secret)
    """Ed25519: access tokens."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key as the store keeps it."""

    kid: KeyId
    purpose: KeyPurpose
    owner: str
    """Destination id, or empty for a key of this service."""
    tenant: TenantId | None
    public: bytes
    """Public key, DER (SubjectPublicKeyInfo)."""
    chain: tuple[bytes, ...]
    """Certificates, DER, leaf first up to the root; empty for keys of this service."""
    sealed_private: bytes | None
    """PKCS#8 DER sealed under the master key; None where a subscriber holds the private half, or once it is retired."""
    made_at: datetime | None = None
    """When it was made here or imported; None when it came with a declaration."""
    replaced_at: datetime | None = None
    """When its destination took another key: submissions announced until then may still be encrypted to it."""
    retired_at: datetime | None = None
    """Since when nothing is opened or signed with it any more; its public half stays, so that old events verify."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything above at one revision."""

    revision: int
    tenants: Mapping[TenantId, Tenant]
    portals: Mapping[PortalId, Portal]
    clients: Mapping[ClientId, Client]
    destinations: Mapping[DestinationId, Destination]
    authorities: Mapping[AuthorityId, Authority]
    targets: Mapping[TargetId, Target]
    keys: Mapping[KeyId, KeyEntry]

    def service_key(self, purpose: KeyPurpose) -> KeyId:
        """The key of this service for a purpose. Raises `LookupError` when the installation has none."""
        for kid, key in self.keys.items():
            if key.purpose is purpose and not key.owner:
                return kid
        raise LookupError(f"no service key for {purpose}")
