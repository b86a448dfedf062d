"""A process that works on a data folder until it is killed: `python store_victim.py MODE FOLDER [ARGUMENT]`.

`load`: many writers; prints the id of each message once it is acknowledged. `kill-at N`: keeps one message whose body
is a file, and kills itself before the N-th durable operation; prints `done` when it survived. `full`: runs into a limit
on file size, goes on when it is lifted, and prints what it saw.
"""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import ParamSpec, TypeVar

from store_samples import NOON, a_message, a_part, in_file

from amtsbote.api.operations import Disk
from amtsbote.api.persistence import Transaction
from amtsbote.errors import StorageFull
from amtsbote.model.ids import MessageId
from amtsbote.model.job import JobKind
from amtsbote.model.message import State
from amtsbote.store import BodyFiles, SqliteStore

P = ParamSpec("P")
R = TypeVar("R")
BODY = b"sealed body " * 1_000


def whole(name: str) -> Callable[[Transaction], None]:
    """What one acknowledged message consists of."""

    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(name), None)
        tx.parts.put(a_part(name, inline=BODY))
        tx.messages.move(MessageId(name), State.ANNOUNCED, State.SUBMITTED, at=NOON)
        tx.jobs.add(JobKind.PROCESS, name, NOON)

    return unit


async def load(folder: Path, round_: str) -> None:
    store = SqliteStore.open(folder)
    numbers = count()

    async def write(patient: bool) -> None:
        while True:
            name = f"{round_}-{next(numbers)}"
            await store.write(whole(name), patient=patient)
            os.write(1, f"{name}\n".encode())

    await asyncio.gather(*(write(number % 4 == 0) for number in range(16)))


async def kill_at(folder: Path, deadly: int) -> None:
    operations = count(1)

    def around(_: str, function: Callable[P, R], /) -> Callable[P, R]:
        def deadly_one(*args: P.args, **kwargs: P.kwargs) -> R:
            if next(operations) == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return deadly_one

    store = SqliteStore.open(folder, around=around)
    bodies = BodyFiles(folder / "bodies", Disk.watched(around))
    body = bodies.begin()
    body.write(BODY)
    name = body.keep()

    def unit(tx: Transaction) -> None:
        tx.messages.add(a_message(), None)
        tx.parts.put(in_file(name))

    await store.write(unit)
    os.write(1, b"done\n")
    await store.close()


async def full(folder: Path) -> None:
    store = SqliteStore.open(folder)
    bodies = BodyFiles(folder / "bodies", Disk())
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    kept = 0
    with suppress(StorageFull):
        for number in count():
            await store.write(whole(f"before-{number}"))
            kept += 1
    refused = await asyncio.gather(*(store.write(whole(f"lost-{n}")) for n in range(5)), return_exceptions=True)
    seen = await store.read(lambda tx: sum(tx.jobs.counts().values()))
    body = bodies.begin()
    body_refused = False
    try:
        body.write(bytes(2_000_000))
    except StorageFull:
        body_refused = True
        body.discard()
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await asyncio.gather(*(store.write(whole(f"after-{number}")) for number in range(5)))
    print(kept, {type(error).__name__ for error in refused}, seen, body_refused)
    await store.close()


if __name__ == "__main__":
    mode, where, *rest = sys.argv[1:]
    match mode:
        case "load":
            asyncio.run(load(Path(where), rest[0]))
        case "kill-at":
            asyncio.run(kill_at(Path(where), int(rest[0])))
        case "full":
            asyncio.run(full(Path(where)))
