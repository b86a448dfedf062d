"""How connections are opened, and opened again after the server was gone."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from amtsbote.store.refusal import StoreRefused

Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST: Final = 15
"""Major version of PostgreSQL from which on we work."""

_DEFAULTS: Final[dict[str, str | int]] = {
    "application_name": "amtsbote",
    "connect_timeout": 5,
    "keepalives_idle": 10,  # a server that vanished without a word is noticed within half a minute
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_EVERY: Final = (
    "SET synchronous_commit = on",  # whatever the database's default is: what is acknowledged is on disk
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '60s'",  # a node that froze holds no rows for ever
)


def connect(url: str) -> Connection:
    """Raises `psycopg.Error`. What the URL says (`sslmode`, `options`, …) wins over our defaults."""
    settings: dict[str, Any] = {**_DEFAULTS, **conninfo_to_dict(url), "client_encoding": "UTF8"}
    connection = psycopg.connect(autocommit=True, prepare_threshold=2, **settings)
    connection.prepared_max = 1_000
    try:
        connection.execute("; ".join(_EVERY))
    except BaseException:
        connection.close()
        raise
    return connection


def described(connection: Connection) -> str:
    """Which database this is, for sentences: no user, no password."""
    return f"{connection.info.dbname} ({connection.info.host})"


def schema_of(connection: Connection) -> str:
    [(schema,)] = connection.execute("SELECT coalesce(current_schema(), '')").fetchall()
    return str(schema)


def must_suit(connection: Connection) -> None:
    """Raises `StoreRefused` for a server that is too old or a database that cannot hold every text."""
    name, version = described(connection), connection.info.server_version // 10_000
    if version < OLDEST:
        raise StoreRefused(
            f"Die Datenbank {name} läuft auf PostgreSQL {version}. Bitte PostgreSQL {OLDEST} oder neuer verwenden.",
            f"The database {name} runs on PostgreSQL {version}. Use PostgreSQL {OLDEST} or newer.",
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreRefused(
            f"Die Datenbank {name} hat die Kodierung {encoding}. Bitte eine Datenbank mit ENCODING 'UTF8' anlegen.",
            f"The database {name} has the encoding {encoding}. Create a database with ENCODING 'UTF8'.",
        )


class Link:
    """One thread's connection: opened when it is first needed, and again when it broke."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None

    @property
    def current(self) -> Connection:
        """The connection on which a transaction was begun; never a new one in its place, which would know nothing."""
        if self._connection is None:
            raise psycopg.OperationalError("no transaction was begun")
        return self._connection

    def begin(self, statement: str) -> None:
        """Begin a transaction, on a new connection when the one at hand turns out to be gone.

        Raises `psycopg.Error` when the server cannot be reached.
        """
        if self._connection is not None and not self._connection.closed:
            try:
                self._connection.execute(statement)
                return
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
        self._connection = self._connect()
        self._connection.execute(statement)

    def roll_back(self) -> None:
        """End what is open. A connection that cannot even do that is given up: the server then undoes it."""
        if self._connection is None or self._connection.closed:
            return
        try:
            if self._connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                self._connection.execute("ROLLBACK")
        except psycopg.Error:
            self.close()

    def close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
