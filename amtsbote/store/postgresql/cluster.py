"""What several nodes on one database tell each other: who does something alone, and what is new."""

import logging
from collections.abc import Callable
from hashlib import sha256
from threading import Event, Thread
from typing import Final

import psycopg
from psycopg import sql

from amtsbote.store.postgresql.connection import Connection, schema_of

REGISTRY: Final = "registry"
"""What the triggers on the directory's revision and the routing versions say; the one on jobs says nothing."""
PATIENCE: Final = 0.5
"""Seconds after which a listener looks whether it should end, and between two attempts to connect."""

log = logging.getLogger(__name__)


def lock_key(schema: str, name: str) -> int:
    """The 64-bit key of an advisory lock (PostgreSQL, 13.3.5), its own for each installation in a database."""
    return int.from_bytes(sha256(f"amtsbote/{schema}/{name}".encode()).digest()[:8], signed=True)


def channel(schema: str) -> str:
    """The name under which the triggers notify."""
    return f"amtsbote_{schema}"


class Listener(Thread):
    """Calls `wake` after commits that added jobs, `renew` after those that changed directory or routing tables, from
    this thread; both after it had to connect again."""

    def __init__(self, connect: Callable[[], Connection], wake: Callable[[], None], renew: Callable[[], None]) -> None:
        super().__init__(name="store-listener", daemon=True)
        self._connect = connect
        self._wake = wake
        self._renew = renew
        self._ending = Event()
        self._listening = Event()

    def run(self) -> None:
        while not self._ending.is_set():
            try:
                with self._connect() as connection:
                    self._listen(connection)
            except psycopg.Error as error:
                self._listening.clear()
                log.warning("listening for new jobs was interrupted: %s", type(error).__name__)
                self._ending.wait(PATIENCE)

    def wait_until_listening(self, seconds: float) -> bool:
        return self._listening.wait(seconds)

    def end(self) -> None:
        self._ending.set()
        if self.is_alive():
            self.join()

    def _listen(self, connection: Connection) -> None:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel(schema_of(connection)))))
        self._listening.set()
        self._wake()  # what came while nobody listened
        self._renew()
        while not self._ending.is_set():
            for told in connection.notifies(timeout=PATIENCE, stop_after=1):
                (self._renew if told.payload == REGISTRY else self._wake)()
