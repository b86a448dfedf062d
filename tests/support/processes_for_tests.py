"""Waiting for processes without sleeping."""

import os
import select
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from patience import PATIENCE


def ends_within(pid: int, seconds: float) -> bool:
    """Whether the process ends within this time; also true when it is gone already."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        watch = select.poll()
        watch.register(descriptor, select.POLLIN)
        return bool(watch.poll(seconds * 1000))
    finally:
        os.close(descriptor)


def children() -> set[int]:
    """Processes that this one has started and not yet seen end."""
    mine = Path("/proc/self/task").glob("*/children")
    return {int(pid) for tasks in mine for pid in tasks.read_text("ascii").split()}


def cpu_ticks(pid: int) -> int:
    """User time of a process in clock ticks."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


def becomes_true(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Ask again and again until the condition holds."""
    end = time.monotonic() + seconds
    pause = Event()
    while time.monotonic() < end:
        if condition():
            return True
        pause.wait(0.005)
    return False
