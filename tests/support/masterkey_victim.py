"""A process that changes the master key of a store and kills itself: FOLDER, FILE (old or new) and DEADLY are its
arguments. It dies before the DEADLY-th commit, and prints `done` when there were not so many."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import ParamSpec, TypeVar

from wrapped_house import NEW, OLD, Changing

from amtsbote.admin import rewrapping
from amtsbote.keys.vault import Vault
from amtsbote.store import SqliteStore

P = ParamSpec("P")
R = TypeVar("R")


async def rotate(folder: Path, key: bytes, deadly: int) -> None:
    commits = count(1)

    def around(name: str, function: Callable[P, R], /) -> Callable[P, R]:
        def deadly_one(*args: P.args, **kwargs: P.kwargs) -> R:
            if name == "commit" and next(commits) == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return deadly_one

    rewrapping.BATCH = 2  # type: ignore[misc]  # many small batches
    store = SqliteStore.open(folder, readers=1, around=around)
    vault = Vault(key)
    vault.take(await store.read(lambda tx: tx.master.get()))
    await Changing(store, vault).rotated()
    await store.close()
    print("done")


if __name__ == "__main__":
    asyncio.run(rotate(Path(sys.argv[1]), OLD if sys.argv[2] == "old" else NEW, int(sys.argv[3])))
