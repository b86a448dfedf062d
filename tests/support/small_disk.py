"""A small file system of its own that a test can fill to the last byte, and empty again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class SmallDisk:
    folder: Path

    def fill(self, leaving: int = 0) -> None:
        """Take all room but `leaving` bytes."""
        with (self.folder / ".ballast").open("wb", buffering=0) as ballast:
            piece = 64 * 1024
            while (room := self._free() - leaving) > 0:
                ballast.write(bytes(min(piece, room)))

    def empty(self) -> None:
        (self.folder / ".ballast").unlink()

    def _free(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


@contextmanager
def small_disk(folder: Path, size: str = "24m") -> Iterator[SmallDisk]:
    """Mounted in place of `folder`, with its content. Skips where mounting is not allowed."""
    aside = folder.with_name(f"{folder.name}-before")
    folder.rename(aside)
    folder.mkdir(mode=0o700)
    if os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a file system of its own needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "amtsbote-test", str(folder)],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip("a file system of its own cannot be mounted here")
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
