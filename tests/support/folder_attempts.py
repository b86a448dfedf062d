"""Runs attempts to deliver into a folder, or to take answers from it, in processes that are killed, or stand still, at
a chosen operation on the disk.

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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from folder_town import new_id

from adapters import KINDS
from amtsbote.api import AdapterServices, Disk, Receipt, ReceiptState, Refusal, Retry, Returning, Unfit, Unread
from amtsbote.api.returnkit import Given
from amtsbote.api.testkit import DATA, verified_parts, work_order
from amtsbote.model.ids import MessageId

WATCHED = ("write", "mkdir", "chmod", "fchmod", "link", "unlink", "rmdir")
AT = datetime(2026, 2, 3, 4, 6, tzinfo=UTC)
NO = Refusal("unknown-submission", "Diese Einreichung kennt hier niemand.", "Nobody here knows this submission.")
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
        """One attempt to deliver that sends itself `stop` at point `at`, if it gets there."""
        return self._ask({"work": "deliver", "target": str(target), "token": token, "at": at, "stop": stop.value})

    def take(self, target: Path, kept: Path, at: int = -1, stop: signal.Signals = signal.SIGKILL) -> Result:
        """One attempt to take all answers: those named `unfit` are refused, the others kept as a file each in `kept`,
        once per item as in a store, and acknowledged."""
        return self._ask({"work": "take", "target": str(target), "kept": str(kept), "at": at, "stop": stop.value})

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
            try:
                return function(*args, **kwargs)
            finally:
                if order["at"] == 2 * number + 1:
                    os.kill(os.getpid(), order["stop"])

        return call

    originals = {name: getattr(os, name) for name in WATCHED}
    for name, original in originals.items():
        setattr(os, name, watched(name, original))
    work = {"deliver": _deliver, "take": _take}[order["work"]]
    outcome = asyncio.run(work(order, Disk.watched(watched)))
    for name, original in originals.items():
        setattr(os, name, original)
    return {"outcome": repr(outcome), "operations": operations}


async def _deliver(order: dict[str, Any], disk: Disk) -> object:
    services = AdapterServices(clock=lambda: AT, disk=disk, new_id=new_id)
    adapter = KINDS["folder"].build({"path": order["target"]}, services)
    try:
        return await adapter.deliver(work_order(token=order["token"]), verified_parts(DATA, ATTACHMENTS))
    finally:
        await adapter.close()


async def _take(order: dict[str, Any], disk: Disk) -> object:
    options = {"path": order["target"], "replies": "antworten"}
    adapter = KINDS["folder"].build(options, AdapterServices(lambda: AT, disk, new_id))
    assert isinstance(adapter, Returning)
    found = await adapter.collect(100, ())
    if isinstance(found, Retry):
        return found
    said = []
    for item in found:
        if isinstance(item, Unread):  # it was put away meanwhile
            continue
        if item.label == "unfit" or isinstance(item, Unfit):
            said.append(await adapter.refuse(item.item, NO))
            continue
        with suppress(FileExistsError), (Path(order["kept"]) / item.item).open("xb") as kept:
            kept.write(b"".join(chunk for document in item.documents for chunk in document.chunks()))
        receipt = Receipt(MessageId(item.item), Given().submission, item.label, ReceiptState.PASSED_ON, AT)
        said.append(await adapter.acknowledge(item.item, receipt))
    return said


if __name__ == "__main__":
    _serve()
