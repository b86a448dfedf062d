"""What can go wrong on the way, in our words: the only place where httpx's exceptions are known."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

import httpx

from amtsbote.errors import AmtsboteError


class Fault(StrEnum):
    """Why there is no answer. The values are stable."""

    ADDRESS = "address"
    NAME = "name"
    """The host's name cannot be resolved."""
    FORBIDDEN = "forbidden"
    """No address of the host may be called from here."""
    CONNECT = "connect"
    TLS = "tls"
    """No secure connection: no certificate for this name, not trusted, expired, or no TLS at all."""
    TIMEOUT = "timeout"
    BROKEN_OFF = "broken-off"
    NOT_HTTP = "not-http"
    ENCODED = "encoded"
    """The answer is compressed although we asked for it as it is."""
    MISUSE = "misuse"
    """A fault of the caller: nothing the other side can help."""


class Unreachable(AmtsboteError):
    """No answer. It may or may not have been acted upon: a `fault` of ADDRESS, NAME, FORBIDDEN, CONNECT
    or TLS means it was not sent."""

    def __init__(self, fault: Fault, host: str) -> None:
        super().__init__(f"{host}: {fault}")
        self.fault = fault
        self.host = host


class AnswerTooLong(AmtsboteError):
    """The answer has more bytes than the caller takes."""

    def __init__(self, limit: int, host: str) -> None:
        super().__init__(f"{host}: more than {limit} bytes")
        self.limit = limit
        self.host = host


FAULTS: Final[Mapping[type[Exception], Fault]] = {
    httpx.InvalidURL: Fault.ADDRESS,
    httpx.UnsupportedProtocol: Fault.ADDRESS,
    httpx.ConnectError: Fault.CONNECT,
    httpx.ConnectTimeout: Fault.CONNECT,
    httpx.ProxyError: Fault.CONNECT,
    httpx.PoolTimeout: Fault.CONNECT,
    httpx.TimeoutException: Fault.TIMEOUT,
    httpx.ReadTimeout: Fault.TIMEOUT,
    httpx.WriteTimeout: Fault.TIMEOUT,
    TimeoutError: Fault.TIMEOUT,
    httpx.NetworkError: Fault.BROKEN_OFF,
    httpx.ReadError: Fault.BROKEN_OFF,
    httpx.WriteError: Fault.BROKEN_OFF,
    httpx.CloseError: Fault.BROKEN_OFF,
    httpx.TransportError: Fault.BROKEN_OFF,
    httpx.RequestError: Fault.BROKEN_OFF,
    httpx.HTTPError: Fault.BROKEN_OFF,
    httpx.ProtocolError: Fault.NOT_HTTP,
    httpx.RemoteProtocolError: Fault.NOT_HTTP,
    httpx.DecodingError: Fault.ENCODED,
    httpx.LocalProtocolError: Fault.MISUSE,
    httpx.TooManyRedirects: Fault.MISUSE,
    httpx.HTTPStatusError: Fault.MISUSE,
    httpx.CookieConflict: Fault.MISUSE,
    httpx.StreamError: Fault.MISUSE,
    httpx.StreamConsumed: Fault.MISUSE,
    httpx.StreamClosed: Fault.MISUSE,
    httpx.ResponseNotRead: Fault.MISUSE,
    httpx.RequestNotRead: Fault.MISUSE,
}
"""Every exception class of httpx, and the clock's own."""


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Turns what httpx raises into `Unreachable`. The original is dropped: it may quote addresses and header values."""
    try:
        yield
    except tuple(FAULTS) as error:
        raise Unreachable(fault_of(error), host) from None


def fault_of(error: Exception) -> Fault:
    """httpx tells a failed handshake from a failed connection only by what caused it."""
    if isinstance(error, httpx.ConnectError) and any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
        return Fault.TLS
    return next(FAULTS[kind] for kind in type(error).__mro__ if kind in FAULTS)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
