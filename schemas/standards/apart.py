"""Registering in a process of its own: a parser that hangs, crashes or eats memory over hostile schema files ends with
a sentence, and not with a command that never returns."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Timer
from typing import Any, Final

from pydantic import TypeAdapter

from amtsbote.errors import Misconfigured, NoSuchName
from schemas.standards.library import Library
from schemas.standards.order import Order, Registered, Step

SECONDS: Final = 600.0
"""The largest standards take half a minute."""
_HOME: Final = Path(__file__).resolve().parents[2]
ORDER: Final = TypeAdapter(Order)


def register_apart(order: Order, tell: Callable[[Step], None], seconds: float = SECONDS) -> Registered:
    """As `register`. Raises `Misconfigured` also when the process comes to no end within `seconds` or dies; then
    nothing has been written."""
    library, late = Library(order.registry), Event()

    def end() -> None:
        late.set()
        process.kill()

    with subprocess.Popen(
        [sys.executable, "-m", "schemas.standards.registering_main"],
        cwd=_HOME,
        env={},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        limit = Timer(seconds, end)
        limit.start()
        try:
            said = _heard(process, ORDER.dump_json(order), tell)
        finally:
            limit.cancel()
            process.kill()
            process.wait()
            library.tidy(process.pid)
    if "refused" in said:
        raise (NoSuchName if said["not-found"] else Misconfigured)(**said["refused"])
    if "standard" in said:
        return Registered(library.find(said["standard"]), new=said["new"])
    if late.is_set():
        raise _late(seconds)
    raise _out_of_memory() if "memory" in said else _crashed(process.returncode)


def _heard(process: subprocess.Popen[bytes], order: bytes, tell: Callable[[Step], None]) -> dict[str, Any]:
    """Its last word; empty when it has none."""
    if process.stdin is None or process.stdout is None:
        return {}
    try:
        process.stdin.write(order)
        process.stdin.close()
    except BrokenPipeError:
        return {}
    said: dict[str, Any] = {}
    for line in process.stdout:
        said = _read(line)
        if "step" in said:
            tell(said["step"])
    process.wait()
    return said


def _read(line: bytes) -> dict[str, Any]:
    """Nothing of a line that was cut off."""
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}


def _late(seconds: float) -> Misconfigured:
    return Misconfigured(
        f"not registered: compiling and trying these files took longer than {seconds:.0f} seconds and was stopped",
        f"nicht registriert: Diese Dateien zu übersetzen und zu erproben dauerte länger als {seconds:.0f} Sekunden und "
        "wurde abgebrochen",
    )


def _out_of_memory() -> Misconfigured:
    return Misconfigured(
        "not registered: these files need more memory than is allowed",
        "nicht registriert: Diese Dateien brauchen mehr Speicher, als erlaubt ist",
    )


def _crashed(code: int) -> Misconfigured:
    return Misconfigured(
        f"not registered: a parser crashed over these files ({code})",
        f"nicht registriert: Ein Parser ist an diesen Dateien abgestürzt ({code})",
    )
