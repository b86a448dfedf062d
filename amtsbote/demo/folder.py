"""The data folder of the demonstration: made fresh, used by one run at a time, and never a folder of anybody else."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from amtsbote.demo.failure import StepFailed

MARKER: Final = ".amtsbote-demo"
"""Who finds it in a folder knows that the demonstration made the folder and may delete it."""


@dataclass(frozen=True, slots=True)
class Layout:
    root: Path

    @property
    def certificates(self) -> Path:
        """Root and issuing certificate of the demo CA."""
        return self.root / "ca"

    @property
    def trust_anchor(self) -> Path:
        return self.certificates / "root.pem"

    @property
    def operator(self) -> Path:
        """What an operator writes: declaration, routing tables, keys of the destination."""
        return self.root / "betrieb"

    @property
    def declaration(self) -> Path:
        return self.operator / "deklaration.toml"

    @property
    def broker(self) -> Path:
        """What `amtsbote init` makes."""
        return self.root / "broker"

    @property
    def configuration(self) -> Path:
        return self.broker / "amtsbote.toml"

    @property
    def portal(self) -> Path:
        """Everything of the portal: settings, signing key, a copy of what it sent."""
        return self.root / "hamburg"

    @property
    def inbox(self) -> Path:
        """The folder Chemnitz's software watches."""
        return self.root / "chemnitz" / "eingang"

    @property
    def logs(self) -> Path:
        return self.root / "logs"


@contextmanager
def fresh_folder(path: Path) -> Iterator[Layout]:
    """The folder, empty but for its marker, and locked. What an earlier run left in it is deleted.

    Raises `StepFailed` when another run uses the folder, or when it exists and no run made it.
    """
    root = path.absolute()
    marker = root / MARKER
    if root.is_symlink() or (root.exists() and not marker.is_file()):
        raise StepFailed("demo.folder.foreign", path=root)
    root.mkdir(parents=True, exist_ok=True)
    with marker.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StepFailed("demo.folder.busy", path=root) from None
        _empty(root)
        yield _furnished(Layout(root))


def remove(layout: Layout) -> None:
    shutil.rmtree(layout.root)


def _empty(root: Path) -> None:
    for entry in root.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != MARKER:
            entry.unlink()


def _furnished(layout: Layout) -> Layout:
    for folder in (layout.certificates, layout.operator, layout.portal, layout.inbox, layout.logs):
        folder.mkdir(parents=True)
    return layout
