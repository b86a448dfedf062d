"""Ports for the servers that tests start, each for one test process alone as long as that lives."""

import fcntl
import os
import socket
import tempfile
from io import FileIO
from itertools import count
from pathlib import Path

_FIRST, _HOW_MANY = 12_000, 18_000
"""Below the range the system takes ports of outgoing connections from."""
_counter = count(os.getpid() * 97)
_held: list[FileIO] = []


def free_port() -> int:
    """A port nobody listens on, and nobody on the one above: a second worker has its metrics there. The lock keeps
    other test processes from choosing them before a server has bound them: a test that finds a stranger's server there
    would talk to that one."""
    folder = Path(tempfile.gettempdir(), f"ports-of-tests-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    while True:
        port = _FIRST + 2 * next(_counter) % _HOW_MANY
        lock = FileIO(folder / str(port), "a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for each in (port, port + 1):
                with socket.socket() as tried:
                    tried.bind(("127.0.0.1", each))
        except OSError:
            lock.close()
            continue
        _held.append(lock)
        return port
