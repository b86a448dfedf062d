"""Builds the daemon. The order matters: the folder lock first, helpers before any database opens, listeners last."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Final, ParamSpec, TypeVar
from uuid import uuid4

import structlog
from starlette.applications import Starlette

from adapters import adapter_kinds
from amtsbote.api.adapter import AdapterKind, AdapterServices
from amtsbote.api.bodies import Bodies
from amtsbote.api.operations import Around, Disk, unobserved
from amtsbote.api.persistence import Database, Store
from amtsbote.daemon.anchors import Anchors, read_anchors
from amtsbote.daemon.asking import Asking
from amtsbote.daemon.masterkey import take_master_key
from amtsbote.daemon.meter import Meter
from amtsbote.daemon.publishing import PublishedTables, RouteSignatures, nothing_published
from amtsbote.daemon.renewing import Renewing
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.snapshot import Present, PublishedRoutes, read_snapshot
from amtsbote.daemon.storage import open_database, open_parts
from amtsbote.daemon.tidying import tidy_alone
from amtsbote.errors import Damaged, Misconfigured
from amtsbote.keys.keystore import KeyStore
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import Cases, Desk, EventLog, Limits, Managing, PartRoom, Receiving, Registry, Sending
from amtsbote.model.ids import KeyId
from amtsbote.model.routing import german_day
from amtsbote.net import AddressGuard, GuardedClient, Timeouts
from amtsbote.net.mail import Mailer
from amtsbote.pipeline import Tools
from amtsbote.runner import (
    Backoff,
    Calling,
    Computing,
    Lane,
    Pace,
    Reminders,
    Signing,
    Targets,
    Workshop,
    calling_lane,
    lanes,
)
from amtsbote.store.hurried import Hurried
from amtsbote.store.lock import FolderLock
from amtsbote.store.sqlite.connection import FILE
from routing.destinations import new_ambiguity
from schemas.helpers import HelperLimits, HelperPool
from schemas.on_demand import HelpersOnDemand
from schemas.package import LoadedPackage, default_rules, installed_packages
from schemas.registry import SchemaRegistry
from schemas.standards.in_use import StandardsInUse
from schemas.standards.library import Library
from transport.fitconnect.assumptions import MOST_DESTINATIONS, MOST_KEYS
from transport.fitconnect.callbacks import FitConnectCallbacks
from transport.fitconnect.envelope import FitConnectEnvelope, PlaintextLimits
from transport.fitconnect.server import Admission, Front, Gate, ServerLimits, application
from transport.fitconnect.server.publishing import Published
from transport.fitconnect.server.rates import Rate, Rates
from transport.fitconnect.server.slowdown import SlowDown
from transport.fitconnect.server.sources import Sources
from transport.fitconnect.server.tokens import Tokens

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger("amtsbote.daemon")

_METADATA: Final = 1_000_000
_CALLBACK_ANSWER: Final = 64 * 1024
"""Bytes of an answer to a callback: only its status says something."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_uuid() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class World:
    """What the daemon takes from outside: time, randomness, and a wrapping for every watched operation."""

    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = new_uuid
    random: Callable[[], float] = random.random
    around: Around = unobserved


@dataclass(frozen=True, slots=True)
class Foundation:
    """What everything else stands on."""

    settings: Settings
    world: World
    meter: Meter
    around: Around
    helpers: HelperPool
    packages: tuple[LoadedPackage, ...]
    store: Database
    hurried: Store
    """The same, for whoever answers somebody."""
    files: Bodies
    vault: Vault
    present: Present
    keys: KeyStore

    async def reload(self) -> bool:
        """Take newer directory and routing rows; True when there were some. The master key comes first: it may be what
        opens a new private key."""
        await take_master_key(self.store, self.vault)
        if not await self.present.refresh(self.store, german_day(self.world.clock()), self.keys.replace):
            return False
        log.info("directory.reloaded", revision=self.present.directory().revision)
        return True


