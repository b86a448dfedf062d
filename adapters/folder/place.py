"""The target folder on disk: where things lie, and how a file or folder is made there.

```
<path>/20260801T101500Z_99093003001002_<delivery>/   delivered, complete, with its marker
<path>/.amtsbote/tmp-<delivery>-<token>/             being written by one attempt
<path>/.amtsbote/tmp-<delivery>-<token>.intent       its intent, not yet fixed
<path>/.amtsbote/intents/<delivery>                  the intent that holds: names the draft that is the message
```
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from adapters.folder.names import INTENTS, WORKSHOP, delivery_of
from amtsbote.api import Disk

DELIVERED_MODE: Final = 0o770
"""The group of the Fachverfahren may take a delivered folder away or delete it."""
WORKSHOP_MODE: Final = 0o750
FILE_MODE: Final = 0o660
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Place:
    path: Path
    disk: Disk
    mounted: bool = False
    """The path has to lie on a file system mounted below `/`."""

    @property
    def workshop(self) -> Path:
        return self.path / WORKSHOP

    @property
    def intents(self) -> Path:
        return self.workshop / INTENTS

    def demand_mounted(self) -> None:
        """Raises `OSError` (ENODEV) unless the file system is mounted that the operator said would be.

        A mount point without its share is an ordinary folder: everything works there, and it is the wrong disk.
        """
        real = self.path.resolve()
        if self.mounted and not any(map(os.path.ismount, (real, *real.parents[:-1]))):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), str(self.path))

    def identity(self) -> tuple[int, ...]:
        """What tells this workshop from another under the same path. A share gets a new device number each time it is
        mounted, so for one only the number of the folder counts."""
        found = self.workshop.lstat()
        return (found.st_ino,) if self.mounted else (found.st_dev, found.st_ino)

    def demand_own_folders(self) -> None:
        """Raises `OSError` unless both folders of ours are there and are no symbolic links.

        A delivery never creates them: an unmounted share leaves an empty folder behind, and a fresh `.amtsbote` in it
        would have forgotten every intent.
        """
        for folder in (self.workshop, self.intents):
            demand_real_folder(folder)

    def write(self, path: Path, chunks: Iterable[bytes]) -> None:
        """A new file, durable when this returns; its name is durable once its folder is synced."""
        descriptor = os.open(path, _CREATE, FILE_MODE)
        try:
            os.fchmod(descriptor, FILE_MODE)  # open() subtracts the umask
            for chunk in chunks:
                _write_all(descriptor, chunk)
            self.disk.sync(descriptor)
        finally:
            os.close(descriptor)

    def mark(self, path: Path) -> None:
        """A new empty file. It has nothing to sync: its existence is its name, which the sync of its folder keeps."""
        descriptor = os.open(path, _CREATE, FILE_MODE)
        try:
            os.fchmod(descriptor, FILE_MODE)
        finally:
            os.close(descriptor)

    def drafts(self, delivery: str) -> Iterator[Path]:
        """Everything in the workshop that attempts at this delivery have left."""
        with os.scandir(self.workshop) as entries:
            names = [entry.name for entry in entries]
        return (self.workshop / name for name in names if delivery_of(name) == delivery)


def demand_real_folder(folder: Path) -> None:
    """Raises `OSError`: missing, a symbolic link, or no folder."""
    mode = folder.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))
    if not stat.S_ISDIR(mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def share_folder(folder: Path, mode: int) -> None:
    """Open for the group as `mode` says, whatever the umask. A set-group-id bit that the parent hands down stays,
    because it is how an operator gives the group of the Fachverfahren access."""
    folder.chmod(mode | (folder.stat().st_mode & stat.S_ISGID))


def make_own_folder(parent: Path, stem: str) -> Path:
    """A folder nobody else has, named `stem`, or `stem.1`, `stem.2` … when a crash left one of that name. Private until
    it is shared."""
    for number in count():
        folder = parent / (f"{stem}.{number}" if number else stem)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    raise AssertionError("count() does not end")


def discard(*leftovers: Path) -> None:
    """Remove what nobody needs. What cannot be removed now stays for the next attempt or the next start."""
    for leftover in leftovers:
        try:
            leftover.unlink()
        except (IsADirectoryError, PermissionError):  # POSIX lets unlink() of a folder fail either way
            shutil.rmtree(leftover, ignore_errors=True)
        except OSError:
            continue


def _write_all(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
