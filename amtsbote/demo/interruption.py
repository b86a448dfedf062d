"""Signals of the demonstration: they end it in order, and never leave a child behind."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal says that it is enough."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.exit_code = 128 + signum


@contextmanager
def signals_stop() -> Iterator[None]:
    """Inside, a signal raises `Stopped`."""

    def stop(signum: int, _: FrameType | None) -> NoReturn:
        raise Stopped(signum)

    before = {signum: signal.signal(signum, stop) for signum in SIGNALS}
    try:
        yield
    finally:
        for signum, action in before.items():
            signal.signal(signum, action)


@contextmanager
def signals_wait() -> Iterator[None]:
    """Inside, signals are noted; they take effect at the end."""
    noted: list[int] = []

    def note(signum: int, _: FrameType | None) -> None:
        noted.append(signum)

    before = {signum: signal.signal(signum, note) for signum in SIGNALS}
    try:
        yield
    finally:
        for signum, action in before.items():
            signal.signal(signum, action)
    for came in noted:
        signal.raise_signal(came)


def ignore_signals() -> None:
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_IGN)
