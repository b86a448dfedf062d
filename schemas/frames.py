"""Messages on the pipe between this process and a helper: lengths, a small JSON head, raw bytes. Nothing is pickled."""

import json
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any, Final

_LENGTHS: Final = struct.Struct(">II")
_JOIN_BELOW: Final = 65536


class PipeEnded(Exception):
    """The other side is gone, or does not keep to the form."""


class Frames:
    """One end of the pipe."""

    def __init__(self, end: socket.socket, max_head: int, max_body: int) -> None:
        """`max_head`, `max_body`: bytes accepted from the other side."""
        self._end = end
        self._max_head = max_head
        self._max_body = max_body

    def send(self, head: Mapping[str, Any], body: bytes = b"", *, until: float | None = None) -> None:
        """Send one message. `until`: moment of `time.monotonic` at which to give up with `TimeoutError`."""
        encoded = json.dumps(head).encode()
        start = _LENGTHS.pack(len(encoded), len(body)) + encoded
        pieces = (start + body,) if len(body) < _JOIN_BELOW else (start, body)
        try:
            for piece in pieces:
                self._end.settimeout(_remaining(until))
                self._end.sendall(piece)
        except TimeoutError:
            raise
        except OSError as cause:
            raise PipeEnded from cause

    def receive(self, *, until: float | None = None) -> tuple[Mapping[str, Any], bytes]:
        """The next message. Raises `PipeEnded`, or `TimeoutError` at `until`."""
        head_size, body_size = _LENGTHS.unpack(self._exactly(_LENGTHS.size, until))
        if head_size > self._max_head or body_size > self._max_body:
            raise PipeEnded
        try:
            head = json.loads(self._exactly(head_size, until))
        except ValueError as cause:
            raise PipeEnded from cause
        if not isinstance(head, dict):
            raise PipeEnded
        return head, self._exactly(body_size, until)

    def _exactly(self, size: int, until: float | None) -> bytes:
        pieces: list[bytes] = []
        missing = size
        while missing:
            self._end.settimeout(_remaining(until))
            try:
                piece = self._end.recv(missing, socket.MSG_WAITALL)
            except TimeoutError:
                raise
            except OSError as cause:
                raise PipeEnded from cause
            if not piece:
                raise PipeEnded
            pieces.append(piece)
            missing -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _remaining(until: float | None) -> float | None:
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
