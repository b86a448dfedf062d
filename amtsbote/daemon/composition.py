"""Builds the daemon. The order matters: the folder lock first, helpers before any database opens, listeners last."""

import random
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, ParamSpec, TypeVar
from uuid import uuid4

import structlog
from starlette.applications import Starlette

from adapters import adapter_kinds
from amtsbote.api.adapter import AdapterKind, AdapterServices
from amtsbote.api.operations import Around, Disk, unobserved
from amtsbote.daemon.meter import Meter
from amtsbote.daemon.publishing import RouteSignatures
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.snapshot import Present, PublishedRoutes, read_snapshot
from amtsbote.errors import Damaged, Misconfigured
from amtsbote.keys.keystore import KeyStore
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import Desk, EventLog, Limits, PartRoom, Receiving, Sending
from amtsbote.model.ids import KeyId
from amtsbote.pipeline import Tools
from amtsbote.runner import Backoff, Computing, Lane, Signing, Targets, Workshop, lanes
from amtsbote.store.bodies import BodyFiles
from amtsbote.store.lock import FolderLock
from amtsbote.store.sqlite import SqliteStore
from schemas.helpers import HelperLimits, HelperPool
from schemas.registry import SchemaRegistry
from transport.fitconnect.envelope import FitConnectEnvelope, PlaintextLimits
from transport.fitconnect.server import Admission, Front, ServerLimits, application
from transport.fitconnect.server.publishing import Published
from transport.fitconnect.server.tokens import Tokens

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger("amtsbote.daemon")

_ATTACHMENTS_TOTAL: Final = 2 * 1024**3
"""Bytes of all attachments of one submission (dossier 2.3)."""
_METADATA: Final = 1_000_000


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
    store: SqliteStore
    files: BodyFiles
    vault: Vault
    present: Present
    keys: KeyStore


@dataclass(frozen=True, slots=True)
class Daemon:
    """The wired house. `run` it with `amtsbote.daemon.serving.serve`."""

    foundation: Foundation
    lanes: tuple[Lane, ...]
    signing: Signing
    computing: Computing
    targets: Targets
    schemas: SchemaRegistry
    backoff: Backoff
    admission: Admission
    application: Starlette
    closing: AsyncExitStack

    @property
    def store(self) -> SqliteStore:
        return self.foundation.store

    @property
    def settings(self) -> Settings:
        return self.foundation.settings

    def wake(self) -> None:
        for lane in self.lanes:
            lane.wake()
        self.signing.wake()

    async def reload(self) -> bool:
        """Take newer directory and routing rows; True when there were some."""
        if not await self.foundation.present.refresh(self.store, self.foundation.keys.replace):
            return False
        log.info("directory.reloaded", revision=self.foundation.present.directory().revision)
        return True

    async def close(self) -> None:
        await self.closing.aclose()


async def compose(settings: Settings, world: World | None = None) -> Daemon:
    """Build the daemon of an installation. Raises `Misconfigured`; what was opened until then is closed again."""
    async with AsyncExitStack() as opened:
        foundation = await _found(settings, world or World(), opened)
        daemon = _build(foundation, opened)
        daemon.closing.push_async_callback(opened.pop_all().aclose)
        return daemon


async def _found(settings: Settings, world: World, opened: AsyncExitStack) -> Foundation:
    meter = Meter()
    around = _both(world.around, meter.around)
    vault = Vault.from_file(settings.keys.master_key_file)
    opened.enter_context(FolderLock.take(settings.storage.folder))
    helpers = HelperPool(settings.work.threads, _helper_limits(settings))
    helpers.start()
    opened.callback(helpers.close)
    store = SqliteStore.open(settings.storage.folder, around=around)
    opened.push_async_callback(store.close)
    files = BodyFiles(settings.storage.folder / "parts", Disk.watched(around))
    await _tidy(store, files, meter)
    present = Present(await read_snapshot(store))
    keys = _opened_keys(vault, present, around)
    return Foundation(settings, world, meter, around, helpers, store, files, vault, present, keys)


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


