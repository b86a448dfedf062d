"""A connection that breaks during the commit itself: nobody knows, so nobody removes what a row may own by now."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from postgres_kit import server
from store_samples import a_message

from amtsbote.api.persistence import Page
from amtsbote.errors import CommitUnknown
from amtsbote.store.postgresql import PostgresStore

SOCKET = ".s.PGSQL.5432"


class Between:
    """Stands between store and server, and can swallow the answer to the next commit together with the connection."""

    def __init__(self, folder: Path) -> None:
        self.swallowing = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                behind = socket.socket(socket.AF_UNIX)
                behind.connect(str(server().folder / "socket" / SOCKET))
                for source, sink in ((client, behind), (behind, client)):
                    threading.Thread(target=self._pass_on, args=(source, sink, client), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if source is not client and self.swallowing.is_set() and b"COMMIT" in data:
                    self.swallowing.clear()
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def between() -> Iterator[tuple[Between, str]]:
    """The one between, and the address that leads through it."""
    with tempfile.TemporaryDirectory(prefix="ab-") as folder:  # a socket's path must be short
        straight = server().schema_url(Path(folder))
        standing = Between(Path(folder))
        yield standing, straight.replace(quote(str(server().folder / "socket"), safe=""), quote(folder, safe=""))
        standing.close()


async def test_a_commit_without_an_answer_is_neither_kept_nor_failed(between: tuple[Between, str]) -> None:
    standing, url = between
    store = PostgresStore.open(url, readers=1)
    standing.swallowing.set()

    with pytest.raises(CommitUnknown):
        await store.write(lambda tx: tx.messages.add(a_message(), None))

    count, _ = await store.read(lambda tx: tx.messages.page(None, Page(0, 9)))
    assert count == 1
    await store.write(lambda tx: tx.messages.add(a_message("m2"), None))
    await store.close()
