"""Who takes part in the house of the tests: tenants, portals, destinations, keys, routes; and its time and ids."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

import jwcrypto.jwk
from application_kit import SCHEMA, TREE_FELLING
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from keyring_for_tests import as_jwk
from pydantic import BaseModel

from amtsbote.api import Adapter, AdapterServices
from amtsbote.jose.jwk import thumbprint
from amtsbote.keys.making import sealing_context
from amtsbote.keys.vault import Vault
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import (
    Authority,
    Client,
    ClientRole,
    Destination,
    Directory,
    Holding,
    KeyEntry,
    KeyPurpose,
    OfferedService,
    Portal,
    Reach,
    Target,
    Tenant,
)
from amtsbote.model.ids import (
    AuthorityId,
    ClientId,
    DestinationId,
    KeyId,
    PortalId,
    TargetId,
    TenantId,
)
from amtsbote.model.routing import RoutingDocument
from amtsbote.model.stage import Stage
from routing.regions.search import Gazetteer
from routing.regions.tables import read_tables
from routing.resolver import Resolver

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DIRECT = DestinationId("11111111-0000-4000-8000-111111111111")
COLLECTING = DestinationId("22222222-0000-4000-8000-222222222222")
SEALED = DestinationId("33333333-0000-4000-8000-333333333333")
"""Direct and collecting are opened by the broker, sealed is end-to-end."""
PORTAL, OTHER_PORTAL = ClientId("hamburg-portal"), ClientId("bremen-portal")
SUBSCRIBER, STRANGER = ClientId("leipzig-software"), ClientId("dresden-software")
SECRET = "s" * 43
HOST = "http://broker.test"

RsaKey = Callable[[str], RSAPrivateKey]


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def passes(self, time: timedelta) -> None:
        self.now += time


@dataclass
class Ids:
    """Version 4 UUIDs that count."""

    given: int = 0

    def __call__(self) -> str:
        self.given += 1
        return str(UUID(int=self.given | (4 << 76) | (2 << 62)))


class KindForTests:
    """A kind of adapter that hands out the test's own adapter."""

    name = "test"
    options: type[BaseModel] = BaseModel

    def __init__(self, make: Callable[[], Adapter]) -> None:
        self.make = make

    def build(self, options: Mapping[str, str | int | bool], services: AdapterServices) -> Adapter:  # noqa: ARG002
        return self.make()


class KeyRing:
    """Sealed keys of the house and of the others, by what they are for."""

    def __init__(self, rsa_key: RsaKey, vault: Vault) -> None:
        self._rsa_key = rsa_key
        self._vault = vault

    def rsa(self, name: str) -> RSAPrivateKey:
        return self._rsa_key(name)

    def jwk(self, name: str) -> jwcrypto.jwk.JWK:
        """The public half, with its thumbprint as id."""
        key = jwcrypto.jwk.JWK.from_pyca(self.rsa(name).public_key())
        return jwcrypto.jwk.JWK(**key.export(as_dict=True) | {"kid": key.thumbprint()})

    def signing_jwk(self, name: str) -> jwcrypto.jwk.JWK:
        return as_jwk(self.rsa(name))

    def kid(self, name: str) -> KeyId:
        return thumbprint(self.rsa(name).public_key())

    def entry(
        self, name: str, purpose: KeyPurpose, owner: str = "", tenant: str | None = None, *, held: bool = True
    ) -> KeyEntry:
        key = self._token_key if purpose is KeyPurpose.ACCESS_TOKEN else self.rsa(name)
        kid, whose = thumbprint(key.public_key()), TenantId(tenant) if tenant else None
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        sealed = self._vault.wrap(private, sealing_context(kid, purpose, whose)) if held else None
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return KeyEntry(kid, purpose, owner, whose, public, (), sealed)

    @cached_property
    def _token_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.generate()

    def entries(self) -> tuple[KeyEntry, ...]:
        return (
            self.entry("chemnitz-encryption", KeyPurpose.ENCRYPTION, DIRECT, "chemnitz"),
            self.entry("chemnitz-signing", KeyPurpose.SIGNATURE, DIRECT, "chemnitz"),
            self.entry("saxony-encryption", KeyPurpose.ENCRYPTION, COLLECTING, "saxony"),
            self.entry("saxony-signing", KeyPurpose.SIGNATURE, COLLECTING, "saxony"),
            self.entry("leipzig-encryption", KeyPurpose.ENCRYPTION, SEALED, "leipzig", held=False),
            self.entry("leipzig-signing", KeyPurpose.SIGNATURE, SEALED, "leipzig", held=False),
            self.entry("service-events", KeyPurpose.EVENTS),
            self.entry("root", KeyPurpose.ADDRESSING),
            self.entry("", KeyPurpose.ACCESS_TOKEN),
        )


