"""Work that takes seconds and hundreds of megabytes, or reads what strangers packed, in a process of its own: it may
hang or break, and costs one answer. The service goes on meanwhile.

One at a time, each a fresh interpreter with an empty environment, bounded in memory and time (`apart_main`); questions
and answers are lines of JSON.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import structlog

from amtsbote.admin.asking import Answer
from amtsbote.admin.refusals import CommandRefused, RefusedThere
from amtsbote.admin.socket import LARGEST_MESSAGE

Job = Literal["workbook", "sheet", "what-if", "coverage"]
SECONDS: Final = 180.0
"""For a whole job, once it has its turn."""
log = structlog.get_logger("amtsbote.editing")

_HOME: Final = Path(__file__).resolve().parents[2]


class Errand:
    """A job under way."""

    def __init__(self, job: Job, process: Process) -> None:
        self._job = job
        self._process = process

    async def ask(self, question: Mapping[str, Any]) -> Answer:
        """Raises `RefusedThere` with what the job refuses, `CommandRefused` when it has come to no end."""
        reader, writer = self._process.stdout, self._process.stdin
        if reader is None or writer is None:
            raise RuntimeError("it has pipes")
        try:
            writer.write(await asyncio.to_thread(orjson.dumps, question) + b"\n")
            await writer.drain()
            line = await reader.readline()
            answer = await asyncio.to_thread(orjson.loads, line)
        except (OSError, ValueError):  # it died, or said more than a table has
            raise _not_computed(self._job, "ended") from None
        if "refused" in answer:
            raise RefusedThere(answer["refused"])
        done: Answer = answer["done"]
        return done


class Apart:
    """Of one process of the service."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turn = asyncio.Semaphore(1)

    @asynccontextmanager
    async def at(self, job: Job) -> AsyncIterator[Errand]:
        """The process ends with the context. Raises `CommandRefused` when the job takes too long."""
        async with self._turn:
            process = await _started(job)
            try:
                async with asyncio.timeout(self._seconds):
                    yield Errand(job, process)
            except TimeoutError:
                raise _not_computed(job, "time") from None
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()


async def _started(job: Job) -> Process:
    program = (sys.executable, "-m", "amtsbote.editing.apart_main", job)
    try:
        return await asyncio.create_subprocess_exec(
            *program, cwd=_HOME, env={}, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=2 * LARGEST_MESSAGE
        )
    except OSError:
        raise _not_computed(job, "no process") from None


def _not_computed(job: Job, because: str) -> CommandRefused:
    log.warning("editing.not_computed", job=job, because=because)
    return CommandRefused("not-computed", "editing.not-computed")
