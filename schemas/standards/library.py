"""The folder of registered standards: one folder each, complete in itself, written once and never changed.

<registry>/urn~xoev-de~bmk~standard~xbau_2.6/
    lock.json       identity, documents, roots, digests
    published/      the files as they were published
    linked/1/       a closed set made of them, which validators load
"""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from amtsbote.errors import Misconfigured, NoSuchName
from amtsbote.text.causes import cause_told
from schemas.standards.contents import Contents, DamagedStandard, name_of
from schemas.standards.documents import Identity, read_schema
from schemas.standards.lock import LOCK, UNREADABLE, Lock, LockedDocument, digests, read_lock
from schemas.standards.resolving import Block

PUBLISHED: Final = "published"
LINKED: Final = "linked"
_ADDING: Final = ".adding-"
_NAMED: Final = 10


class Library:
    def __init__(self, folder: Path) -> None:
        """`folder` need not exist yet."""
        self.folder = folder.absolute()  # helper processes have a working directory of their own

    def standards(self) -> tuple[Lock, ...]:
        """All registered ones that can be read, by kennung and version."""
        return self.contents().standards

    def contents(self) -> Contents:
        """All that is registered; what is damaged stops none of the others."""
        if not self.folder.is_dir():
            return Contents()
        found = [each for each in sorted(self.folder.iterdir()) if each.is_dir() and not each.name.startswith(".")]
        read = [*filter(None, map(self._read, found))]
        return Contents(
            tuple(each for each in read if isinstance(each, Lock)),
            tuple(each for each in read if isinstance(each, DamagedStandard)),
        )

    def stamp(self, damaged: Iterable[DamagedStandard] = ()) -> tuple[int, ...]:
        """Another one after a standard came or went, or one that was `damaged` was repaired."""
        return tuple(_changed_at(path) for path in (self.folder, *(each.folder / LOCK for each in damaged)))

    def _read(self, folder: Path) -> Lock | DamagedStandard | None:
        """None when it was removed meanwhile."""
        try:
            lock = read_lock(folder)
        except Misconfigured as why:
            return DamagedStandard(folder, name_of(folder), why) if folder.exists() else None
        home = self.home(lock.identity)
        return lock if home == folder else DamagedStandard(folder, str(lock.identity), _misnamed(folder, lock, home))

    def find(self, name: str) -> Lock:
        """By `kennung_version`, or by the end of it as long as only one ends so: `xbau_2.6`. Raises `Misconfigured`,
        also for a damaged one."""
        found = self.look_up(name)
        if isinstance(found, DamagedStandard):
            raise found.why
        return found

    def look_up(self, name: str) -> Lock | DamagedStandard:
        """As `find`, damaged or not."""
        contents = self.contents()
        known: dict[str, Lock | DamagedStandard] = {str(lock.identity): lock for lock in contents.standards}
        known |= {each.name: each for each in contents.damaged}
        found = [each for each in known if name == each or each.endswith(f":{name}")]
        if len(found) == 1:
            return known[found[0]]
        like = get_close_matches(name, [_end(identity) for identity in known], 3, 0.4)
        near = found or [each for each in known if _end(each) in like] or list(known)
        listed = ", ".join(near[:_NAMED])
        raise NoSuchName(
            f"no single registered standard is called {name}; registered: {listed or 'none'}",
            f"kein einzelner registrierter Standard heißt {name}; registriert: {listed or 'keiner'}",
        )

    def home(self, identity: Identity) -> Path:
        return self.folder / str(identity).replace(":", "~")

    def holds(self, identity: Identity) -> bool:
        return self.home(identity).exists()

    @contextmanager
    def adding(self, identity: Identity) -> Iterator[Path]:
        """A new folder that becomes the standard's when the block ends well, and is gone when it does not.

        Raises `Misconfigured` when somebody else was faster, or when the folder cannot be written.
        """
        with _written(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            folder = Path(mkdtemp(prefix=f"{_ADDING}{os.getpid()}-", dir=self.folder))
            try:
                yield folder
                _make_durable(folder)
                folder.chmod(0o755)
                self._take(folder, identity)
                _sync(self.folder)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def tidy(self, pid: int) -> None:
        """Remove what a process that was killed has left half written."""
        for left in self.folder.glob(f"{_ADDING}{pid}-*"):
            shutil.rmtree(left, ignore_errors=True)

    def _take(self, folder: Path, identity: Identity) -> None:
        try:
            folder.rename(self.home(identity))
        except OSError as cause:
            if cause.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise Misconfigured(
                    f"{identity} was registered by somebody else meanwhile",
                    f"{identity} wurde inzwischen von jemand anderem registriert",
                ) from cause
            raise

    def read(self, lock: Lock, name: str) -> bytes:
        """A file as it was published. Raises `Misconfigured` when it is gone."""
        try:
            return (self.home(lock.identity) / PUBLISHED / name).read_bytes()
        except OSError as cause:
            raise Misconfigured(
                f"{lock.identity}: {name} cannot be read ({cause_told(cause, 'en')}); remove it and register it again",
                f"{lock.identity}: {name} ist nicht lesbar ({cause_told(cause, 'de')}); "
                "bitte entfernen und neu registrieren",
            ) from cause

    def remove(self, standard: Lock | DamagedStandard) -> None:
        """Gone for whoever looks from now on; sets that have taken its documents keep their own copies."""
        home = standard.folder if isinstance(standard, DamagedStandard) else self.home(standard.identity)
        with _written(self.folder):
            leaving = Path(mkdtemp(prefix=_ADDING, dir=self.folder))
            home.rename(leaving / "removed")
            _sync(self.folder)
            shutil.rmtree(leaving)

    def changes(self, lock: Lock) -> Mapping[str, str]:
        """Path → `missing`, `changed`, `added` or `unreadable`, for every file that is not as the lock says."""
        now = digests(self.home(lock.identity))
        paths = sorted(set(now) | set(lock.files))
        return {
            path: _change(lock.files.get(path), now.get(path))
            for path in paths
            if now.get(path) != lock.files.get(path)
        }

    def must_be_unchanged(self, lock: Lock) -> None:
        """Raises `Misconfigured` that names the first file that is not as the lock says."""
        for path in self.changes(lock):
            raise Misconfigured(
                f"{lock.identity}: {path} is not as it was registered; remove the standard and register it again",
                f"{lock.identity}: {path} ist nicht, wie es registriert wurde; bitte entfernen und neu registrieren",
            )

    def block(self, namespace: str, file_name: str) -> Block | None:
        """A registered document of the namespace with this file name, else the only one of the namespace that no other
        one of it brings along. Several standards may hold it: the first by name."""
        for lock in self.standards():
            own = [document for document in lock.documents if document.namespace == namespace]
            named = [document for document in own if document.name.rpartition("/")[2] == file_name]
            within = {link for document in own for link in document.links if link != document.name}
            outer = [document for document in own if document.name not in within]
            for found in (named, outer):
                if len(found) == 1:
                    return self._block(lock, found[0])
        return None

    def _block(self, lock: Lock, document: LockedDocument) -> Block:
        by_name = {each.name: each for each in lock.documents}
        data = self.read(lock, document.name)
        prefix = f"@{lock.identity}/"
        return Block(
            str(lock.identity),
            read_schema(prefix + document.name.removeprefix(prefix), data),
            dict(enumerate(document.links)),
            lambda name: self._block(lock, by_name[name]),
        )


def _misnamed(folder: Path, lock: Lock, home: Path) -> Misconfigured:
    return Misconfigured(
        f"{folder} holds {lock.identity}: it must be called {home.name}",
        f"{folder} enthält {lock.identity}: Er muss {home.name} heißen",
    )


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise Misconfigured(
            f"the registry {folder} cannot be written: {cause_told(cause, 'en')}",
            f"in das Register {folder} lässt sich nicht schreiben: {cause_told(cause, 'de')}",
        ) from cause


def _end(identity: str) -> str:
    return identity.rpartition(":")[2]


def _change(locked: str | None, now: str | None) -> str:
    if now is None:
        return "missing"
    if now == UNREADABLE:
        return "unreadable"
    return "added" if locked is None else "changed"


def _changed_at(path: Path) -> int:
    """In nanoseconds; 0 while it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _make_durable(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
