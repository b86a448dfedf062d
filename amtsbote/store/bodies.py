"""Files of large sealed parts. Every file is owned by a row; its name says nothing of its content.

Order that durability hangs on: bytes, fsync, rename, fsync of the folder, and only then the commit of the row.
"""

import errno
import os
import re
import secrets
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from amtsbote.api.operations import Disk
from amtsbote.errors import Damaged, StorageFailed, StorageFull

PIECE: Final = 256 * 1024 + 16
"""Bytes of one sealed piece: 256 KiB and the tag of AES-GCM."""
_NAME: Final = re.compile(r"([0-9a-f]{2})/[0-9a-f]{32}\.part")
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Swept:
    """What `sweep` found at start."""

    orphans: int
    """Kept files that no row owns: removed."""
    unfinished: int
    """Files whose writing never ended: removed."""
    missing: tuple[str, ...]
    """Files that rows own and that are not there."""


class BodyWriter:
    """A body being written. Ends with exactly one of `keep` and `discard`."""

    def __init__(self, folder: Path, name: str, disk: Disk) -> None:
        self._folder = folder
        self._name = name
        self._disk = disk
        self._unfinished = folder / "incoming" / name.rpartition("/")[2]
        with _storage():
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._descriptor = os.open(self._unfinished, flags, 0o600)
        self._open = True
        self._kept = False

    def write(self, content: bytes) -> None:
        """Append all of `content`. Raises `StorageFull`, `StorageFailed`."""
        rest = memoryview(content)
        with _storage():
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]

    def keep(self) -> str:
        """Make the body durable; returns its name for the row. Raises `StorageFull`, `StorageFailed`: not kept."""
        file = self._folder / self._name
        with _storage():
            self._disk.sync(self._descriptor)
            self._close()
            self._disk.rename(self._unfinished, file)
            self._disk.sync_folder(file.parent)
        self._kept = True
        return self._name

    def discard(self) -> None:
        """Forget the body, also after a `keep` that failed. Harmless after one that succeeded and a second time."""
        self._close()
        if not self._kept:
            self._unfinished.unlink(missing_ok=True)
            (self._folder / self._name).unlink(missing_ok=True)

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)


class BodyFiles:
    """All body files beneath one folder. `random` gives the bytes names are made of."""

    def __init__(
        self, folder: Path, disk: Disk, *, piece: int = PIECE, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._folder = folder
        self._disk = disk
        self._piece = piece
        self._random = random
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("incoming", *(f"{number:02x}" for number in range(256))):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        for named in (folder, folder.parent):  # once, so that no body hangs on a name that is not durable yet
            disk.sync_folder(named)

    def begin(self) -> BodyWriter:
        """Raises `StorageFull`, `StorageFailed`."""
        name = self._random(16).hex()
        return BodyWriter(self._folder, f"{name[:2]}/{name}.part", self._disk)

    def read(self, name: str) -> Generator[bytes, None, None]:
        """Sealed pieces in order. The first step raises `Damaged` when the file is missing or the name is not ours."""
        try:
            descriptor = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise Damaged("a body file is missing or unreadable") from error
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            while piece := _full(file.read, self._piece):
                yield piece

    def remove(self, name: str) -> None:
        """Missing is fine. Raises `Damaged` for a name that is not one of ours."""
        self._path(name).unlink(missing_ok=True)

    def set_aside(self, name: str, folder: Path) -> bool:
        """Move a file out of everybody's way, durably; False when it is not there. Raises `Damaged` for a name that is
        not one of ours, `StorageFailed`."""
        file = self._path(name)
        with _storage():
            folder.mkdir(mode=0o700, exist_ok=True)
            try:
                self._disk.rename(file, folder / file.name)
            except FileNotFoundError:
                return False
            for changed in (folder, folder.parent, file.parent):
                self._disk.sync_folder(changed)
        return True

    def orphans(self, owned: frozenset[str]) -> tuple[str, ...]:
        """Kept files that are not in `owned`."""
        return tuple(sorted(self._kept() - owned))

    def missing(self, owned: frozenset[str]) -> tuple[str, ...]:
        """Names in `owned` whose file is not there."""
        return tuple(sorted(owned - self._kept()))

    def sweep(self, owned: frozenset[str]) -> Swept:
        """At start, before anything is written: remove what no row owns and what was never finished."""
        orphans = self.orphans(owned)
        for name in orphans:
            self.remove(name)
        unfinished = list((self._folder / "incoming").iterdir())
        for file in unfinished:
            file.unlink(missing_ok=True)
        return Swept(len(orphans), len(unfinished), self.missing(owned))

    @staticmethod
    def ours(name: str) -> bool:
        """Whether this can be the name of a body file."""
        return _ours(name)

    def _kept(self) -> frozenset[str]:
        names = (file.relative_to(self._folder).as_posix() for file in self._folder.glob("??/*.part"))
        return frozenset(name for name in names if _ours(name))

    def _path(self, name: str) -> Path:
        if not _ours(name):
            raise Damaged("a body file has a name that is not one of ours")
        return self._folder / name


def _ours(name: str) -> bool:
    match = _NAME.fullmatch(name)
    return match is not None and name[3:5] == match[1]


def _full(read: Callable[[int], bytes | None], size: int) -> bytes:
    """`size` bytes, fewer only at the end of the file."""
    found = read(size) or b""
    while len(found) < size and (more := read(size - len(found))):
        found += more
    return found


@contextmanager
def _storage() -> Iterator[None]:
    """Failures of the disk in words of the house."""
    try:
        yield
    except OSError as error:
        failed = StorageFull if error.errno in _NO_SPACE else StorageFailed
        raise failed(f"writing a body failed: {error.strerror}") from error
