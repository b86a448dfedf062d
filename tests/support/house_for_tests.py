"""A house in a temporary folder: real store, real keys, real threads; time, ids and chance are the test's."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import jwcrypto.jwk
from application_kit import SCHEMA, TREE_FELLING, Application, Sealed, Spoil, seal
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import BaseModel

from amtsbote.api import Adapter, AdapterServices, Disk
from amtsbote.api.persistence import Page, Scope, Transaction
from amtsbote.jose.jwk import thumbprint
from amtsbote.keys.keystore import KeyStore
from amtsbote.keys.making import sealing_context
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import Announcement, Desk, EventLog, Limits, PartRoom, Receiving, Sending
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import (
    Authority,
    Client,
    ClientRole,
    Destination,
    DestinationStatus,
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
from amtsbote.model.event import EventRecord
from amtsbote.model.ids import (
    AuthorityId,
    CaseId,
    ClientId,
    DestinationId,
    KeyId,
    MessageId,
    PartId,
    PortalId,
    TargetId,
    TenantId,
)
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Message, State
from amtsbote.model.routing import RoutingDocument
from amtsbote.pipeline import Tools
from amtsbote.runner import Backoff, Computing, Targets, Workshop
from amtsbote.store import SqliteStore
from amtsbote.store.bodies import BodyFiles
from routing.resolver import Resolver
from transport.fitconnect.envelope import FitConnectEnvelope, PlaintextLimits
from transport.fitconnect.server.parts import EnvelopeCheck, checked_body

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


_SIGNING: dict[str, jwcrypto.jwk.JWK] = {}
"""Reading a private key costs a third of a second, so each is read once."""


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
        if name not in _SIGNING:
            _SIGNING[name] = jwcrypto.jwk.JWK.from_pyca(self.rsa(name))
        return _SIGNING[name]

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
            "status": DestinationStatus.ACTIVE,
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
    "rollen": ("leistung;rolle;gueltig_ab;gueltig_bis", f"{TREE_FELLING};gba;;"),
    "zustaendigkeiten": (
        "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis",
        "gba;145110000000;gba;;",
        "gba;14522;land;;",
        "gba;147130000000;lpz;;",
        "gba;146250020020;land;;",
        "gba;146250020020;gba;;",
    ),
}
"""Chemnitz, Burgstädt and Leipzig have one authority, Bautzen has two, Plauen none."""


def a_resolver() -> Resolver:
    return Resolver.load(RoutingDocument(1, {name: "\n".join(rows).encode() for name, rows in TABLES.items()}))


def no_random() -> float:
    return 0.5


@dataclass
class House:
    """Everything the middle of the broker is made of, with the test's hands on it."""

    folder: Path
    keys: KeyRing
    vault: Vault
    store: SqliteStore
    directory: Directory
    computing: Computing
    clock: Clock = field(default_factory=Clock)
    ids: Ids = field(default_factory=Ids)
    adapters: dict[str, Adapter] = field(default_factory=dict)
    schemas: Any = None
    woken: int = 0
    disk: Disk = field(default_factory=Disk)
    limits: Limits = field(default=Limits(10**9, 3, 2 * 10**9, timedelta(days=1)))
    attempts: int = 3

    @cached_property
    def keystore(self) -> KeyStore:
        return KeyStore(self.vault, self.directory.keys.values())

    @cached_property
    def files(self) -> BodyFiles:
        return BodyFiles(self.folder / "parts", self.disk)

    @cached_property
    def parts(self) -> PartRoom:
        return PartRoom(self.vault, self.files)

    @cached_property
    def envelope(self) -> FitConnectEnvelope:
        return FitConnectEnvelope(f"{HOST}/submission-api", PlaintextLimits(10**6, 10**7, 10**9))

    @cached_property
    def log(self) -> EventLog:
        return EventLog(self.store, self.envelope, self.keystore, lambda: self.directory, self.computing)

    @cached_property
    def desk(self) -> Desk:
        return Desk(
            self.store, self.parts, self.log, lambda: self.directory, self.clock, self.ids, self.wake, self.limits
        )

    @property
    def sending(self) -> Sending:
        return Sending(self.desk)

    @property
    def receiving(self) -> Receiving:
        return Receiving(self.desk)

    @cached_property
    def targets(self) -> Targets:
        return Targets({"test": KindForTests(lambda: self.adapters["test"])}, AdapterServices(self.clock, self.disk))

    @cached_property
    def shop(self) -> Workshop:
        return Workshop(
            store=self.store,
            parts=self.parts,
            log=self.log,
            vault=self.vault,
            computing=self.computing,
            targets=self.targets,
            tools=self.tools,
            clock=self.clock,
            new_id=self.ids,
            backoff=Backoff(timedelta(seconds=2), timedelta(hours=1), self.attempts, no_random),
            lease=timedelta(minutes=10),
            around=lambda _, function: function,
            wake=self.wake,
        )

    def tools(self) -> Tools:
        return Tools(self.envelope, self.keystore, self.schemas, a_resolver(), self.directory)

    def wake(self) -> None:
        self.woken += 1

    def client(self, name: ClientId = PORTAL) -> Client:
        return self.directory.clients[name]

    def sealed(self, application: Application, spoil: Spoil | None = None) -> Sealed:
        name = {DIRECT: "chemnitz", COLLECTING: "saxony", SEALED: "leipzig"}[DestinationId(application.destination)]
        key = self.keys.jwk(f"{name}-encryption")
        return seal(application, key, self.keys.signing_jwk("hamburg-signing"), spoil or Spoil())

    async def announced(self, application: Application, client: ClientId = PORTAL) -> Message:
        attachments = tuple(PartId(enclosure.id) for enclosure in application.enclosures)
        destination = DestinationId(application.destination)
        wish = Announcement(destination, application.service, "Baum", application.region, None, attachments)
        return await self.sending.announce(self.client(client), wish)

    async def attached(self, message: Message, part: PartId, token: str, client: ClientId = PORTAL) -> None:
        destination = self.directory.destinations[message.destination]
        check = EnvelopeCheck(f"attachment:{part}", destination.encryption_key, 10**9)
        await self.sending.attach(self.client(client), message, part, chunked(token.encode()), check)

    async def submitted(self, application: Application, spoil: Spoil | None = None) -> Message:
        """Announced, attached and submitted by the mailroom's own doors."""
        ready = self.sealed(application, spoil)
        message = await self.announced(application)
        for part, token in ready.attachments.items():
            await self.attached(message, PartId(part), token)
        return await self.submit(message, ready)

    async def submit(self, message: Message, ready: Sealed, client: ClientId = PORTAL) -> Message:
        key = self.directory.destinations[message.destination].encryption_key
        metadata = checked_body("metadata", ready.metadata, key, 10**8)
        data = checked_body("data", ready.data, key, 10**8)
        return await self.sending.submit(self.client(client), message, metadata, data)

    async def claimed(self, kind: JobKind) -> Job:
        """The next due job of a kind."""
        [job] = await self.store.write(
            lambda tx: tx.jobs.claim([kind], 1, now=self.clock(), lease=timedelta(minutes=10))
        )
        return job

    async def state(self, message: Message) -> State:
        return (await self.store.read(lambda tx: tx.messages.get(message.id))).state

    async def events(self, message: Message) -> tuple[EventRecord, ...]:
        return await self.store.read(lambda tx: tx.events.of_message(message.id))

    async def jobs(self) -> dict[JobKind, int]:
        counts = await self.store.read(lambda tx: tx.jobs.counts())
        return {kind: count for kind, count in counts.items() if count}

    def body_files(self) -> list[Path]:
        return sorted((self.folder / "parts").rglob("*.part"))


async def chunked(body: bytes, size: int = 70_000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@asynccontextmanager
async def a_house(folder: Path, rsa_key: RsaKey) -> AsyncIterator[House]:
    vault = Vault(bytes(range(32)))
    keys = KeyRing(rsa_key, vault)
    async with AsyncExitStack() as open_things:
        store = SqliteStore.open(folder / "data")
        open_things.push_async_callback(store.close)
        computing = Computing(2)
        open_things.callback(computing.close)
        yield House(folder, keys, vault, store, a_directory(keys), computing)


def every(*units: Callable[[Transaction], Any]) -> Callable[[Transaction], list[Any]]:
    return lambda tx: [unit(tx) for unit in units]


def case_log(house: House, message: Message, scope: Scope) -> Any:
    return house.log.of_case(CaseId(message.case), Page(0, 100), scope)


def by_id(message: str) -> MessageId:
    return MessageId(message)


def with_entries(directory: Directory, **tables: Iterable[Any]) -> Directory:
    """The directory with these entries in place of the present ones of the same id."""
    changed: dict[str, Any] = {
        table: {**getattr(directory, table), **{getattr(entry, "kid", None) or entry.id: entry for entry in entries}}
        for table, entries in tables.items()
    }
    return replace(directory, **changed)
