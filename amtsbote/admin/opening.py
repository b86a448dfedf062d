"""Open an office: that of the running daemon, or one for a single command under the folder lock."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from os import geteuid
from typing import Any, Final

import uvloop

from adapters import adapter_kinds
from amtsbote.admin.asking import Answer
from amtsbote.admin.commands import run_command
from amtsbote.admin.office import Office, Upkeep, nobody_to_tell
from amtsbote.admin.places import place_of
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.socket import ask, listens
from amtsbote.api import Disk
from amtsbote.api.bodies import Bodies
from amtsbote.daemon.anchors import read_anchors
from amtsbote.daemon.composition import Daemon, envelope_of, new_uuid, utc_now
from amtsbote.daemon.masterkey import take_master_key
from amtsbote.daemon.settings import Settings
from amtsbote.daemon.storage import open_database, open_parts
from amtsbote.keys.vault import Vault
from amtsbote.mailroom import PartRoom
from amtsbote.store import FolderLock, StoreRefused
from schemas.forms import Forms
from schemas.package import installed_packages
from schemas.registry import known_schemas
from schemas.standards.library import Library

Ask = Callable[[str, Mapping[str, Any]], Answer]

DATABASE: Final = "amtsbote.db"


def office_of(daemon: Daemon) -> Office:
    """The office of a running daemon, which takes over every change at once."""

    async def changed() -> None:
        await daemon.reload()

    base = daemon.foundation
    return Office(
        store=daemon.store,
        alone=not daemon.store.shared,
        vault=base.vault,
        anchors=daemon.anchors.now(),
        schemas=lambda: daemon.schemas.known,
        packages=base.packages,
        forms=daemon.schemas.forms,
        lack=lambda uri: Library(daemon.settings.schemas.registry).contents().lack(uri),
        adapters=adapter_kinds().usable,
        clock=base.world.clock,
        changed=changed,
        event_bytes=envelope_of(daemon.settings).event,
        routing_issuer=f"{daemon.settings.public.url}/routing-api",
        mirror=daemon.settings.mirror,
        new_id=base.world.new_id,
        wake=daemon.wake,
        present=lambda: base.present.snapshot.resolver,
        upkeep=_upkeep(daemon.settings, base.files, base.vault, base.world.new_id),
    )


@contextmanager
def at_the_office(settings: Settings) -> Iterator[Ask]:
    """Where commands are carried out: by the daemon if one runs, else here, under the folder lock.

    Raises `CommandRefused`, with code `locked` when the folder is held but nobody answers.
    """
    if listens(settings.admin.socket):
        yield partial(ask, settings.admin.socket)
        return
    if not settings.storage.on_postgresql:
        _demand_database(settings)
    with _lock(settings):
        yield partial(_once, settings)


def _demand_database(settings: Settings) -> None:
    """An editor sees no database, or none that may be opened: for that one it is the service that is missing."""
    where = {"socket": settings.admin.socket, "path": settings.storage.folder}
    try:
        if not (settings.storage.folder / DATABASE).is_file():
            raise CommandRefused("not-initialised", "office.nothing-there", **where)
    except PermissionError:
        raise CommandRefused("no-answer", "office.not-running", **where) from None


def _lock(settings: Settings) -> FolderLock:
    try:
        return FolderLock.take(settings.storage.folder)
    except StoreRefused as held:
        refused = CommandRefused("locked", "office.locked", path=settings.admin.socket)
        refused.de, refused.en = f"{refused.de} {held.de}", f"{refused.en} {held.en}"
        raise refused from None


def _once(settings: Settings, command: str, arguments: Mapping[str, Any]) -> Answer:
    async def carried_out() -> Answer:
        async with _own_office(settings) as office:
            return await run_command(office, f"uid:{geteuid()}", command, arguments)

    return uvloop.run(carried_out())


@asynccontextmanager
async def _own_office(settings: Settings) -> AsyncIterator[Office]:
    """The database stays at the version it has: it is the service that brings it up to date, after a backup."""
    vault = Vault.from_file(settings.keys.master_key_file)
    packages = installed_packages(settings.schemas.packages)
    store = open_database(settings, readers=1, migrating=False)
    try:
        await take_master_key(store, vault)
        yield Office(
            store=store,
            alone=not store.shared,
            vault=vault,
            anchors=read_anchors(settings.keys.trust_anchors),
            schemas=partial(known_schemas, packages, Library(settings.schemas.registry)),
            packages=packages,
            forms=Forms(packages),
            lack=lambda uri: Library(settings.schemas.registry).contents().lack(uri),
            adapters=adapter_kinds().usable,
            clock=utc_now,
            changed=nobody_to_tell,
            event_bytes=envelope_of(settings).event,
            routing_issuer=f"{settings.public.url}/routing-api",
            mirror=settings.mirror,
            upkeep=_upkeep(settings, open_parts(settings, Disk()), vault, new_uuid),
        )
    finally:
        await store.close()


def _upkeep(settings: Settings, files: Bodies, vault: Vault, new_id: Callable[[], str]) -> Upkeep:
    return Upkeep(settings.storage.folder, files, PartRoom(vault, files), new_id, place_of(settings).copy_to)
