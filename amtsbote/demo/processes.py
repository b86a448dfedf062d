"""Processes of the demonstration: public commands that run and end, and children that are always stopped."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from types import TracebackType
from typing import IO, Any, Final, Self, cast

from amtsbote.demo.failure import StepFailed
from amtsbote.demo.interruption import signals_wait
from amtsbote.errors import Language

AMTSBOTE: Final = (sys.executable, "-c", "from amtsbote.cli import main; main()")
"""What the console script `amtsbote` runs, with this interpreter."""
COMMAND_SECONDS: Final = 60.0
STOP_SECONDS: Final = 25.0
"""More than the daemon takes to drain."""
HURRY: Final[Mapping[str, str]] = {"AMTSBOTE__WORK__COLLECT_INTERVAL": "PT0.5S"}
"""Nobody waits half a minute in front of a screen."""
LINE_SECONDS: Final = 40.0
"""Longest silence of the portal."""


def environment(language: Language) -> dict[str, str]:
    """Ours, without settings meant for another installation."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("AMTSBOTE")}
    return kept | {"AMTSBOTE_LANG": language, "PYTHONIOENCODING": "utf-8", **HURRY}


def command(language: Language, *words: str) -> str:
    """Run `amtsbote …` and return what it printed. Raises `StepFailed`."""
    shown = f"amtsbote {' '.join(words)}"
    try:
        done = subprocess.run(  # noqa: S603  (our own program, words of ours)
            [*AMTSBOTE, *words],
            env=environment(language),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StepFailed("demo.failed.command-slow", command=shown, seconds=int(COMMAND_SECONDS)) from None
    if done.returncode:
        reason = (done.stderr or done.stdout).strip()
        raise StepFailed("demo.failed.command", command=shown, code=done.returncode, reason=reason)
    return done.stdout


class Children:
    """Every child started here has ended when the context is left."""

    def __init__(self, logs: Path, language: Language, *, stop_seconds: float = STOP_SECONDS) -> None:
        """`stop_seconds`: how long a child may take to end before it is killed."""
        self._logs = logs
        self._stop_seconds = stop_seconds
        self._environment = environment(language)
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, words: Sequence[str]) -> "subprocess.Popen[bytes]":
        """A child whose output goes to its log."""
        return self._start(name, words, None)

    def listen(self, name: str, words: Sequence[str]) -> IO[bytes]:
        """Start a child and return its standard output."""
        return cast("IO[bytes]", self._start(name, words, subprocess.PIPE).stdout)

    def _start(self, name: str, words: Sequence[str], stdout: int | None) -> "subprocess.Popen[bytes]":
        """In a session of its own, so that Ctrl-C reaches only us."""
        with self.log(name).open("ab") as log, signals_wait():
            child = subprocess.Popen(  # noqa: S603  (our own programs, words of ours)
                words,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                start_new_session=True,
            )
            self._running.append(child)
        return child

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._running:
            child.terminate()
        for child in self._running:
            _make_sure(child, self._stop_seconds)


def _make_sure(child: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, SIGKILL)
        child.wait()


class PortalProcess:
    """A running portal and what it says."""

    def __init__(self, children: Children, settings: Path, application: str, program: str = "portal") -> None:
        """`program`: `portal` sends the application, `mailbox` takes the reply to it."""
        words = (sys.executable, "-m", f"amtsbote.demo.{program}", str(settings), application)
        self.log = children.log(f"{program}-{application}")
        stdout = children.listen(f"{program}-{application}", words)
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=_read, args=(stdout, self._lines), daemon=True)
        self._reader.start()

    @property
    def has_ended(self) -> bool:
        return not self._reader.is_alive()

    def said(self, *expected: str) -> Mapping[str, Any]:
        """The next line, which must be one of `expected`. Raises `StepFailed` when the portal failed, fell silent or
        ended."""
        try:
            line = self._lines.get(timeout=LINE_SECONDS)
        except queue.Empty:
            raise StepFailed("demo.failed.portal-silent", seconds=int(LINE_SECONDS)) from None
        if not line:
            raise StepFailed("demo.failed.portal-ended", log=self.log)
        said: Mapping[str, Any] = json.loads(line)
        if said["said"] == "failed":
            raise PortalFailed(said["de"], said["en"])
        if said["said"] not in expected:
            raise StepFailed("demo.failed.portal-ended", log=self.log)
        return said


class PortalFailed(StepFailed):
    """The portal's own sentence."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__("demo.failed.portal", reason=en)
        self._sentences: Mapping[Language, str] = {"de": de, "en": en}

    def sentence(self, language: Language) -> str:
        return self._sentences[language]


def _read(stdout: IO[bytes], lines: "queue.SimpleQueue[bytes]") -> None:
    """Line by line; an empty one is the end."""
    with stdout:
        for line in stdout:
            lines.put(line)
    lines.put(b"")
