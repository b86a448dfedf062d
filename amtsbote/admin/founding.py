"""Found an installation: configuration, master key, empty database with the service's own keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import geteuid
from pathlib import Path
from typing import Any, Final

import uvloop

from amtsbote.admin.difference import view
from amtsbote.admin.installation_file import installation_file
from amtsbote.admin.opening import DATABASE, read_anchors
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import AuditRow, Transaction, Unit
from amtsbote.daemon.settings import Public, Settings
from amtsbote.errors import Language
from amtsbote.keys.making import new_service_keys
from amtsbote.keys.vault import Vault, make_master_key
from amtsbote.model.directory import KeyEntry
from amtsbote.store import FolderLock, SqliteStore

CONFIGURATION: Final = "amtsbote.toml"
MASTER_KEY: Final = "master.key"
DATA: Final = "data"
ANCHORS: Final = "trust-anchors"


@dataclass(frozen=True, slots=True)
class Founded:
    configuration: Path
    master_key: Path
    data: Path


@dataclass(frozen=True, slots=True)
class Wishes:
    """What may be said about an installation from the start; None takes the default."""

    anchors: tuple[Path, ...] = ()
    public_url: str | None = None
    listen: str | None = None
    metrics_listen: str | None = None


def found(folder: Path, wishes: Wishes, language: Language, at: datetime) -> Founded:
    """Make an installation in `folder`. Nothing that exists is overwritten; anchors are copied in. Takes some seconds.

    Raises `CommandRefused`, or `Misconfigured` for values the settings refuse.
    """
    made = Founded(folder / CONFIGURATION, folder / MASTER_KEY, folder / DATA)
    for path in (made.configuration, made.master_key, made.data / DATABASE, folder / ANCHORS):
        if path.exists() or path.is_symlink():
            raise CommandRefused("exists", "init.exists", path=path)
    read_anchors(wishes.anchors)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        anchors = _copied(wishes.anchors, folder / ANCHORS)
        written = _write_configuration(made.configuration, _chosen(wishes, anchors), language)
        make_master_key(made.master_key)
    except OSError as error:
        raise CommandRefused("cannot-write", "init.cannot-write", path=folder, reason=error.strerror) from error
    with FolderLock.take(made.data):
        uvloop.run(_new_database(written, at))
    return made


def _copied(anchors: Sequence[Path], to: Path) -> tuple[str, ...]:
    """The installation keeps its own copies, under names of ours."""
    if anchors:
        to.mkdir(mode=0o700)
    names = tuple(f"{ANCHORS}/{number}.pem" for number in range(1, len(anchors) + 1))
    for anchor, name in zip(anchors, names, strict=True):
        (to.parent / name).write_bytes(anchor.read_bytes())
    return names


def _chosen(wishes: Wishes, anchors: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The public address is always written down, because it is for ever."""
    url = wishes.public_url or f"http://{wishes.listen or Public().listen}"
    sections: dict[str, dict[str, Any]] = {
        "public": {"listen": wishes.listen, "url": url},
        "metrics": {"listen": wishes.metrics_listen},
        "storage": {"folder": DATA},
        "keys": {"master_key_file": MASTER_KEY, "trust_anchors": list(anchors)},
    }
    return {name: {key: value for key, value in keys.items() if value is not None} for name, keys in sections.items()}


def _write_configuration(path: Path, chosen: Mapping[str, Mapping[str, Any]], language: Language) -> Settings:
    """Written under a temporary name, so that only a configuration the daemon accepts gets its name."""
    draft = path.with_suffix(".draft")
    draft.write_text(installation_file(chosen, language), "utf-8")
    try:
        settings = Settings.load(draft)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return settings


async def _new_database(settings: Settings, at: datetime) -> None:
    store = SqliteStore.open(settings.storage.folder, readers=1)
    try:
        await store.write(_keep(new_service_keys(Vault.from_file(settings.keys.master_key_file)), at))
    finally:
        await store.close()


def _keep(keys: Sequence[KeyEntry], at: datetime) -> Unit[None]:
    def unit(tx: Transaction) -> None:
        for key in keys:
            tx.directory.put(key)
            tx.audit.add(AuditRow(at, f"uid:{geteuid()}", "key.added", key.kid, None, view(key)))

    return unit
