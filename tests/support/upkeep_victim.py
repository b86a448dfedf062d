"""A process that backs up, restores or moves an installation and kills itself: WORK, SITE and DEADLY are its arguments.

It dies before the DEADLY-th watched operation; prints `done` when there were not so many. SITE is a folder that holds
`amtsbote.toml`; beside it lie `backup` and `target`, whose only line is the address of a PostgreSQL schema.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import ParamSpec, TypeVar

from amtsbote.admin import backup as backups
from amtsbote.admin.moving import move
from amtsbote.admin.opening import at_the_office
from amtsbote.admin.restoring import restore
from amtsbote.api.operations import Around, Disk
from amtsbote.daemon.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


def dies_before(deadly: int) -> Around:
    operations = count(1)

    def around(_: str, function: Callable[P, R], /) -> Callable[P, R]:
        def deadly_one(*args: P.args, **kwargs: P.kwargs) -> R:
            if next(operations) == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return deadly_one

    return around


def untold(_: int, __: int) -> None:
    """Nobody watches."""


def back_up(settings: Settings, folder: Path, around: Around) -> None:
    vars(backups)["Disk"] = lambda: Disk.watched(around)
    with at_the_office(settings) as ask:
        named = {"folder": str(folder / "backup")}
        total, done = ask("backup.begin", named)["parts"], 0
        while done < total:
            done = ask("backup.parts", {**named, "done": done})["done"]
        ask("backup.end", named)


if __name__ == "__main__":
    work, site, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    found, watched = Settings.load(site / "amtsbote.toml"), dies_before(number)
    match work:
        case "backup":
            back_up(found, site.parent, watched)
        case "restore":
            restore(found, site.parent / "backup", untold, around=watched)
        case "move":
            move(found, (site.parent / "target").read_text(), untold, around=watched)
    os.write(1, b"done\n")