@dataclass(frozen=True, slots=True)
class Daemon:
    """The wired house. `run` it with `amtsbote.daemon.serving.serve`."""

    foundation: Foundation
    lanes: tuple[Lane, ...]
    calling: Calling
    calls: Lane
    """One of the lanes."""
    signing: Signing
    renewing: Renewing
    computing: Computing
    targets: Targets
    schemas: SchemaRegistry
    backoff: Backoff
    anchors: Anchors
    admission: Admission
    gate: Gate
    application: Starlette
    closing: AsyncExitStack

    @property
    def store(self) -> Database:
        return self.foundation.store

    @property
    def settings(self) -> Settings:
        return self.foundation.settings

    def wake(self) -> None:
        """Something was committed, here or by another node."""
        for lane in self.lanes:
            if lane is not self.calls:
                lane.wake()
        if not self.store.shared:
            self.signing.wake()

    def tick(self) -> None:
        """Time has passed. Beside other nodes signing keeps this pace: whose turn it is costs a connection."""
        self.wake()
        self.calls.wake()
        self.signing.wake()

    async def reload(self) -> bool:
        """Take newer directory and routing rows; True when there were some."""
        return await self.foundation.reload()

    async def close(self) -> None:
        await self.closing.aclose()


async def compose(
    settings: Settings, world: World | None = None, locked: AbstractContextManager[object] | None = None
) -> Daemon:
    """Build the daemon of an installation. `locked`: the lock of the folder, where this process has part in one that
    its parent holds. Raises `Misconfigured`; what was opened until then is closed again."""
    async with AsyncExitStack() as opened:
        vault = Vault.from_file(settings.keys.master_key_file)
        opened.enter_context(locked or FolderLock.take(settings.storage.folder))
        foundation = await _found(settings, world or World(), vault, opened)
        daemon = _build(foundation, opened)
        daemon.closing.push_async_callback(opened.pop_all().aclose)
        return daemon


async def _found(settings: Settings, world: World, vault: Vault, opened: AsyncExitStack) -> Foundation:
    meter = Meter()
    around = _both(world.around, meter.around)
    helpers = HelperPool(settings.work.threads, _helper_limits(settings))
    helpers.start()
    opened.callback(helpers.close)
    if not settings.storage.on_postgresql:
        _not_half_a_folder(settings.storage.folder)
    store = open_database(settings, around=around)
    opened.push_async_callback(store.close)
    files = open_parts(settings, Disk.watched(around))
    await take_master_key(store, vault)
    if store.shared and settings.storage.parts is None:
        await _not_anothers_parts(store, settings.storage.folder)
    packages = installed_packages(settings.schemas.packages)
    present = Present(await read_snapshot(store, german_day(world.clock()), default_rules(packages)))
    keys = _opened_keys(vault, present, around)
    if not store.shared:
        await tidy_alone(store, files, meter)  # only now: database and master key have proved to be this folder's
    return Foundation(
        settings, world, meter, around, helpers, packages, store, Hurried(store), files, vault, present, keys
    )


def _not_half_a_folder(folder: Path) -> None:
    """Parts without their database are an interrupted restore or a wrong folder: to a new database all of them would be
    orphans."""
    if not (folder / FILE).exists() and any((folder / "parts").glob("??/*.part")):
        raise Misconfigured(
            f"{folder} holds parts but no database: restore the backup completely, or name the right folder",
            f"{folder} enthält Teile, aber keine Datenbank: die Sicherung vollständig zurückspielen"
            " oder den richtigen Ordner angeben",
        )


async def _not_anothers_parts(store: Database, folder: Path) -> None:
    """A node beside others would take every large part for lost that lies in the data folder of another."""
    if any((folder / "parts").glob("??/*.part")) or not await store.read(lambda tx: tx.parts.files()):
        return
    raise Misconfigured(
        f"{folder} holds none of the large parts the database knows: where several nodes share a database, set"
        " storage.parts to the same place on each; after a restore, bring the folder parts back, too",
        f"{folder} enthält keinen der großen Teile, die die Datenbank kennt: wo mehrere Knoten sich eine Datenbank"
        " teilen, storage.parts auf jedem auf denselben Ort setzen; nach einem Zurückspielen auch den Ordner parts"
        " zurückholen",
    )


def envelope_of(settings: Settings) -> FitConnectEnvelope:
    """The protocol, speaking as this installation."""
    return FitConnectEnvelope(f"{settings.public.url}/submission-api", _plaintext_limits(settings))


def _opened_keys(vault: Vault, present: Present, around: Around) -> KeyStore:
    try:
        return KeyStore(vault, present.directory().keys.values(), around=around)
    except Damaged as error:
        raise Misconfigured(
            "the master key does not open the keys in the data folder: it belongs to another installation",
            "der Hauptschlüssel öffnet die Schlüssel im Datenordner nicht: er gehört zu einer anderen Installation",
        ) from error


