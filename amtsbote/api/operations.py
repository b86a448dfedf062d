"""The operations worth watching: each step, commit, fsync, rename and private-key operation.

The composition root wraps every one of them once, with the meter of the metrics; fault campaigns wrap the same places
with their own function. Nothing in the product knows more of it than the name it gives its operation.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Around(Protocol):
    """Wraps a function or coroutine function under a name such as `commit`, `fsync`, `rename`, `sign`, `step:open`."""

    def __call__(self, name: str, function: Callable[P, R], /) -> Callable[P, R]: ...


def unobserved(name: str, function: Callable[P, R], /) -> Callable[P, R]:  # noqa: ARG001  (the protocol's name)
    """The wrapping that does nothing."""
    return function


@dataclass(frozen=True, slots=True)
class Disk:
    """The two calls durability hangs on. Built by the composition root so that they can be watched."""

    sync: Callable[[int], None] = field(default=os.fsync)
    rename: Callable[[Path, Path], None] = field(default=os.rename)

    @classmethod
    def watched(cls, around: Around) -> "Disk":
        return cls(around("fsync", os.fsync), around("rename", os.rename))

    def sync_folder(self, folder: Path) -> None:
        """Make names in `folder` durable: needed after every rename or creation."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)