async def _tidy(store: SqliteStore, files: BodyFiles, meter: Meter) -> None:
    """What an earlier life left: leases nobody holds any more, files no row owns."""
    released = await store.write(lambda tx: tx.jobs.release())
    swept = files.sweep(await store.read(lambda tx: tx.parts.files()))
    meter.orphans.set(swept.orphans)
    log.info(
        "start.tidied", leases=released, orphans=swept.orphans, unfinished=swept.unfinished, missing=len(swept.missing)
    )


def _build(base: Foundation, opened: AsyncExitStack) -> Daemon:
    settings, world = base.settings, base.world
    computing = Computing(settings.work.threads)
    opened.callback(computing.close)
    opened.callback(base.helpers.close)  # first: a thread that waits for a document ends at once
    envelope = envelope_of(settings)
    events = EventLog(base.store, envelope, base.keys, base.present.directory, computing)
    parts = PartRoom(base.vault, base.files)
    schemas = SchemaRegistry.bundled(base.helpers)
    targets = Targets(_usable_kinds(), AdapterServices(world.clock, Disk.watched(base.around)))
    opened.push_async_callback(targets.close)
    signing = Signing(events)
    bell = _Bell()
    backoff = _backoff(settings, world)

    def tools() -> Tools:
        snapshot = base.present.snapshot
        return Tools(envelope, base.keys, schemas, snapshot.resolver, snapshot.directory)

    shop = Workshop(
        store=base.store,
        parts=parts,
        log=events,
        vault=base.vault,
        computing=computing,
        targets=targets,
        tools=tools,
        clock=world.clock,
        new_id=world.new_id,
        backoff=backoff,
        lease=settings.work.lease,
        around=base.around,
        wake=bell.ring,
        heard=base.meter.count_delivery,
    )
    desk = Desk(
        base.store, parts, events, base.present.directory, world.clock, world.new_id, bell.ring, _limits(settings)
    )
    front = _front(base, desk, computing)
    daemon = Daemon(
        foundation=base,
        lanes=lanes(shop, settings.work.threads),
        signing=signing,
        computing=computing,
        targets=targets,
        schemas=schemas,
        backoff=backoff,
        admission=front.admission,
        application=application(front, world.new_id),
        closing=AsyncExitStack(),
    )
    bell.hang(daemon.wake)
    return daemon


def _front(base: Foundation, desk: Desk, computing: Computing) -> Front:
    """What the FIT-Connect server works with."""
    settings, world, directory = base.settings, base.world, base.present.directory

    async def sign(key: KeyId, data: bytes) -> bytes:
        return await computing(base.keys.sign, key, data)

    return Front(
        sending=Sending(desk),
        receiving=Receiving(desk),
        events=desk.log,
        parts=desk.parts,
        tokens=Tokens(directory, base.keys.sign, world.clock, world.new_id, f"{settings.public.url}/auth"),
        published=Published(
            routes=lambda: PublishedRoutes(base.present.snapshot),
            shelf=RouteSignatures(base.store),
            directory=directory,
            sign=sign,
            clock=world.clock,
            new_id=world.new_id,
            public_url=settings.public.url,
        ),
        directory=directory,
        limits=ServerLimits(settings.limits.metadata, settings.limits.data, settings.limits.attachment),
        admission=Admission(settings.limits.in_flight),
        clock=world.clock,
    )


def _usable_kinds() -> Mapping[str, AdapterKind]:
    """Kinds of third parties may be broken; the others work."""
    found = adapter_kinds()
    for point, reason in found.broken.items():
        log.warning("adapter.unusable", point=point, because=reason.en)
    return found.usable


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
    return Limits(limits.attachment, limits.attachments, _ATTACHMENTS_TOTAL, settings.work.announced_for)


def _plaintext_limits(settings: Settings) -> PlaintextLimits:
    return PlaintextLimits(_METADATA, settings.limits.document, settings.limits.attachment)


def _helper_limits(settings: Settings) -> HelperLimits:
    return HelperLimits(
        document_bytes=settings.limits.document, wall_seconds=settings.work.validation_timeout.total_seconds()
    )


def _backoff(settings: Settings, world: World) -> Backoff:
    work = settings.work
    return Backoff(work.first_retry, work.longest_retry, work.attempts, world.random)
