"""One data folder, one process. The kernel holds the lock and frees it with the process, however that ends."""

import fcntl
import os
import pwd
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson

from amtsbote.store.refusal import StoreRefused

FILE: Final = "amtsbote.lock"
_READ: Final = 4_096
_SHOWN_COMMAND: Final = 200


class FolderLock:
    """Held from `take` to `release` or the end of the process; the file says who holds it, its time since when.

    A process that is forked without `exec` shares the lock.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path) -> "FolderLock":
        """Raises `StoreRefused` (a `Misconfigured`), which names the process that holds the folder, or whose it is.

        root is refused where the folder is another user's: what root makes there, the service cannot read.
        """
        _may_be_roots(folder)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _unusable(folder, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            refused = _held(folder, descriptor)
            os.close(descriptor)
            raise refused from None
        holder = orjson.dumps({"pid": os.getpid(), "command": _printable(" ".join(sys.argv))[:_SHOWN_COMMAND]})
        os.pwrite(descriptor, holder, 0)
        os.ftruncate(descriptor, len(holder))
        return cls(descriptor)

    def release(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> "FolderLock":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _may_be_roots(folder: Path) -> None:
    home = folder if folder.exists() else folder.parent
    if os.geteuid() != 0 or not home.exists():
        return
    owner = home.stat().st_uid
    if owner == 0:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    raise StoreRefused(
        f"{home} gehört dem Benutzer {name}: was root hier anlegt, kann der Dienst nicht lesen. Bitte den Befehl als"
        f" dieser Benutzer ausführen (sudo -u {name} …); neben dem laufenden Dienst darf ihn auch root geben.",
        f"{home} belongs to the user {name}: what root makes here, the service cannot read. Give the command as that"
        f" user (sudo -u {name} …); beside the running service root may give it, too.",
    )


def _held(folder: Path, descriptor: int) -> StoreRefused:
    since = datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    try:
        holder = orjson.loads(os.pread(descriptor, _READ, 0))
        pid, command = int(holder["pid"]), _printable(str(holder["command"]))
    except (ValueError, KeyError, TypeError):
        pid, command = 0, "?"
    return StoreRefused(
        f"Der Datenordner {folder} wird seit {since} von Prozess {pid} benutzt ({command})."
        " Bitte diesen beenden oder einen anderen Datenordner angeben.",
        f"The data folder {folder} has been in use since {since} by process {pid} ({command})."
        " Stop that one or name another data folder.",
    )


def _unusable(folder: Path, error: OSError) -> StoreRefused:
    return StoreRefused(
        f"Der Datenordner {folder} ist nicht benutzbar: {error.strerror}. Bitte Pfad und Rechte prüfen.",
        f"The data folder {folder} cannot be used: {error.strerror}. Check path and permissions.",
    )


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
