"""A daemon that kills itself at a chosen operation, or lives at another time. A program of the tests only: the product
has no switch for this; everything hangs on what the composition root is given.

    python killing_daemon.py --config FILE

Orders come as lines on the standard input, each is answered by one line:

    arm OPERATION before|after N    SIGKILL at the Nth call from now on
    count                           count calls from now on
    report                          the calls since `count`, as JSON
    clock SECONDS                   from now on it is so much later
    clock stops                     it moves by such orders alone: a busy machine takes no part of a limit
    full OPERATION                  from now on there is no room for it
    mend                            there is room again
"""

import asyncio
import errno
import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import apsw
import uvloop

from amtsbote.admin.opening import office_of
from amtsbote.admin.socket import admin_socket
from amtsbote.daemon.composition import World, compose
from amtsbote.daemon.logs import configure_logs
from amtsbote.daemon.serving import serve
from amtsbote.daemon.settings import Settings


@dataclass
class Fate:
    """What is counted, and where the end comes."""

    calls: Counter[str] = field(default_factory=Counter)
    end: tuple[str, str, int] = ("", "", 0)
    later: timedelta = timedelta(0)
    stopped: datetime | None = None
    full: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def around(self, name: str, function: Callable[..., Any], /) -> Callable[..., Any]:
        if iscoroutinefunction(function):

            async def awaited(*args: Any, **kwargs: Any) -> Any:
                number = self._counted(name)
                self._meet(name, "before", number)
                answer = await function(*args, **kwargs)
                self._meet(name, "after", number)
                return answer

            return awaited

        def called(*args: Any, **kwargs: Any) -> Any:
            number = self._counted(name)
            self._meet(name, "before", number)
            answer = function(*args, **kwargs)
            self._meet(name, "after", number)
            return answer

        return called

    def clock(self) -> datetime:
        return (self.stopped or datetime.now(UTC)) + self.later

    def obey(self, order: str) -> str:
        match order.split():
            case ["arm", operation, ("before" | "after") as side, number]:
                with self.lock:
                    self.calls.clear()
                    self.end = (operation, side, int(number))
            case ["count"]:
                with self.lock:
                    self.calls.clear()
            case ["report"]:
                with self.lock:
                    return json.dumps(self.calls)
            case ["clock", "stops"]:
                self.stopped = datetime.now(UTC)
            case ["clock", seconds]:
                self.later = timedelta(seconds=int(seconds))
            case ["full", operation]:
                self.full = operation
            case ["mend"]:
                self.full = ""
            case _:
                raise ValueError(order)
        return "ok"

    def _counted(self, name: str) -> int:
        with self.lock:
            self.calls[name] += 1
            return self.calls[name]

    def _meet(self, name: str, side: str, number: int) -> None:
        if self.end == (name, side, number):
            os.kill(os.getpid(), signal.SIGKILL)
        if self.full == name and side == "before":
            raise apsw.FullError("no room") if name == "commit" else OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def _run(settings: Settings, fate: Fate) -> None:
    daemon = await compose(settings, World(clock=fate.clock, around=fate.around))
    try:
        async with admin_socket(office_of(daemon), settings.admin.socket):
            await serve(daemon, asyncio.Event())
    finally:
        await daemon.close()


def _listen(fate: Fate) -> None:
    for line in sys.stdin:
        print(fate.obey(line), flush=True)


def main() -> None:
    fate = Fate()
    configure_logs()
    threading.Thread(target=_listen, args=(fate,), daemon=True).start()
    uvloop.run(_run(Settings.load(Path(sys.argv[2])), fate))


if __name__ == "__main__":
    main()
