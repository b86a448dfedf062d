"""Who may read and change what: configuration, master key, data, socket, and the program itself."""

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from amtsbote.admin.doctor_advice import Advice, Site, error, warning
from amtsbote.daemon.configuration import MASKED, masked, values_of

_OTHERS: Final = 0o077
_EVERYBODY: Final = 0o007
_OTHERS_WRITE: Final = 0o022


def configuration(site: Site) -> Iterator[Advice]:
    mode = _mode(site.file)
    if mode is not None and mode & _OTHERS_WRITE:
        yield error("config-writable", path=site.file)
    secret = any(MASKED in str(masked(value)) for value in values_of(site.settings).values())
    if mode is not None and mode & _OTHERS and secret:
        yield error("config-readable", path=site.file)
    yield from _open_folder(site.file.resolve().parent)


def master_key(site: Site) -> Iterator[Advice]:
    path = site.settings.keys.master_key_file
    try:
        found = path.stat()
    except OSError as problem:
        yield error("key-missing", path=path, reason=problem.strerror)
        return
    if found.st_mode & _OTHERS and not _is_credential(path):
        yield error("key-open", path=path)
    if found.st_uid not in {0, site.owner}:
        yield error("key-owner", path=path, uid=found.st_uid)
    if path.resolve().is_relative_to(site.settings.storage.folder.resolve()):
        yield error("key-in-data", path=path)


def data_folder(site: Site) -> Iterator[Advice]:
    folder = site.settings.storage.folder
    mode = _mode(folder)
    if mode is None:
        yield error("data-missing", path=folder)
    elif mode & _OTHERS_WRITE:
        yield error("data-writable", path=folder)
    elif mode & _OTHERS:
        yield warning("data-readable", path=folder)


def admin_socket(site: Site) -> Iterator[Advice]:
    path = site.settings.admin.socket
    mode = _mode(path)
    strangers = _OTHERS if site.settings.admin.group is None else _EVERYBODY
    if mode is not None and mode & strangers:
        yield error("socket-open", path=path)
    if path.parent != site.file.resolve().parent:
        yield from _open_folder(path.parent)


def service_user(site: Site) -> Iterator[Advice]:
    if site.owner == 0:
        yield error("root")


def program(site: Site) -> Iterator[Advice]:
    """Whoever takes over the service must not be able to change what it runs."""
    groups = groups_of(site.owner)
    changeable = [path for path in site.program if _may_change(path, site.owner, groups)]
    if changeable:
        yield warning("program-writable", path=changeable[0], count=len(changeable))


def groups_of(uid: int) -> frozenset[int]:
    try:
        person = pwd.getpwuid(uid)
    except KeyError:
        return frozenset()
    return frozenset(os.getgrouplist(person.pw_name, person.pw_gid))


def _may_change(path: Path, uid: int, groups: frozenset[int]) -> bool:
    """An owner may, whatever the bits say: he can change them."""
    try:
        found = path.stat()
    except OSError:
        return False
    mode = found.st_mode
    by_group = bool(mode & stat.S_IWGRP) and found.st_gid in groups
    return found.st_uid == uid or by_group or bool(mode & stat.S_IWOTH)


def _open_folder(folder: Path) -> Iterator[Advice]:
    """A folder in which strangers can put another file in the place of ours."""
    mode = _mode(folder)
    if mode is not None and mode & _OTHERS_WRITE and not mode & stat.S_ISVTX:
        yield error("folder-writable", path=folder)


def _is_credential(path: Path) -> bool:
    """In the folder systemd hands over, the group's bits are the mask of an access list (acl(5))."""
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    return given is not None and path.is_relative_to(given) and not path.stat().st_mode & stat.S_IRWXO


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