def _build(base: Foundation, opened: AsyncExitStack) -> Daemon:
    settings, world = base.settings, base.world
    computing = Computing(settings.work.threads)
    opened.callback(computing.close)
    opened.callback(base.helpers.close)  # first: a thread that waits for a document ends at once
    envelope = envelope_of(settings)
    events = EventLog(base.hurried, envelope, base.keys, base.present.directory, computing)
    schemas = _schemas(base, opened)
    targets = Targets(_usable_kinds(), AdapterServices(world.clock, Disk.watched(base.around), world.new_id))
    opened.push_async_callback(targets.close)
    bell = _Bell()
    desk = _desk(base, events, bell)

    def tools() -> Tools:
        snapshot = base.present.snapshot
        return Tools(envelope, base.keys, schemas, snapshot.resolver, snapshot.directory)

    shop = _workshop(base, desk, computing, targets, tools)
    anchors = Anchors(read_anchors(settings.keys.trust_anchors))
    front = _front(base, desk, computing, anchors, Asking(schemas, computing, settings.work.threads, world.clock))
    calling = _calling(base, desk, opened)
    calls = calling_lane(shop, calling)
    daemon = Daemon(
        foundation=base,
        lanes=(*lanes(shop, settings.work.threads), calls),
        calling=calling,
        calls=calls,
        signing=Signing(events, base.store.sole),
        renewing=Renewing(base.reload),
        computing=computing,
        targets=targets,
        schemas=schemas,
        backoff=shop.backoff,
        anchors=anchors,
        admission=front.admission,
        gate=front.gate,
        application=application(front, world.new_id),
        closing=AsyncExitStack(),
    )
    bell.hang(daemon.wake)
    told = partial(_told_by_a_thread, asyncio.get_running_loop())
    base.store.listen(partial(told, daemon.wake), partial(told, daemon.renewing.due))
    return daemon


def _desk(base: Foundation, events: EventLog, bell: "_Bell") -> Desk:
    """What the mailroom works with."""
    return Desk(
        store=base.hurried,
        parts=PartRoom(base.vault, base.files),
        log=events,
        directory=base.present.directory,
        clock=base.world.clock,
        new_id=base.world.new_id,
        wake=bell.ring,
        limits=_limits(base.settings),
        vault=base.vault,
    )


def _workshop(
    base: Foundation, desk: Desk, computing: Computing, targets: Targets, tools: Callable[[], Tools]
) -> Workshop:
    """What the runner works with: what the mailroom has, but with the patience to wait for the store."""
    return Workshop(
        store=base.store,
        parts=desk.parts,
        log=desk.log,
        vault=base.vault,
        computing=computing,
        targets=targets,
        tools=tools,
        clock=desk.clock,
        new_id=desk.new_id,
        backoff=_backoff(base.settings, base.world),
        lease=base.settings.work.lease,
        around=base.around,
        limits=desk.limits,
        sign=base.keys.sign,
        collect_interval=base.settings.work.collect_interval,
        wake=desk.wake,
        heard=base.meter.count_delivery,
        answered=base.meter.count_reply,
        reminders=Reminders(_mailer(base.settings)),
    )


def _schemas(base: Foundation, opened: AsyncExitStack) -> SchemaRegistry:
    """Packages in the standing helpers; what is dear to hold, and registered standards, in helpers on demand."""
    on_demand = HelpersOnDemand(base.helpers.limits, each=base.settings.work.threads)
    opened.callback(on_demand.close)
    standards = StandardsInUse(Library(base.settings.schemas.registry), on_demand)
    schemas = SchemaRegistry(base.packages, base.helpers, on_demand, standards)
    for package, lack in schemas.forms.unusable.items():
        log.warning("schemas.package_unusable", package=package, because=lack.en)
    return schemas


def _front(base: Foundation, desk: Desk, computing: Computing, anchors: Anchors, asking: Asking) -> Front:
    """What the FIT-Connect server works with."""
    settings, world, directory = base.settings, base.world, base.present.directory

    async def sign(key: KeyId, data: bytes) -> bytes:
        return await computing(base.keys.sign, key, data)

    return Front(
        sending=Sending(desk),
        receiving=Receiving(desk),
        cases=Cases(desk),
        managing=Managing(desk, _registry(base, anchors)),
        parts=desk.parts,
        tokens=Tokens(directory, base.keys.sign, world.clock, world.new_id, f"{settings.public.url}/auth"),
        published=Published(
            routes=lambda: PublishedRoutes(base.present.snapshot),
            tables=_published_tables(base, sign) if settings.public.routing_snapshot else nothing_published,
            shelf=RouteSignatures(base.hurried),
            sign=sign,
            clock=world.clock,
            new_id=world.new_id,
            public_url=settings.public.url,
        ),
        directory=directory,
        limits=ServerLimits(settings.limits.metadata, settings.limits.data, settings.limits.attachment),
        admission=Admission(settings.limits.in_flight),
        gate=_gate(settings, world.clock),
        watch=base.meter,
        clock=world.clock,
        check=asking,
    )