def _destination(keys: KeyRing, id: DestinationId, name: str, region: str, **more: Any) -> Destination:  # noqa: A002
    schemas = (SchemaRef(SCHEMA, "application/xml"),)
    return Destination(
        **{
            "id": id,
            "tenant": TenantId(name),
            "name": name,
            "holding": Holding.BROKER,
            "reach": Reach.DIRECT,
            "stage": Stage.LIVE,
            "services": (OfferedService(TREE_FELLING, "Baumfällgenehmigung", (region,), schemas),),
            "encryption_key": keys.kid(f"{name}-encryption"),
            "signing_key": keys.kid(f"{name}-signing"),
            **more,
        }
    )


def a_directory(keys: KeyRing, revision: int = 1) -> Directory:
    public = keys.rsa("hamburg-signing").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    secret = (sha256(SECRET.encode()).hexdigest(),)
    clients = (
        Client(PORTAL, ClientRole.SENDER, "hamburg", secret),
        Client(OTHER_PORTAL, ClientRole.SENDER, "bremen", secret),
        Client(SUBSCRIBER, ClientRole.SUBSCRIBER, "leipzig", secret),
        Client(STRANGER, ClientRole.SUBSCRIBER, "dresden", secret),
    )
    destinations = (
        _destination(keys, DIRECT, "chemnitz", "145110000000", authority=AuthorityId("gba")),
        _destination(keys, COLLECTING, "saxony", "14", reach=Reach.COLLECTING, serves=(TenantId("saxony"),)),
        _destination(
            keys,
            SEALED,
            "leipzig",
            "147130000000",
            holding=Holding.END_TO_END,
            authority=AuthorityId("lpz"),
            subscriber=SUBSCRIBER,
            reply_channels={"fitConnect": {"processStandards": ("urn:example:bescheid",)}},
        ),
    )
    authorities = (
        Authority(AuthorityId("gba"), TenantId("chemnitz"), "Grünflächenamt", (TargetId("main"), TargetId("copy"))),
        Authority(AuthorityId("land"), TenantId("saxony"), "Landesamt", (TargetId("land"),)),
        Authority(AuthorityId("lpz"), TenantId("leipzig"), "Leipzig", ()),
    )
    targets = [
        Target(TargetId(name), TenantId(tenant), "test", {})
        for name, tenant in (("main", "chemnitz"), ("copy", "chemnitz"), ("land", "saxony"))
    ]
    tenants = [Tenant(TenantId(name), name, "14") for name in ("chemnitz", "saxony", "leipzig", "dresden")]
    portals = (
        Portal(PortalId("hamburg"), "Hamburg", {keys.kid("hamburg-signing"): public}),
        Portal(PortalId("bremen"), "Bremen", {}),
    )
    return Directory(
        revision,
        {entry.id: entry for entry in tenants},
        {entry.id: entry for entry in portals},
        {entry.id: entry for entry in clients},
        {entry.id: entry for entry in destinations},
        {entry.id: entry for entry in authorities},
        {entry.id: entry for entry in targets},
        {entry.kid: entry for entry in keys.entries()},
    )


TABLES: dict[str, tuple[str, ...]] = {
    "gebiete": (
        "ars;ags;name;gueltig_ab;gueltig_bis",
        "145110000000;14511000;Chemnitz, Stadt;;",
        "145225102060;14522060;Burgstädt;;",
        "145230320320;14523320;Plauen;;",
        "146250020020;14625020;Bautzen;;",
        "147130000000;14713000;Leipzig, Stadt;;",
    ),
    "leistungen": ("leistung;name", f"{TREE_FELLING};Baumfällgenehmigung"),
    "rollen": (
        "leistung;rolle;gueltig_ab;gueltig_bis;art",
        f"{TREE_FELLING};gba;;;",
        f"{TREE_FELLING};unb;;;entfaellt",  # whom the package names, too, from March to September
    ),
    "zustaendigkeiten": (
        "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;bedingung;grund",
        "gba;145110000000;gba;;;;",
        "gba;14522;land;;;;",
        "gba;147130000000;lpz;;;;",
        "gba;146250020020;land;;;handwerk=true;",
        "gba;146250020020;gba;;;handwerk=false;",
    ),
}
"""Chemnitz, Burgstädt and Leipzig have one authority, Bautzen one of two, by a fact no tree has, Plauen none."""


def the_tables() -> RoutingDocument:
    return RoutingDocument(1, {name: "\n".join(rows).encode() for name, rows in TABLES.items()})


def a_resolver() -> Resolver:
    return Resolver.load(the_tables())


def a_gazetteer() -> Gazetteer:
    return Gazetteer.of(read_tables(the_tables().tables))
