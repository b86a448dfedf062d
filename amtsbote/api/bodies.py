"""Where large sealed parts lie: a folder, of this machine or shared by several, or S3-compatible storage.

All of it blocks and is called from threads. A body is never changed once it is kept; its name says nothing of its
content, and a row owns it.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

PIECE: Final = 256 * 1024 + 16
"""Bytes of one sealed piece: 256 KiB and the tag of AES-GCM."""
_NAME: Final = re.compile(r"([0-9a-f]{2})/[0-9a-f]{32}\.part")


def is_body_name(name: str) -> bool:
    """Whether this can be the name of a body: `ab/ab….part`, 32 digits, wherever bodies lie."""
    match = _NAME.fullmatch(name)
    return match is not None and name[3:5] == match[1]


@dataclass(frozen=True, slots=True)
class Swept:
    """What `sweep` found."""

    orphans: int
    """Kept bodies that no row owns: removed."""
    unfinished: int
    """Bodies whose writing never ended: removed."""
    missing: tuple[str, ...]
    """Bodies that rows own and that are not there."""


class BodyWriter(Protocol):
    """A body being written. Ends with exactly one of `keep` and `discard`."""

    def write(self, content: bytes) -> None:
        """Append all of `content`. Raises `StorageFull`, `StorageFailed`."""
        ...

    def keep(self) -> str:
        """Make the body durable; returns its name for the row. Raises `StorageFull`, `StorageFailed`: not kept."""
        ...

    def discard(self) -> None:
        """Forget the body, also after a `keep` that failed. Harmless after one that succeeded and a second time."""
        ...


class Bodies(Protocol):
    def begin(self, name: str | None = None) -> BodyWriter:
        """A new body; `name` only for one that moves here and has its name already.

        Raises `StorageFull`, `StorageFailed`, and `Damaged` for a name that is not one of ours.
        """
        ...

    def read(self, name: str) -> Generator[bytes, None, None]:
        """Sealed pieces in order, each of `PIECE` bytes but the last. The first step raises `Damaged` when the body is
        missing or the name is not ours; `StorageFailed` for whatever may pass: then nothing is said of the body."""
        ...

    def remove(self, name: str) -> None:
        """Missing is fine. Raises `Damaged` for a name that is not one of ours, `StorageFailed`."""
        ...

    def set_aside(self, name: str) -> bool:
        """Move a damaged body out of everybody's way, durably; False when it is not there. Raises `Damaged` for a name
        that is not one of ours, `StorageFailed`."""
        ...

    def orphans(self, owned: frozenset[str]) -> tuple[str, ...]:
        """Kept bodies that are not in `owned`. Raises `StorageFailed`."""
        ...

    def missing(self, owned: frozenset[str]) -> tuple[str, ...]:
        """Names in `owned` whose body is not there. Raises `StorageFailed`."""
        ...

    def sweep(self, owned: frozenset[str], older_than: datetime | None = None) -> Swept:
        """Remove what no row owns and what was never finished.

        `older_than` spares what was touched since: another node may be writing it now, or about to commit its row. None
        only where nothing else can be writing: at the start of the only process. Raises `StorageFailed`.
        """
        ...
