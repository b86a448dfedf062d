"""Found an installation: configuration, master key, empty database with the service's own keys."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from os import geteuid
from pathlib import Path
from typing import Any, Final

import uvloop
from pydantic import ValidationError

from amtsbote.admin.difference import view
from amtsbote.admin.installation_file import installation_file
from amtsbote.admin.opening import DATABASE
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.operations import Disk
from amtsbote.api.persistence import AuditRow, Transaction, Unit
from amtsbote.daemon.anchors import read_anchors
from amtsbote.daemon.settings import Public, Settings
from amtsbote.daemon.storage import open_database
from amtsbote.errors import Language, Misconfigured
from amtsbote.keys.making import new_service_keys
from amtsbote.keys.vault import Vault, make_master_key
from amtsbote.model.directory import KeyEntry
from amtsbote.model.masterkey import MasterKey
from amtsbote.store import FolderLock
from amtsbote.text.findings import finding

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
    database_file: Path | None = None
    """Holds the address of a PostgreSQL database, which must be empty."""


_OPTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("public", "listen"): "--listen",
    ("public", "url"): "--public-url",
    ("metrics", "listen"): "--metrics-listen",
    ("storage", "database_file"): "--database-file",
}
"""Setting → the option it was wished for with."""
_DISK: Final = Disk()


def found(folder: Path, wishes: Wishes, language: Language, at: datetime, disk: Disk = _DISK) -> Founded:
    """Make an installation in `folder`, all or nothing. Nothing that exists is overwritten; anchors are copied in.
    Takes some seconds.

    The configuration comes last: what a killed `found` leaves can be used by nobody. Raises `CommandRefused`, or
    `Misconfigured` for values the settings refuse, before anything is written.
    """
    made = Founded(folder / CONFIGURATION, folder / MASTER_KEY, folder / DATA)
    read_anchors(wishes.anchors)
    chosen = _chosen(wishes, _names(wishes.anchors))
    settings = _checked(chosen, made)
    _nothing_there(made)
    try:
        _make_folder(folder, disk)
        with FolderLock.take(made.data):
            _nothing_there(made)
            with _all_or_nothing(made):
                _furnish(made, wishes, disk)
                _write_draft(made.configuration, installation_file(chosen, language), disk)
                uvloop.run(_new_database(settings, at))
                disk.sync_folder(made.data)
                disk.rename(_draft(made.configuration), made.configuration)
                disk.sync_folder(folder)
    except OSError as error:
        raise CommandRefused("cannot-write", "init.cannot-write", path=folder, reason=error) from error
    return made


def _checked(chosen: Mapping[str, Mapping[str, Any]], made: Founded) -> Settings:
    """The settings the installation will have, under the present environment."""
    values: dict[str, Any] = dict(chosen)
    try:
        settings = Settings(**values).beside(made.configuration.parent)
    except ValidationError as error:
        found = [_fault(item) for item in error.errors(include_url=False, include_input=False)]
        raise Misconfigured("\n".join(en for _, en in found), "\n".join(de for de, _ in found)) from None
    settings.storage.database_address()  # refused now rather than when half is made
    return settings


def _fault(item: Mapping[str, Any]) -> tuple[str, str]:
    """German and English; a setting nobody wished for here comes from the environment."""
    place = ".".join(map(str, item["loc"]))
    option = _OPTIONS.get(item["loc"], place)
    why = finding(item)
    return f"{option}: {why.sentence('de')}", f"{option}: {why.sentence('en')}"


def _nothing_there(made: Founded) -> None:
    for path in (*_ours(made), made.data / DATABASE):
        if path.exists() or path.is_symlink():
            raise CommandRefused("exists", "init.exists", path=path)


def _ours(made: Founded) -> tuple[Path, ...]:
    return made.configuration, made.master_key, made.configuration.parent / ANCHORS


def _make_folder(folder: Path, disk: Disk) -> None:
    """With the folders above it, each durable by its name."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in missing:
        disk.sync_folder(one.parent)


@contextmanager
def _all_or_nothing(made: Founded) -> Iterator[None]:
    """Take away what was made when something fails, so that the corrected command works. The caller holds the lock."""
    before = set(made.data.iterdir())
    try:
        yield
    except BaseException:
        for path in (*_ours(made), _draft(made.configuration), *(set(made.data.iterdir()) - before)):
            _remove(path)
        raise


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _furnish(made: Founded, wishes: Wishes, disk: Disk) -> None:
    """The master key is durable before the first thing it seals."""
    folder = made.master_key.parent
    make_master_key(made.master_key)
    disk.sync_folder(folder)
    _copy(wishes.anchors, folder, disk)


def _names(anchors: Sequence[Path]) -> tuple[str, ...]:
    """The installation keeps its own copies, under names of ours."""
    return tuple(f"{ANCHORS}/{number}.pem" for number in range(1, len(anchors) + 1))


def _copy(anchors: Sequence[Path], folder: Path, disk: Disk) -> None:
    if not anchors:
        return
    (folder / ANCHORS).mkdir(mode=0o700)
    for anchor, name in zip(anchors, _names(anchors), strict=True):
        _write(folder / name, anchor.read_bytes(), disk)
    disk.sync_folder(folder / ANCHORS)


def _write(file: Path, content: bytes, disk: Disk) -> None:
    with file.open("xb") as out:
        out.write(content)
        out.flush()
        disk.sync(out.fileno())


def _chosen(wishes: Wishes, anchors: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The public address is always written down, because it is for ever."""
    url = wishes.public_url or f"http://{wishes.listen or Public().listen}"
    sections: dict[str, dict[str, Any]] = {
        "public": {"listen": wishes.listen, "url": url},
        "metrics": {"listen": wishes.metrics_listen},
        "storage": {"folder": DATA, "database_file": wishes.database_file and wishes.database_file.absolute()},
        "keys": {"master_key_file": MASTER_KEY, "trust_anchors": list(anchors)},
    }
    return {name: {key: value for key, value in keys.items() if value is not None} for name, keys in sections.items()}


def _write_draft(path: Path, text: str, disk: Disk) -> None:
    draft = _draft(path)
    draft.unlink(missing_ok=True)
    _write(draft, text.encode(), disk)


def _draft(configuration: Path) -> Path:
    return configuration.with_suffix(".draft")


async def _new_database(settings: Settings, at: datetime) -> None:
    """Raises `CommandRefused` when it holds an installation already."""
    store = open_database(settings, readers=1)
    try:
        await store.read(_must_be_unused)
        vault = Vault.from_file(settings.keys.master_key_file)
        await store.write(_keep(new_service_keys(vault), MasterKey(vault.own, at), at))
    finally:
        await store.close()


def _must_be_unused(tx: Transaction) -> None:
    if tx.directory.load().keys:
        raise CommandRefused("exists", "init.database-used")


def _keep(keys: Sequence[KeyEntry], master_key: MasterKey, at: datetime) -> Unit[None]:
    def unit(tx: Transaction) -> None:
        _must_be_unused(tx)
        tx.master.put(master_key)
        for key in keys:
            tx.directory.put(replace(key, made_at=at))
            tx.audit.add(AuditRow(at, f"uid:{geteuid()}", "key.added", key.kid, None, view(key)))

    return unit
