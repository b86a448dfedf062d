"""The weighing of large tables in a process of its own: it takes hundreds of megabytes and seconds of a core, and the
service goes on meanwhile and keeps its size.

An order is the name of a function of `weighing` and what it is given, an answer what it returns: a head of JSON with
everything but the tables, then each table as it is. Nothing is pickled.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from threading import Thread
from typing import Any, Final, ParamSpec, TypeVar, get_type_hints

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from amtsbote.admin import weighing
from amtsbote.admin.refusals import CommandRefused, RefusedThere, as_refusal
from amtsbote.errors import AmtsboteError
from schemas.frames import Frames, PipeEnded

P = ParamSpec("P")
T = TypeVar("T")

LARGE: Final = 1024 * 1024
"""Bytes of all tables; smaller ones are weighed before a process has started."""
_HOME: Final = Path(__file__).resolve().parents[2]
_HEAD: Final = 128 * 1024 * 1024
_BODY: Final = 64 * 1024 * 1024
_TABLE: Final = "$table"
"""Member of the object that stands in the head for a table: which of those that follow it is."""


class Scales:
    """Weighs large tables one after the other: the memory is that of one of them."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()

    async def __call__(self, tables: Mapping[str, bytes], work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """`work`: a function of `weighing`. `tables`: the largest of what is given. Raises what it raises, out of a
        process as `RefusedThere`, and `CommandRefused` when that comes to nothing."""
        if _small(tables):
            return await asyncio.to_thread(work, *given, **named)
        async with self._one:
            apart = await asyncio.to_thread(_Apart)
            try:
                return await asyncio.to_thread(apart.answer, work, given, named)
            finally:
                apart.process.kill()

    def now(self, tables: Mapping[str, bytes], work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """The same for a thread, which waits for it."""
        return work(*given, **named) if _small(tables) else _Apart().answer(work, given, named)


def _small(tables: Mapping[str, bytes]) -> bool:
    return sum(map(len, tables.values())) < LARGE


class _Apart:
    """A process for one order."""

    def __init__(self) -> None:
        self._end, theirs = socket.socketpair()
        command = [sys.executable, "-m", "amtsbote.admin.apart", str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603  (our own module)
                command, cwd=_HOME, env={}, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )

    def answer(self, work: Callable[..., T], given: tuple[Any, ...], named: Mapping[str, Any]) -> T:
        with self._end, self.process:
            pipe = Frames(self._end, _HEAD, _BODY)
            try:
                _send(pipe, {"work": work.__name__, "given": signature(work).bind(*given, **named).arguments})
                said = _received(pipe)
            except PipeEnded:
                raise CommandRefused("not-computed", "draft.not-weighed") from None
        if "refused" in said:
            raise RefusedThere(said["refused"])
        answer: T = _adapter(get_type_hints(work)["return"]).validate_python(said["done"])
        return answer


def main() -> None:
    """In the process: one order, and the end."""
    with socket.socket(fileno=int(sys.argv[1])) as end:
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


def _send(pipe: Frames, message: Mapping[str, Any]) -> None:
    tables: list[bytes] = []
    head = _without_tables(_plain(message), tables)
    pipe.send({"tables": len(tables), "message": head})
    for table in tables:
        pipe.send({}, table)


def _received(pipe: Frames) -> dict[str, Any]:
    head, _ = pipe.receive()
    tables = [pipe.receive()[1] for _ in range(head["tables"])]
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
