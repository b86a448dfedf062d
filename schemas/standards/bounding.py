"""Work in a fork of this process, bounded in CPU time: a pattern over which a validator comes to no end stops nothing
else, and cannot be interrupted otherwise.
"""

import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final, TypeVar

from schemas.confinement import allow_cpu

_FORK: Final = get_context("fork")
Result = TypeVar("Result")


def bounded(work: Callable[[], Result], seconds: int) -> Result:
    """What `work` returns. `seconds`: of CPU time; raises `TimeoutError` beyond them, and `MemoryError` as `work`."""
    ours, theirs = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_told, args=(theirs, work, seconds))
    with ours:
        process.start()
        theirs.close()
        try:
            done, result = ours.recv()
        except EOFError:
            process.join()
            raise _ended(process.exitcode) from None
        process.join()
    if not done:
        raise MemoryError
    return result  # type: ignore[no-any-return]


def _ended(code: int | None) -> Exception:
    return TimeoutError() if code == -signal.SIGXCPU else RuntimeError(f"ended with {code}")


def _told(pipe: Connection, work: Callable[[], Result], seconds: int) -> None:
    allow_cpu(seconds)
    answer: tuple[bool, Result | None]
    try:
        answer = True, work()
    except MemoryError:
        answer = False, None
    pipe.send(answer)
