"""Files of large sealed parts, in a folder of this machine or one that several nodes share. Every file is owned by a
row; its name says nothing of its content.

Order that durability hangs on: bytes, fsync, rename, fsync of the folder, and only then the commit of the row.
"""

import errno
import os
import secrets
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from amtsbote.api.bodies import PIECE, BodyWriter, is_body_name
from amtsbote.api.operations import Disk
from amtsbote.errors import Damaged, StorageFailed, StorageFull
from amtsbote.store.sweeping import Sweeping

_NOT_THERE: Final = frozenset({errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.EISDIR})
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class _FileWriter:
    """A body on its way into its file. Nobody else writes beneath its name: names are 128 random bits."""

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
        if self._kept:
            return
        with suppress(OSError):  # the sweep finds it
            self._unfinished.unlink(missing_ok=True)
            (self._folder / self._name).unlink(missing_ok=True)

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)


class BodyFiles(Sweeping):
    """All body files beneath one folder; several processes may have it open. `random` gives the bytes names are made
    of, `aside` is the folder of damaged bodies, on the same file system."""

    def __init__(
        self,
        folder: Path,
        disk: Disk,
        *,
        aside: Path | None = None,
        piece: int = PIECE,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Raises `StorageFull`, `StorageFailed`."""
        self._folder = folder
        self._aside = aside or folder.parent / "damaged"
        self._disk = disk
        self._piece = piece
        self._random = random
        with _storage():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in ("incoming", *(f"{number:02x}" for number in range(256))):
                (folder / name).mkdir(mode=0o700, exist_ok=True)
            disk.sync_folder(folder)  # once, so that no body hangs on a name that is not durable yet
            with suppress(PermissionError):  # where a shared folder is mounted may be nobody's business
                disk.sync_folder(folder.parent)

    def begin(self, name: str | None = None) -> BodyWriter:
        """Raises `StorageFull`, `StorageFailed`, and `Damaged` for a name that is not one of ours."""
        if name is not None:
            self._forget([f"incoming/{self._path(name).name}"])  # of an earlier attempt to move it here
        return _FileWriter(self._folder, name or fresh_name(self._random), self._disk)

    def read(self, name: str) -> Generator[bytes, None, None]:
        """Sealed pieces in order. The first step raises `Damaged` when the file is missing, is no file of ours, or the
        name is not ours; `StorageFailed` for whatever may pass, such as too many open files: then nothing is said of
        the file."""
        try:
            descriptor = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in _NOT_THERE:
                raise Damaged("a body file is missing") from error
            raise StorageFailed(f"a body file cannot be opened now: {error.strerror}") from error
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            while piece := _full(file.read, self._piece):
                yield piece

    def remove(self, name: str) -> None:
        """Missing is fine. Raises `Damaged` for a name that is not one of ours, `StorageFailed`."""
        file = self._path(name)
        with _storage():
            file.unlink(missing_ok=True)

    def set_aside(self, name: str) -> bool:
        """Move a file out of everybody's way, durably; False when it is not there. Raises `Damaged` for a name that is
        not one of ours, `StorageFailed`."""
        file, aside = self._path(name), self._aside
        with _storage():
            aside.mkdir(mode=0o700, exist_ok=True)
            try:
                self._disk.rename(file, aside / file.name)
            except FileNotFoundError:
                return False
            for changed in (aside, aside.parent, file.parent):
                self._disk.sync_folder(changed)
        return True

    def kept(self) -> Mapping[str, datetime]:
        """Name of every kept body → when it was last touched, by the clock of the file system."""
        return {name: touched for name, touched in self._dated("??/*.part") if is_body_name(name)}

    def _unfinished(self) -> Mapping[str, datetime]:
        return dict(self._dated("incoming/*"))

    def _forget(self, unfinished: Iterable[str]) -> None:
        with _storage():
            for name in unfinished:
                (self._folder / name).unlink(missing_ok=True)

    def _dated(self, pattern: str) -> Iterator[tuple[str, datetime]]:
        with _storage():
            for file in self._folder.glob(pattern):
                with suppress(FileNotFoundError):  # another node was faster
                    yield file.relative_to(self._folder).as_posix(), _touched(file)

    def _path(self, name: str) -> Path:
        if not is_body_name(name):
            raise Damaged("a body file has a name that is not one of ours")
        return self._folder / name


def fresh_name(random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """A name nobody has."""
    digits = random(16).hex()
    return f"{digits[:2]}/{digits}.part"


def _touched(file: Path) -> datetime:
    return datetime.fromtimestamp(file.lstat().st_mtime, UTC)


def _full(read: Callable[[int], bytes | None], size: int) -> bytes:
    """`size` bytes, fewer only at the end of the file."""
    try:
        found = read(size) or b""
        while len(found) < size and (more := read(size - len(found))):
            found += more
    except OSError as error:
        raise StorageFailed(f"a body file cannot be read now: {error.strerror}") from error
    return found


@contextmanager
def _storage() -> Iterator[None]:
    """Failures of the disk in words of the house."""
    try:
        yield
    except OSError as error:
        failed = StorageFull if error.errno in _NO_SPACE else StorageFailed
        raise failed(f"the storage of bodies failed: {error.strerror}") from error
