"""Runs attempts at one delivery in processes that are killed, or stand still, at a chosen operation on the disk.

Started as a program it imports everything once and then forks a process per attempt it is told of. Points are numbered
before and after each operation: point 2k lies before operation k, point 2k + 1 after it.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters import KINDS
from amtsbote.api import AdapterServices, Disk
from amtsbote.api.testkit import DATA, verified_parts, work_order

WATCHED = ("write", "mkdir", "chmod", "fchmod", "link", "unlink", "rmdir")
ATTACHMENTS = (b"photo" * 10, b"site plan")


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended, or that it stands still."""

    state: str
    """`done`, `killed` or `stopped`."""
    outcome: str = ""
    operations: tuple[str, ...] = ()


class Attempts:
    """The test's end of the pipe to the program."""

    def __init__(self, program: "subprocess.Popen[str]") -> None:
        self._program = program

    def run(self, target: Path, token: int, at: int = -1, stop: signal.Signals = signal.SIGKILL) -> Result:
        """One attempt that sends itself `stop` at point `at`, if it gets there."""
        return self._ask({"target": str(target), "token": token, "at": at, "stop": stop.value})

    def resume(self) -> Result:
        """Let the attempt that stands still go on to its end."""
        return self._ask({"resume": True})

    def _ask(self, order: dict[str, Any]) -> Result:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps(order) + "\n")
        self._program.stdin.flush()
        answer = json.loads(self._program.stdout.readline())
        return Result(answer["state"], answer.get("outcome", ""), tuple(answer.get("operations", ())))


@contextmanager
def attempts() -> Iterator[Attempts]:
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        yield Attempts(program)
        assert program.stdin is not None
        program.stdin.close()


def _serve() -> None:
    """One line in, one line out, until the input ends."""
    standing: tuple[int, int] = (0, 0)
    for line in sys.stdin:
        order = json.loads(line)
        if "resume" in order:
            os.kill(standing[0], signal.SIGCONT)
        else:
            standing = _fork(order)
        print(json.dumps(_wait(*standing)), flush=True)


def _fork(order: dict[str, Any]) -> tuple[int, int]:
    """Process id of the attempt, and the pipe its report will come through."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        report = _attempt(order)
        os.write(writing, json.dumps(report).encode())
        os._exit(0)
    os.close(writing)
    return process, reading


def _wait(process: int, reading: int) -> dict[str, Any]:
    _, status = os.waitpid(process, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return {"state": "stopped"}
    with os.fdopen(reading, "rb") as pipe:
        report = pipe.read()
    return {"state": "killed"} if os.WIFSIGNALED(status) else {"state": "done"} | json.loads(report)


def _attempt(order: dict[str, Any]) -> dict[str, Any]:
    operations: list[str] = []

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            number = len(operations)
            operations.append(name)
            if order["at"] == 2 * number:
                os.kill(os.getpid(), order["stop"])
            answer = function(*args, **kwargs)
            if order["at"] == 2 * number + 1:
                os.kill(os.getpid(), order["stop"])
            return answer

        return call

    originals = {name: getattr(os, name) for name in WATCHED}
    for name, original in originals.items():
        setattr(os, name, watched(name, original))
    outcome = asyncio.run(_deliver(order, Disk.watched(watched)))
    for name, original in originals.items():
        setattr(os, name, original)
    return {"outcome": repr(outcome), "operations": operations}


async def _deliver(order: dict[str, Any], disk: Disk) -> object:
    services = AdapterServices(clock=lambda: datetime(2026, 2, 3, 4, 6, tzinfo=UTC), disk=disk)
    adapter = KINDS["folder"].build({"path": order["target"]}, services)
    try:
        return await adapter.deliver(work_order(token=order["token"]), verified_parts(DATA, ATTACHMENTS))
    finally:
        await adapter.close()


if __name__ == "__main__":
    _serve()
