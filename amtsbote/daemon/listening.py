"""What a stranger may do to a listener before a request is one: bounds on heads, on time, on requests, on connections.

uvicorn's protocol reads whatever comes; a reverse proxy in front bounds most of it, and this holds without one.
"""

import asyncio
import resource
from typing import ClassVar, Final

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from amtsbote.errors import REQUEST_PROBLEMS, AmtsboteError, Problem
from amtsbote.errors.table import HEAD_TOO_LARGE, MALFORMED_HTTP

HEAD_BYTES: Final = 65536
"""Address, names and values of one head (and of trailers); also bytes in a row that the parser makes nothing of."""
HEAD_LINES: Final = 100
PIPELINED: Final = 16
"""Requests that wait for the answer to an earlier one of their connection."""
_LINGER_SECONDS: Final = 2
"""How long a refused client may go on sending: closing at once would reset the connection under its answer."""


class _OverBound(AmtsboteError):
    """Stops the parser from within a callback."""


def raise_open_files() -> None:
    """Connections are files, and the usual soft limit of 1024 is less than two full listeners."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class GuardedProtocol(HttpToolsProtocol):
    """One connection, within bounds. What cannot be answered in order is hung up on."""

    head_seconds: ClassVar[float] = 10
    """From the first byte (of a connection: from its start) to the end of the head. Idle time after it is uvicorn's."""
    most_connections: ClassVar[int] = 1000
    """Open at once, each listener."""
    reader_seconds: ClassVar[float] = 60
    """How long a peer may take nothing of an answer that waits for it."""

    _head_bytes = 0
    _silent_bytes = 0
    _awaiting_head = True
    _too_large = False
    _refused = False
    _clock: asyncio.TimerHandle | None = None
    _reader_clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self.connections.discard(self)
            self._hang_up()
            return
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        self._stop_reader_clock()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._start_reader_clock()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop_reader_clock()

    def eof_received(self) -> None:
        super().eof_received()
        self._start_reader_clock()  # the connection closes when everything has been taken

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._start_reader_clock()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._silent_bytes += len(data)
        super().data_received(data)
        if self._silent_bytes > HEAD_BYTES and not self._refused:
            self._refuse(HEAD_TOO_LARGE(bytes=HEAD_BYTES, lines=HEAD_LINES))
        elif self._silent_bytes and self._awaiting_head and self._clock is None:
            self._start_clock()

    def on_message_begin(self) -> None:
        self._head_bytes = self._silent_bytes = 0
        if self._clock is None:
            self._start_clock()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)
        if len(self.headers) > HEAD_LINES:
            self._too_large = True
            raise _OverBound

    def on_headers_complete(self) -> None:
        self._stop_clock()
        self._awaiting_head = False
        self._silent_bytes = 0
        super().on_headers_complete()
        if len(self.pipeline) > PIPELINED:
            raise _OverBound

    def on_body(self, body: bytes) -> None:
        self._silent_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._awaiting_head = True
        self._silent_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._start_reader_clock()
        if self._clock is not None and not self._refused:  # the next head may have waited in the socket meanwhile
            self._start_clock()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (the base's sentence is not the table's)
        too_large = HEAD_TOO_LARGE(bytes=HEAD_BYTES, lines=HEAD_LINES)
        self._refuse(too_large if self._too_large else MALFORMED_HTTP())

    def _count(self, size: int) -> None:
        self._silent_bytes = 0
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES:
            self._too_large = True
            raise _OverBound

    def _refuse(self, problem: Problem) -> None:
        if not self._can_answer():
            self._hang_up()
            return
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._refused = True
        self._unset_keepalive_if_required()
        self.transport.write(_answer(problem, self.server_state.default_headers))
        self.transport.write_eof()
        self.flow.resume_reading()
        self._stop_clock()
        self._clock = self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def _can_answer(self) -> bool:
        """Whether an answer now would be taken for that of the request it is about."""
        if not self._in_hand():
            return True
        return not (self._awaiting_head or self.pipeline or self.cycle.response_started)

    def _in_hand(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _hang_up(self) -> None:
        """At once: a client that does not read its answers would hold a connection that closes in order."""
        self._refused = True
        self.transport.abort()

    def _start_clock(self) -> None:
        self._stop_clock()
        self._clock = self.loop.call_later(self.head_seconds, self._head_is_late)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _start_reader_clock(self) -> None:
        self._stop_reader_clock()
        waiting = self.transport.get_write_buffer_size()
        self._reader_clock = self.loop.call_later(self.reader_seconds, self._reader_is_late, waiting)

    def _stop_reader_clock(self) -> None:
        if self._reader_clock is not None:
            self._reader_clock.cancel()
            self._reader_clock = None

    def _reader_is_late(self, before: int) -> None:
        if self.transport.get_write_buffer_size() == before:
            self._hang_up()
        else:
            self._start_reader_clock()

    def _head_is_late(self) -> None:
        if self._in_hand():
            self._start_clock()
        else:
            self._hang_up()


def _answer(problem: Problem, headers: list[tuple[bytes, bytes]]) -> bytes:
    """`application/problem+json`, in German. Nothing of a request that could not be read is repeated."""
    status = problem.type.status or 400
    body = orjson.dumps(
        {
            "type": REQUEST_PROBLEMS + problem.type.wire,
            "title": problem.title("de"),
            "status": status,
            "detail": problem.detail("de"),
            "instance": "/",
            "code": problem.type.code,
        }
    )
    lines = [
        *headers,
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    return b"".join([STATUS_LINE[status], *(b"%b: %b\r\n" % line for line in lines), b"\r\n", body])