def _published_tables(base: Foundation, sign: Callable[[KeyId, bytes], Awaitable[bytes]]) -> PublishedTables:
    issuer = f"{base.settings.public.url}/routing-api"
    return PublishedTables(base.hurried, base.present, sign, base.world.clock, issuer)


def _gate(settings: Settings, clock: Callable[[], datetime]) -> Gate:
    rates, oauth = settings.rates, settings.oauth
    return Gate(
        rates=Rates(Rate(rates.client, clock), Rate(rates.address, clock)),
        sources=Sources(settings.public.trusted_proxies),
        slow_down=SlowDown(oauth.failures, oauth.longest_wait, clock),
        basic=oauth.basic,
    )


def _calling(base: Foundation, desk: Desk, opened: AsyncExitStack) -> Calling:
    """Raises `Misconfigured` for a file of certification authorities that is none."""
    settings, callbacks = base.settings, base.settings.callbacks
    seconds = callbacks.timeout.total_seconds()
    client = GuardedClient(
        AddressGuard(tuple(map(ip_network, callbacks.allow)), tuple(map(ip_network, callbacks.refuse))),
        timeouts=Timeouts(connect=min(5.0, seconds), read=seconds, write=seconds, whole=seconds),
        limit=_CALLBACK_ANSWER,
        extra_ca=callbacks.extra_ca,
    )
    opened.push_async_callback(client.close)
    backoff = Backoff(callbacks.first_retry, callbacks.longest_retry, 0, base.world.random)
    pace = Pace(callbacks.pause, callbacks.most, backoff, callbacks.give_up, callbacks.keep)
    form = FitConnectCallbacks(f"{settings.public.url}/submission-api")
    return Calling(base.store, desk, client, form, pace, base.meter.count_call)


def _registry(base: Foundation, anchors: Anchors) -> Registry:
    return Registry(
        anchors=anchors.now,
        renew=base.reload,
        ambiguity=new_ambiguity,
        most_destinations=MOST_DESTINATIONS.value,
        most_keys=MOST_KEYS.value,
    )


def _usable_kinds() -> Mapping[str, AdapterKind]:
    """Kinds of third parties may be broken; the others work."""
    found = adapter_kinds()
    for point, reason in found.broken.items():
        log.warning("adapter.unusable", point=point, because=reason.en)
    return found.usable


def _told_by_a_thread(loop: asyncio.AbstractEventLoop, react: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(react)


class _Bell:
    """Ties the knot: mailroom and runner ring it before the lanes they wake exist."""

    def __init__(self) -> None:
        self._rung: Callable[[], None] = lambda: None

    def hang(self, rung: Callable[[], None]) -> None:
        self._rung = rung

    def ring(self) -> None:
        self._rung()


def _both(outer: Around, inner: Around) -> Around:
    def around(name: str, function: Callable[P, R], /) -> Callable[P, R]:
        return outer(name, inner(name, function))

    return around


def _limits(settings: Settings) -> Limits:
    limits = settings.limits
    return Limits(limits.attachment, limits.attachments, limits.attachments_total)


def _plaintext_limits(settings: Settings) -> PlaintextLimits:
    limits = settings.limits
    return PlaintextLimits(_METADATA, limits.document, limits.attachment, limits.attachments_total)


def _helper_limits(settings: Settings) -> HelperLimits:
    return HelperLimits(
        document_bytes=settings.limits.document, wall_seconds=settings.work.validation_timeout.total_seconds()
    )


def _mailer(settings: Settings) -> Mailer | None:
    mail = settings.mail
    if mail.server is None or mail.sender is None:
        return None
    host, _, port = mail.server.rpartition(":")
    return Mailer(host, int(port), mail.sender, mail.transport, mail.user, mail.secret())


def _backoff(settings: Settings, world: World) -> Backoff:
    work = settings.work
    return Backoff(work.first_retry, work.longest_retry, work.attempts, world.random)
