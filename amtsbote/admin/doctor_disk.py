"""The disk under the data folder: room, kind of file system, whether fsync means anything."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Final

from amtsbote.admin.doctor_advice import Advice, Site, error, warning

GIB: Final = 1024**3
_LEAST_FREE: Final = GIB
_LITTLE_FREE: Final = 10 * GIB
_LITTLE_SHARE: Final = 0.1
_FILES_SHARE: Final = 0.05
_TOO_FAST: Final = 10e-6
"""Seconds. No disk writes and confirms in less; memory, or a library that swallows fsync, does."""
_TOO_SLOW: Final = 0.1
_MEASURED: Final = 9
_BLOCK: Final = bytes(4096)
_NETWORK: Final = ("nfs", "cifs", "smb", "9p", "ceph", "glusterfs", "afs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone")
_GONE_AT_RESTART: Final = ("tmpfs", "ramfs")
_LAYERS: Final = ("overlay", "aufs")


def space(site: Site) -> Iterator[Advice]:
    folder = site.settings.storage.folder
    usage = shutil.disk_usage(folder)
    values = {"path": folder, "free": f"{usage.free / GIB:.1f}"}
    if usage.free < max(_LEAST_FREE, 2 * site.settings.limits.attachment):
        yield error("disk-full", **values)
    elif usage.free < _LITTLE_FREE or usage.free < usage.total * _LITTLE_SHARE:
        yield warning("disk-little", **values)
    files = os.statvfs(folder)
    if files.f_files and files.f_favail < files.f_files * _FILES_SHARE:
        yield warning("disk-files", path=folder, free=files.f_favail)


def file_system(site: Site) -> Iterator[Advice]:
    folder = site.settings.storage.folder
    kind = kind_of(folder.resolve(), site.mounts)
    if kind.startswith(_NETWORK):
        yield error("disk-network", path=folder, kind=kind)
    elif kind in _GONE_AT_RESTART:
        yield error("disk-memory", path=folder, kind=kind)
    elif kind in _LAYERS:
        yield error("disk-layer", path=folder, kind=kind)
    parts = folder / "parts"
    if parts.is_dir() and parts.stat().st_dev != folder.stat().st_dev:
        yield error("disk-two", path=parts, other=folder)


def durability(site: Site) -> Iterator[Advice]:
    seconds = site.sync_seconds
    folder = site.settings.storage.folder
    if seconds is None:
        yield warning("fsync-unknown", path=folder)
    elif seconds < _TOO_FAST:
        yield error("fsync-fast", path=folder, microseconds=f"{seconds * 1e6:.1f}")
    elif seconds > _TOO_SLOW:
        yield warning("fsync-slow", path=folder, milliseconds=f"{seconds * 1e3:.0f}")


def sync_seconds(
    folder: Path, sync: Callable[[int], None] = os.fsync, tick: Callable[[], float] = time.perf_counter
) -> float | None:
    """The median of some fsyncs of a file without a name, which nobody can find and nothing leaves behind."""
    taken = []
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            for _ in range(_MEASURED):
                file.write(_BLOCK)
                began = tick()
                sync(file.fileno())
                taken.append(tick() - began)
    except OSError:
        return None
    return median(taken)


def kind_of(path: Path, mounts: str) -> str:
    """Type of the file system `path` lies on, by `mountinfo`; empty when that does not say."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        head, _, tail = line.partition(" - ")
        fields = head.split()
        if len(fields) < 5 or not tail:
            continue
        point = Path(_unescaped(fields[4]))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), tail.split()[0]
    return kind


def _unescaped(field: str) -> str:
    for octal, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(octal, char)
    return field
