"""Where decrypted bytes go: copied or inflated (RFC 1951), never more of them than allowed.

Both take bytes that nobody has authenticated yet. After a fault they keep taking bytes and give none, and tell the
fault only at `finish`: so the caller can check the authentication tag first, and the fault of a tampered message is
never told apart from its wrong tag.
"""

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from amtsbote.errors import AmtsboteError, DecryptionFailed

STEP: Final = 256 * 1024
"""Largest piece that is given out, bytes."""
RATIO_LIMIT: Final = 100
RATIO_FREE: Final = 16 * 1024 * 1024
"""Output up to which the ratio is not looked at, bytes: small documents of blanks compress far better than 100."""


class PlaintextTooLong(AmtsboteError):
    """An authentic message whose plaintext is longer than the limit, or grows out of all proportion when inflated."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"plaintext is longer than {limit} bytes or inflates more than {RATIO_LIMIT} times")
        self.limit = limit


class Output(Protocol):
    def take(self, data: bytes) -> Iterator[bytes]: ...

    def finish(self) -> None:
        """Raises `PlaintextTooLong` or `DecryptionFailed` when what was given out is not the whole plaintext."""
        ...


class Copied:
    """Plaintext as it was encrypted."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0

    def take(self, data: bytes) -> Iterator[bytes]:
        self._size += len(data)
        if data and self._size <= self._limit:
            yield data

    def finish(self) -> None:
        if self._size > self._limit:
            raise PlaintextTooLong(self._limit)


class Inflated:
    """Plaintext that was compressed before it was encrypted (`zip` DEF: raw DEFLATE without header)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._taken = 0
        self._given = 0
        self._fault: AmtsboteError | None = None

    def take(self, data: bytes) -> Iterator[bytes]:
        while self._fault is None:
            piece = self._next(data)
            if self._fault is None and piece:
                yield piece
            data = self._inflate.unconsumed_tail
            if not data and len(piece) < STEP:
                return

    def finish(self) -> None:
        if self._fault is not None:
            raise self._fault
        if not self._inflate.eof:
            raise DecryptionFailed("the compressed plaintext is cut off")

    def _next(self, data: bytes) -> bytes:
        if self._inflate.eof:
            self._fault = DecryptionFailed("the compressed plaintext goes on after its end") if data else None
            return b""
        try:
            piece = self._inflate.decompress(data, STEP)
        except zlib.error:
            self._fault = DecryptionFailed("the compressed plaintext is not DEFLATE")
            return b""
        self._taken += len(data) - len(self._inflate.unconsumed_tail)
        self._given += len(piece)
        self._judge()
        return piece

    def _judge(self) -> None:
        out_of_proportion = self._given > max(RATIO_FREE, RATIO_LIMIT * self._taken)
        if self._given > self._limit or out_of_proportion:
            self._fault = PlaintextTooLong(self._limit)
        elif self._inflate.unused_data:
            self._fault = DecryptionFailed("the compressed plaintext goes on after its end")
