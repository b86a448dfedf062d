"""The process that registers one standard, started by `schemas.standards.apart`: reads an order, and writes lines of
JSON, one for each step, the last one with what came of it."""

import json
import resource
import signal
import sys
from typing import Any, Final

from amtsbote.errors import Misconfigured, NoSuchName
from schemas.confinement import bound
from schemas.standards.apart import ORDER
from schemas.standards.library import Library
from schemas.standards.order import Order, Registered
from schemas.standards.registering import register
from schemas.standards.resolving import catalogue_folder

_MEMORY: Final = 4 * 1024**3
"""Of what can be written. No bound of addresses: Saxon, which a helper of this process loads, sets 32 GiB aside."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it goes to the command as well, which ends this process
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    bound(resource.RLIMIT_DATA, _MEMORY)
    order = ORDER.validate_json(sys.stdin.buffer.read())
    try:
        registered = _registered(order)
    except Misconfigured as cause:
        _say({"refused": {"en": cause.en, "de": cause.de}, "not-found": isinstance(cause, NoSuchName)})
    except MemoryError:
        _say({"memory": True})
    else:
        _say({"standard": str(registered.lock.identity), "new": registered.new})


def _registered(order: Order) -> Registered:
    outside = catalogue_folder(order.catalog) if order.catalog is not None else None
    library = Library(order.registry)
    return register(library, order.path, order.wanted, outside, order.now, lambda step: _say({"step": step}))


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
