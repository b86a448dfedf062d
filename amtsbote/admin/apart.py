"""The weighing of large tables in a process of its own: it takes hundreds of megabytes and seconds of a core, and the
service goes on meanwhile and keeps its size.

An order is the name of a function of `weighing` and what it is given, an answer what it returns: a head of JSON with
everything but the tables, then each table as it is. Nothing is pickled.
"""

import asyncio
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final, ParamSpec, TypeVar, get_type_hints

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from amtsbote.admin import weighing
from amtsbote.admin.refusals import CommandRefused, RefusedThere, as_refusal
from amtsbote.errors import AmtsboteError
from routing.difference import Tables
from schemas.confinement import allow_cpu, bound, confine
from schemas.frames import Frames, PipeEnded

P = ParamSpec("P")
T = TypeVar("T")

LARGE: Final = 1024 * 1024
"""Bytes of all tables of one version; smaller ones are weighed before a process has started."""
SECONDS: Final = 180.0
"""For an order, once it has its turn. 400,000 rules take ten, and 230 MB."""
_MEMORY: Final = 2 * 1024**3
_CPU_SECONDS: Final = 150
_HOME: Final = Path(__file__).resolve().parents[2]
_HEAD: Final = 128 * 1024 * 1024
_BODY: Final = 64 * 1024 * 1024
_TABLE: Final = "$table"
"""Member of the object that stands in the head for a table: which of those that follow it is."""


class Scales:
    """Weighs large tables one after the other: the memory is that of one of them."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._one = Lock()

    async def __call__(self, versions: Iterable[Tables], work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """`work`: a function of `weighing`. `versions`: all of the tables that it is given. Raises what it raises, out
        of a process as `RefusedThere`, and `CommandRefused` when that comes to nothing."""
        if _small(versions):
            return await asyncio.to_thread(work, *given, **named)
        async with self._turn:  # one thread at most waits for those of `now`
            apart = await asyncio.to_thread(_started)
            try:
                return await asyncio.to_thread(self._answered, apart, work, given, named)
            finally:
                apart.process.kill()

    def now(self, versions: Iterable[Tables], work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """The same for a thread, which waits for it."""
        return work(*given, **named) if _small(versions) else self._answered(_started(), work, given, named)

    def _answered(self, apart: "_Apart", work: Callable[..., T], given: tuple[Any, ...], named: Mapping[str, Any]) -> T:
        with self._one:
            return apart.answer(work, given, named, time.monotonic() + self._seconds)


def _small(versions: Iterable[Tables]) -> bool:
    return all(sum(map(len, tables.values())) < LARGE for tables in versions)


class _Apart:
    """A process for one order. Raises OSError."""

    def __init__(self) -> None:
        self._end, theirs = socket.socketpair()
        command = [sys.executable, "-m", "amtsbote.admin.apart", str(theirs.fileno())]
        try:
            self.process = subprocess.Popen(  # noqa: S603  (our own module)
                command, cwd=_HOME, env={}, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )
        except OSError:
            self._end.close()
            raise
        finally:
            theirs.close()

    def answer(self, work: Callable[..., T], given: tuple[Any, ...], named: Mapping[str, Any], until: float) -> T:
        """`until`: moment of `time.monotonic`. The process has ended afterwards, whatever happens."""
        with self.process, self._end:
            try:
                pipe = Frames(self._end, _HEAD, _BODY)
                order = {"work": work.__name__, "given": signature(work).bind(*given, **named).arguments}
                _send(pipe, order, until)
                said = _received(pipe, until)
            except (PipeEnded, TimeoutError):
                raise _not_weighed() from None
            finally:
                self.process.kill()
        if "refused" in said:
            raise RefusedThere(said["refused"])
        answer: T = _adapter(get_type_hints(work)["return"]).validate_python(said["done"])
        return answer


def _started() -> _Apart:
    try:
        return _Apart()
    except OSError:
        raise _not_weighed() from None


def _not_weighed() -> CommandRefused:
    return CommandRefused("not-computed", "draft.not-weighed")


def main() -> None:
    """In the process: one order, and the end."""
    number = int(sys.argv[1])
    confine(number)
    bound(resource.RLIMIT_AS, _MEMORY)
    allow_cpu(_CPU_SECONDS)
    with socket.socket(fileno=number) as end:
        pipe = Frames(end, _HEAD, _BODY)
        order = _received(pipe)
        Thread(target=_end_with_parent, args=[end.fileno()], daemon=True).start()
        work = getattr(weighing, order["work"])
        hints = get_type_hints(work)
        given = {name: _adapter(hints[name]).validate_python(value) for name, value in order["given"].items()}
        del order
        try:
            answer = {"done": work(**given)}
        except AmtsboteError as error:
            answer = {"refused": as_refusal(error)}
        _send(pipe, answer)


def _end_with_parent(end: int) -> None:
    """Nobody waits for the answer any more when the other side is closed."""
    os.read(end, 1)
    os._exit(1)


def _send(pipe: Frames, message: Mapping[str, Any], until: float | None = None) -> None:
    tables: list[bytes] = []
    head = _without_tables(_plain(message), tables)
    pipe.send({"tables": len(tables), "message": head}, until=until)
    for table in tables:
        pipe.send({}, table, until=until)


def _received(pipe: Frames, until: float | None = None) -> dict[str, Any]:
    head, _ = pipe.receive(until=until)
    tables = [pipe.receive(until=until)[1] for _ in range(head["tables"])]
    message: dict[str, Any] = _with_tables(head["message"], tables)
    return message


def _plain(value: Any) -> Any:
    """Values of the model as dictionaries and lists; bytes stay."""
    return TypeAdapter(Any).dump_python(value)


def _without_tables(value: Any, tables: list[bytes]) -> Any:
    match value:
        case bytes():
            known = next((at for at, table in enumerate(tables) if table is value), None)
            if known is None:
                tables.append(value)
            return {_TABLE: len(tables) - 1 if known is None else known}
        case Mapping():
            return {name: _without_tables(one, tables) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_without_tables(one, tables) for one in value]
    return to_jsonable_python(value)


def _with_tables(value: Any, tables: list[bytes]) -> Any:
    match value:
        case {"$table": int(number)}:
            return tables[number]
        case dict():
            return {name: _with_tables(one, tables) for name, one in value.items()}
        case list():
            return [_with_tables(one, tables) for one in value]
    return value


def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


if __name__ == "__main__":
    main()
