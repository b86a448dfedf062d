"""A line to PostgreSQL that a test can cut, and mend again: a Unix socket that passes everything on to the real one."""

import select
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = ".s.PGSQL.5432"


class Line:
    """`folder` is the host that a client names."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self._server = server
        self._ends: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()

    def hang(self) -> None:
        """Everybody stays connected, and nothing passes until `go_on`."""
        self._flowing.clear()

    def go_on(self) -> None:
        self._flowing.set()

    def mend(self) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.folder / _NAME))
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._take, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Nobody is let in any more, and whoever is connected loses the connection in the middle of a word."""
        assert self._listener is not None
        self.go_on()
        (self.folder / _NAME).unlink()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._ends.clear()

    def _take(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server / _NAME))
            with self._lock:
                self._ends += [client, server]
            threading.Thread(target=_pass_on, args=(client, server, self._flowing), daemon=True).start()


def _pass_on(client: socket.socket, server: socket.socket, flowing: threading.Event) -> None:
    other = {client: server, server: client}
    with client, server, suppress(OSError):
        while True:
            for end in select.select([client, server], [], [])[0]:
                flowing.wait()
                content = end.recv(65536)
                if not content:
                    return
                other[end].sendall(content)


@contextmanager
def line_to(server: Path) -> Iterator[Line]:
    """A line to the server whose socket lies in this folder. Its own folder has a short name, as sockets need."""
    folder = Path(tempfile.mkdtemp(prefix="line-"))
    line = Line(folder, server)
    line.mend()
    try:
        yield line
    finally:
        with suppress(OSError):
            line.cut()
        shutil.rmtree(folder)
