"""A body that is pushed in and pulled out: who writes it has pieces, the client of the storage wants to be asked."""

from collections.abc import Callable, Iterator
from enum import Enum, auto
from queue import Queue
from threading import Thread
from typing import Final

from amtsbote.errors import AmtsboteError

_AHEAD: Final = 2
"""Pieces that may wait: beyond it whoever writes waits, back to the sender."""


class _End(Enum):
    FINISHED = auto()
    ABORTED = auto()


class _Aborted(AmtsboteError):
    """Makes the client of the storage give up its upload."""


class Upload:
    """Runs `send(pieces)` in a thread of its own. Ends with `finish` or `abort`; both may be called again."""

    def __init__(self, send: Callable[[Iterator[bytes]], None]) -> None:
        self._send = send
        self._pieces: Queue[bytes | _End] = Queue(_AHEAD)
        self._failure: Exception | None = None
        self._ended = False
        self._thread = Thread(target=self._run, name="upload", daemon=True)
        self._thread.start()

    def feed(self, piece: bytes) -> None:
        """Raises what `send` has raised until now."""
        if self._failure is not None:
            raise self._failure
        self._pieces.put(piece)

    def finish(self) -> None:
        """Wait until all is sent. Raises what `send` raised."""
        self._end(_End.FINISHED)
        if self._failure is not None:
            raise self._failure

    def abort(self) -> None:
        """Wait until `send` has given up."""
        self._end(_End.ABORTED)

    def _end(self, how: _End) -> None:
        if not self._ended:
            self._ended = True
            self._pieces.put(how)
            self._thread.join()

    def _run(self) -> None:
        arriving = _Arriving(self._pieces)
        try:
            self._send(arriving)
        except Exception as error:  # noqa: BLE001  (raised again where the pieces come from)
            self._failure = error
        arriving.drain()


class _Arriving:
    """The pieces until the end. After a failure the rest is taken and dropped, so that nobody waits for ever."""

    def __init__(self, pieces: Queue[bytes | _End]) -> None:
        self._pieces = pieces
        self._end: _End | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._next()
        if piece is _End.ABORTED:
            raise _Aborted
        if not isinstance(piece, bytes):
            raise StopIteration
        return piece

    def drain(self) -> None:
        while self._end is None:
            self._next()

    def _next(self) -> bytes | _End:
        if self._end is not None:
            return self._end
        piece = self._pieces.get()
        if isinstance(piece, _End):
            self._end = piece
        return piece
