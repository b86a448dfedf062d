"""Who takes part: tenants, portals, clients, destinations, authorities, targets, keys.

The store keeps one row per entry; the daemon holds all of them as one immutable `Directory` and replaces it as a whole
when the revision changes, so that no request costs a query.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from amtsbote.model.callback import Callback
from amtsbote.model.content import SchemaRef, SignatureAction, SignatureVerdict
from amtsbote.model.ids import AuthorityId, ClientId, DestinationId, EditorId, KeyId, PortalId, TargetId, TenantId
from amtsbote.model.routing import within
from amtsbote.model.stage import Stage
from amtsbote.model.term import Term


@dataclass(frozen=True, slots=True)
class Tenant:
    """An authority or association served by this operator."""

    id: TenantId
    name: str
    land: str
    """Two-digit key of the Land."""
    schemas: tuple[Term, ...] = ()
    """Limits in time to what its destinations take; a schema without a term is taken at any time."""
    four_eyes: bool = True
    """Whether a change of the routing tables that concerns it takes a second person."""

    def term(self, uri: str) -> Term:
        return next((term for term in self.schemas if term.uri == uri), Term(uri))


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
    EDITOR = "editor"


MOST_REGIONS: Final = 50
"""Regions of one client or token: each is a scope, and tokens travel in a header."""
MOST_SECRETS: Final = 2
"""Secrets of one client: a second one while the first is replaced."""


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client of a portal (sender), of a tenant (subscriber), or of an editor of the routing tables."""

    id: ClientId
    role: ClientRole
    owner: str
    """Portal id of a sender, tenant id of a subscriber, editor id of an editor."""
    secret_hashes: tuple[str, ...]
    """SHA-256, hex, of secrets of 256 random bits; the older one first."""
    active: bool = True
    test: bool = False
    """A sender that may only announce to test destinations; a manager whose new destinations are such."""
    regions: tuple[str, ...] = ()
    """ARS or prefixes: a sender may announce within these alone. None at all restricts nothing."""
    manages: bool = False
    """A subscriber that may also manage destinations and their keys."""

    def may_announce(self, region: str | None, offered: "OfferedService") -> bool:
        """Whether this sender may announce for `region`, or for everything that is offered where none is named. A
        region it names must have to do with the offer: else every destination could be reached under a region of its
        own."""
        if not self.regions:
            return True
        wanted = offered.regions if region is None else (region,)
        allowed = all(any(within(one, own) for own in self.regions) for one in wanted)
        return bool(wanted) and allowed and (region is None or offered.touches(region))


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


class Status(StrEnum):
    """Where a destination stands in its life: its subscriber's switch, as the stage is the operator's (dossier 2.4)."""

    CREATED = "created"
    """Made and never opened yet."""
    ACTIVE = "active"
    INACTIVE = "inactive"
    """Takes no new messages; everything else stays possible."""
    DECOMMISSIONED = "decommissioned"
    """For good."""


STATUS_CHANGES: Final[Mapping[Status, frozenset[Status]]] = MappingProxyType(
    {
        Status.CREATED: frozenset({Status.ACTIVE}),
        Status.ACTIVE: frozenset({Status.INACTIVE}),
        Status.INACTIVE: frozenset({Status.ACTIVE, Status.DECOMMISSIONED}),
        Status.DECOMMISSIONED: frozenset(),
    }
)
REST: Final = timedelta(days=30)
"""How long a destination is inactive before it may be decommissioned, and decommissioned before it is gone."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long messages of a destination wait and stay (dossier 5.4). What is not fetched counts from its submit."""

    told_after: tuple[timedelta, ...] = (timedelta(days=3), timedelta(days=9))
    """When its contact is told that something has not been fetched, in ascending order."""
    rejected_after: timedelta = timedelta(days=14)
    """When the service rejects what was not fetched."""
    accepted_kept: timedelta = timedelta(days=30)
    """How long after its acceptance the content of a message stays."""
    rejected_kept: timedelta = timedelta(days=7)
    """How long after its rejection the content of a message stays."""
    announced_kept: timedelta = timedelta(days=1)
    """How long a message that nobody completes stays, from its announcement."""


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

    def touches(self, region: str) -> bool:
        """Whether some place of `region` (ARS or prefix) lies in an offered region."""
        return self.covers(region) or any(within(offered, region) for offered in self.regions)

    def overlaps(self, other: "OfferedService") -> bool:
        """Whether some place lies in a region of both."""
        return not self.regions or not other.regions or any(self.touches(region) for region in other.regions)


DEFAULT_SIGNATURE_POLICY: Mapping[SignatureVerdict, SignatureAction] = MappingProxyType(
    {
        SignatureVerdict.ABSENT: SignatureAction.MARK,
        SignatureVerdict.VALID: SignatureAction.ACCEPT,
        SignatureVerdict.NOT_VERIFIABLE: SignatureAction.HOLD,
        SignatureVerdict.INVALID: SignatureAction.REJECT,
    }
)


def not_older(versions: Iterable[str], oldest: str) -> tuple[str, ...]:
    """Versions are three numbers with dots, e.g. `2.1.0`."""
    return tuple(version for version in versions if _numbers(version) >= _numbers(oldest))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@dataclass(frozen=True, slots=True)
