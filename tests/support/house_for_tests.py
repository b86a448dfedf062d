"""A house in a temporary folder: real store, real keys, real threads; time, ids and chance are the test's."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from application_kit import Application, Sealed, Spoil, seal
from directory_for_tests import (
    COLLECTING,
    DIRECT,
    HOST,
    NOON,
    OTHER_PORTAL,
    PORTAL,
    SEALED,
    SECRET,
    STRANGER,
    SUBSCRIBER,
    TABLES,
    Clock,
    Ids,
    KeyRing,
    KindForTests,
    RsaKey,
    a_directory,
    a_gazetteer,
    a_resolver,
)

from amtsbote.api import Adapter, AdapterServices, Disk
from amtsbote.api.envelope import PartProof
from amtsbote.api.persistence import DirectoryEntry, Transaction
from amtsbote.keys.keystore import KeyStore
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import Announcement, Cases, Desk, EventLog, Limits, PartRoom, Receiving, Registry, Sending
from amtsbote.model.directory import (
    Client,
    Directory,
)
from amtsbote.model.event import EventRecord
from amtsbote.model.ids import (
    ClientId,
    DestinationId,
    KeyId,
    PartId,
)
from amtsbote.model.job import Job, JobKind
from amtsbote.model.message import Message, State
from amtsbote.model.stage import Stage
from amtsbote.pipeline import Tools
from amtsbote.runner import Backoff, Computing, Targets, Workshop
from amtsbote.store import SqliteStore
from amtsbote.store.bodies import BodyFiles
from routing.destinations import new_ambiguity
from routing.resolver import Resolver
from transport.fitconnect.envelope import FitConnectEnvelope, PlaintextLimits
from transport.fitconnect.server.parts import EnvelopeCheck, KeysOf, checked_body

__all__ = [
    "COLLECTING",
    "DIRECT",
    "HOST",
    "NOON",
    "OTHER_PORTAL",
    "PORTAL",
    "PROOF",
    "SEALED",
    "SECRET",
    "STRANGER",
    "SUBSCRIBER",
    "TABLES",
    "Agrees",
    "Clock",
    "House",
    "Ids",
    "KeyRing",
    "KindForTests",
    "RsaKey",
    "a_directory",
    "a_gazetteer",
    "a_house",
    "a_resolver",
    "chunked",
    "with_entries",
]


PROOF = PartProof("dGFn", KeyId("kid"))


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
    routes: Resolver = field(default_factory=a_resolver)
    woken: int = 0
    disk: Disk = field(default_factory=Disk)
    limits: Limits = field(default=Limits(10**9, 3, 2 * 10**9))
    attempts: int = 3
    anchors: tuple[bytes, ...] = ()
    moved_in: bool = False
    answered: list[tuple[Stage, str, str]] = field(default_factory=list)
    """What was counted of answers of authorities."""

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
        return FitConnectEnvelope(f"{HOST}/submission-api", PlaintextLimits(10**6, 10**7, 10**9, 2 * 10**9))

    @cached_property
    def log(self) -> EventLog:
        return EventLog(self.store, self.envelope, self.keystore, lambda: self.directory, self.computing)

    @cached_property
    def desk(self) -> Desk:
        return Desk(
            store=self.store,
            parts=self.parts,
            log=self.log,
            directory=lambda: self.directory,
            clock=self.clock,
            new_id=self.ids,
            wake=self.wake,
            limits=self.limits,
            vault=self.vault,
        )

    @property
    def sending(self) -> Sending:
        return Sending(self.desk)

    @property
    def receiving(self) -> Receiving:
        return Receiving(self.desk)

    @property
    def cases(self) -> Cases:
        return Cases(self.desk)

    @cached_property
    def targets(self) -> Targets:
        return Targets(
            {"test": KindForTests(lambda: self.adapters["test"])}, AdapterServices(self.clock, self.disk, self.ids)
        )

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
            limits=self.limits,
            sign=self.keystore.sign,
            collect_interval=timedelta(seconds=30),
            wake=self.wake,
            answered=lambda *what: self.answered.append(what),
        )

    def tools(self) -> Tools:
        return Tools(self.envelope, self.keystore, self.schemas, self.routes, self.directory)

    @cached_property
    def registry(self) -> Registry:
        return Registry(lambda: self.anchors, self.renew, new_ambiguity, 5, 4)

    async def move_in(self) -> None:
        """From now on the directory is what the store has, as in a daemon."""
        entries: list[DirectoryEntry] = [
            *self.directory.tenants.values(),
            *self.directory.portals.values(),
            *self.directory.clients.values(),
            *self.directory.destinations.values(),
            *self.directory.authorities.values(),
            *self.directory.targets.values(),
            *self.directory.keys.values(),
        ]

        def unit(tx: Transaction) -> None:
            for entry in entries:
                tx.directory.put(entry)

        await self.store.write(unit)
        self.moved_in = True
        await self.renew()

    async def renew(self) -> None:
        if self.moved_in:
            self.directory = await self.store.read(lambda tx: tx.directory.load())

    def wake(self) -> None:
        self.woken += 1

    def client(self, name: ClientId = PORTAL) -> Client:
        return self.directory.clients[name]

    def sealed(self, application: Application, spoil: Spoil | None = None) -> Sealed:
        name = {DIRECT: "chemnitz", COLLECTING: "saxony", SEALED: "leipzig"}[DestinationId(application.destination)]
        key = self.keys.jwk(f"{name}-encryption")
        return seal(application, key, self.keys.signing_jwk("hamburg-signing"), spoil or Spoil())

    async def announced(self, application: Application, client: ClientId = PORTAL) -> Message:
        attachments = tuple(map(PartId, application.parts))
        destination = DestinationId(application.destination)
        wish = Announcement(destination, application.service, "Baum", application.region, None, attachments)
        return await self.sending.announce(self.client(client), wish)

    async def attached(self, message: Message, part: PartId, token: str, client: ClientId = PORTAL) -> None:
        destination = self.directory.destinations[message.destination]
        check = EnvelopeCheck(f"attachment:{part}", KeysOf(destination.encryption_key), 10**9)
        await self.sending.attach(self.client(client), message, part, chunked(token.encode()), check)

    async def submitted(self, application: Application, spoil: Spoil | None = None) -> Message:
        """Announced, attached and submitted by the mailroom's own doors."""
        ready = self.sealed(application, spoil)
        message = await self.announced(application)
        for part, token in ready.attachments.items():
            await self.attached(message, PartId(part), token)
        return await self.submit(message, ready)

    async def submit(self, message: Message, ready: Sealed, client: ClientId = PORTAL) -> Message:
        keys = KeysOf(self.directory.destinations[message.destination].encryption_key)
        metadata = checked_body("metadata", ready.metadata, keys, 10**8)
        data = checked_body("data", ready.data, keys, 10**8)
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


class Agrees:
    """A check that has nothing to say."""

    def feed(self, chunk: bytes) -> None:
        """Everything is fine."""

    def finish(self) -> PartProof:
        return PROOF


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


def with_entries(directory: Directory, **tables: Iterable[Any]) -> Directory:
    """The directory with these entries in place of the present ones of the same id."""
    changed: dict[str, Any] = {
        table: {**getattr(directory, table), **{getattr(entry, "kid", None) or entry.id: entry for entry in entries}}
        for table, entries in tables.items()
    }
    return replace(directory, **changed)
