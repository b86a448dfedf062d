"""One helper process as the daemon sees it: started, taught its schemas, asked for verdicts, ended.

A helper is a fresh interpreter, not a fork: no key, no descriptor, no lock and no half of a thread comes along, at any
time of the daemon's life, and nothing of the program that started the daemon is imported. It starts with an empty
environment and gives up the rest itself (`confinement`).
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal

from amtsbote.errors import AmtsboteError, Misconfigured
from schemas.confinement import HelperLimits
from schemas.frames import Frames, PipeEnded
from schemas.mapping import MappingPlan
from schemas.plan import Scenario, SchemaPlan

Reason = Literal["crashed", "timeout", "memory"]
_MAX_ANSWER: Final = 1024 * 1024
_ENDING_SECONDS: Final = 2.0
_HOME: Final = Path(__file__).resolve().parent.parent


class HelperFailed(AmtsboteError):
    """The helper gave no verdict on this document. Whoever asked decides about another attempt."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class HelperProcess:
    """One process and its pipe. Used by one thread at a time."""

    def __init__(self, limits: HelperLimits) -> None:
        """Start it. Raises `OSError` when the system gives no process."""
        self._limits = limits
        self._ready = False
        self._pipe, theirs = socket.socketpair()
        self._frames = Frames(self._pipe, _MAX_ANSWER, limits.document_bytes)
        with theirs:
            try:
                self._process = _start(theirs.fileno())
            except OSError:
                self._pipe.close()
                raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def gone(self) -> bool:
        return self._process.poll() is not None

    def teach(
        self,
        plans: Sequence[SchemaPlan] = (),
        scenarios: Sequence[Scenario] = (),
        mappings: Sequence[MappingPlan] = (),
        explained: Sequence[SchemaPlan] = (),
    ) -> None:
        """Send the schemas; they are compiled while this process goes on. `explained`: for a second look."""
        head = {
            "limits": asdict(self._limits),
            "plans": [asdict(plan) for plan in plans],
            "scenarios": [asdict(scenario) for scenario in scenarios],
            "mappings": [asdict(mapping) for mapping in mappings],
            "explained": [asdict(plan) for plan in explained],
        }
        try:
            self._frames.send(head, until=time.monotonic() + self._limits.start_seconds)
        except (PipeEnded, TimeoutError):
            raise HelperFailed("crashed") from None

    def await_ready(self) -> None:
        """Wait until the schemas are compiled. Raises `Misconfigured` when one cannot be."""
        if self._ready:
            return
        try:
            head, _ = self._frames.receive(until=time.monotonic() + self._limits.start_seconds)
        except (PipeEnded, TimeoutError):
            raise HelperFailed("crashed") from None
        if refused := head.get("refused"):
            raise Misconfigured(str(refused["en"]), str(refused["de"]))
        self._ready = True

    def ask(self, about: Mapping[str, Any], document: bytes) -> tuple[Mapping[str, Any], bytes]:
        """The answer about a document, unchecked: the verdict by a `schema`, its other form by a `mapping`, what there
        is to `explain`, or without any of them which message it is. Raises `HelperFailed`, after which this helper must
        be killed."""
        until = time.monotonic() + self._limits.wall_seconds
        try:
            self._frames.send(about, document, until=until)
            head, body = self._frames.receive(until=until)
        except TimeoutError:
            raise HelperFailed("timeout") from None
        except PipeEnded:
            raise HelperFailed(self._why_gone()) from None
        if head.get("failed") == "memory":
            raise HelperFailed("memory")
        return head, body

    def _why_gone(self) -> Reason:
        try:
            return "timeout" if self._process.wait(_ENDING_SECONDS) == -signal.SIGXCPU else "crashed"
        except subprocess.TimeoutExpired:
            return "crashed"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._pipe.close()

    def hang_up(self) -> None:
        """Shut the pipe: the helper ends, and a thread that waits for its answer gets `HelperFailed`."""
        self._pipe.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Hang up, wait for the end, and kill it if it does not come."""
        self.hang_up()
        try:
            self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pipe.close()


def _start(descriptor: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  (our own module, no input)
        [sys.executable, "-m", "schemas.helper_main", str(descriptor)],
        cwd=_HOME,
        env={},
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
    )