class Destination:
    """An addressable inbox (Zustellpunkt)."""

    id: DestinationId
    tenant: TenantId
    name: str
    holding: Holding
    reach: Reach
    stage: Stage
    """A message to a test destination is a test message; one that is off takes no new ones."""
    services: tuple[OfferedService, ...]
    encryption_key: KeyId
    """Empty until one that was created gets its first key; so is the other."""
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
    oldest_metadata_version: str = "1.0.0"
    """Older ones are rejected, whatever else is listed."""
    contact: Mapping[str, str] = field(default_factory=dict)
    reply_channels: Mapping[str, Mapping[str, bool | tuple[str, ...]]] = field(default_factory=dict)
    """How an applicant may be answered: name of the channel on the wire (`eMail`, `fitConnect`, …) → its members, e.g.
    `{"fitConnect": {"processStandards": ("urn:…",)}}`."""
    callback: Callback | None = None
    """Where the subscriber is told of new messages and events."""
    status: Status = Status.ACTIVE
    status_since: datetime | None = None
    """None when it has been so from the start."""

    @property
    def key_pair(self) -> tuple[KeyId, KeyId]:
        """The current ones: for encrypting, for signing."""
        return self.encryption_key, self.signing_key

    @property
    def taken_metadata_versions(self) -> tuple[str, ...]:
        """Those it lists that are not too old to be taken."""
        return not_older(self.metadata_versions, self.oldest_metadata_version)

    @property
    def takes_new(self) -> bool:
        """Whether messages may be announced: neither its subscriber nor the operator has switched it off."""
        return self.status is Status.ACTIVE and self.stage is not Stage.OFF

    deadlines: Deadlines = Deadlines()

    @property
    def opened_here(self) -> bool:
        """We hold its key: what comes for it is opened, validated and delivered by us."""
        return self.holding is Holding.BROKER

    def gone(self, now: datetime) -> bool:
        """Whether it is to be answered for like one that never was. Its keys stay: signed events refer to them."""
        over = self.status is Status.DECOMMISSIONED and self.status_since is not None
        return over and self.status_since is not None and self.status_since + REST <= now

    @property
    def takes_replies(self) -> bool:
        """Whether its cases may go on with replies in either direction."""
        return "fitConnect" in self.reply_channels

    def offers(self, service: str) -> OfferedService | None:
        return next((offered for offered in self.services if offered.service == service), None)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who is competent. The first target is the primary one; the others receive copies."""

    id: AuthorityId
    tenant: TenantId
    name: str
    targets: tuple[TargetId, ...]
    origin: str = ""
    """Empty: from the declaration. Else the source it was imported from, as a row of the tables has it."""
    stand: date | None = None
    """Day whose state that source described."""


@dataclass(frozen=True, slots=True)
class Target:
    """A configured adapter instance."""

    id: TargetId
    tenant: TenantId
    adapter: str
    """Name of the adapter kind, e.g. `folder`."""
    options: Mapping[str, str | int | bool]
    stage: Stage = Stage.LIVE
    """What it is handed: live messages, test messages, or nothing."""
    schemas: tuple[str, ...] = ()
    """URIs of schemas. A message of one of these standards in another version or form is mapped to it."""


SETTLING: Final = timedelta(minutes=1)
"""How long every node has to take over a change of keys before what it replaced may go."""


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
    """When another key took its place: submissions announced until then may still be encrypted to it."""
    retired_at: datetime | None = None
    """Since when nothing is opened or signed with it any more; its public half stays, so that old events verify."""

    @property
    def follows(self) -> bool:
        """A key of this service that signs, or will once the one before it is replaced."""
        return not self.owner and self.replaced_at is None and self.retired_at is None

    def suits(self, holding: Holding) -> bool:
        """Whether the private half is where a destination of this kind has it: here, or with the subscriber alone."""
        return (self.sealed_private is not None) == (holding is Holding.BROKER)


@dataclass(frozen=True, slots=True)
class Editor:
    """A person who may change the routing tables within a scope, known by the Unix user that asks or by a client."""

    id: EditorId
    name: str
    user: str | None
    """None for one that has clients only."""
    regions: tuple[str, ...]
    """ARS or prefixes of it; the empty one is all of Germany."""
    services: tuple[str, ...] = ()
    """LeiKa keys or their beginnings; none restricts nothing."""
    tenants: tuple[TenantId, ...] = ()
    """Whose competence may be changed; none restricts nothing."""
    may_release: bool = False


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
    editors: Mapping[EditorId, Editor] = field(default_factory=dict)

    def term(self, destination: Destination, uri: str) -> Term:
        """When a destination takes a schema it offers."""
        return self.tenants[destination.tenant].term(uri)

    def taken(self, destination: Destination, service: str, on: date) -> tuple[SchemaRef, ...]:
        """The schemas a destination takes for a service on a German day."""
        offered = destination.offers(service)
        listed = offered.schemas if offered is not None else ()
        return tuple(schema for schema in listed if self.term(destination, schema.uri).holds(on))

    def service_key(self, purpose: KeyPurpose) -> KeyId:
        """The key of this service that signs now for a purpose: the oldest that nothing has replaced. Raises
        `LookupError` when the installation has none."""
        following = [key for key in self.keys.values() if key.purpose is purpose and key.follows]
        if not following:
            raise LookupError(f"no service key for {purpose}")
        return min(following, key=lambda key: (key.made_at is not None, key.made_at, key.kid)).kid
