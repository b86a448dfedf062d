"""What the steps of the demonstration share."""

import json
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from amtsbote.demo.failure import StepFailed
from amtsbote.demo.folder import Layout
from amtsbote.demo.processes import Children, PortalProcess, command
from amtsbote.demo.screen import Screen

T = TypeVar("T")
PATIENCE: Final = 30.0
"""Seconds until something that has to happen must have happened."""
_PAUSE: Final = 0.05


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Stage:
    layout: Layout
    screen: Screen
    children: Children
    listen: str
    """Where the broker takes requests, HOST:PORT."""
    metrics: str
    url: str
    """The broker's public address."""
    clock: Callable[[], datetime] = _now
    broker: "subprocess.Popen[bytes] | None" = None
    portals: dict[str, PortalProcess] = field(default_factory=dict)
    """By name of the application."""
    sent: dict[str, str] = field(default_factory=dict)
    """Submission id by name of the application."""

    def command(self, *words: str) -> str:
        """Run a public command and show it. Raises `StepFailed`."""
        output = command(self.screen.language, *words)
        self.screen.command(f"amtsbote {' '.join(words)}", output)
        return output

    def ask(self, *words: str) -> Any:
        """The JSON answer of a public command, without showing it. Raises `StepFailed`."""
        return json.loads(command(self.screen.language, *words, "--json", *self.config))

    @property
    def config(self) -> tuple[str, str]:
        return "--config", str(self.layout.configuration)

    @property
    def portal_settings(self) -> Path:
        return self.layout.portal / "portal.json"


def new_stage(layout: Layout, screen: Screen, children: Children) -> Stage:
    with closing(socket.socket()) as public, closing(socket.socket()) as metrics:
        for one in (public, metrics):
            one.bind(("127.0.0.1", 0))
        listen, inner = (f"127.0.0.1:{one.getsockname()[1]}" for one in (public, metrics))
    return Stage(layout, screen, children, listen, inner, f"http://{listen}")


def wait_for(found: Callable[[], T | None], key: str, **values: object) -> T:
    """Look again and again. Raises `StepFailed` with this sentence when it does not come."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        result = found()
        if result is not None:
            return result
        time.sleep(_PAUSE)
    raise StepFailed(key, **values)
