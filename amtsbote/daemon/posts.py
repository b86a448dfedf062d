"""Which part of a node's work one process does, and the sockets it does it on."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum

from amtsbote.daemon.settings import Settings
from amtsbote.errors import Misconfigured


class Role(StrEnum):
    ALL = "all"
    INTAKE = "intake"
    """Takes requests in and works nothing off."""
    WORKER = "worker"
    """Works jobs off and takes no requests."""

    @property
    def takes_requests(self) -> bool:
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        return self is not Role.INTAKE


@dataclass(frozen=True, slots=True)
class Post:
    role: Role
    number: int
    """From 1. The first of a node also does what a node does once."""
    public: socket.socket | None
    """Bound; the same of all workers of a node. None for a role that takes no requests."""
    inner: socket.socket
    """Bound, of this process alone: metrics and health."""
    admin: socket.socket | None = None
    """Bound, of the first process alone: the editing API, where there is one."""

    @property
    def address(self) -> str:
        """Where metrics and health are, HOST:PORT."""
        host, port = self.inner.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def close(self) -> None:
        self.inner.close()
        for shared in (self.public, self.admin):
            if shared is not None:
                shared.close()


def posts(settings: Settings, role: Role, workers: int) -> tuple[Post, ...]:
    """One for each process of a node. The metrics of the n-th are n - 1 ports above `metrics.listen`.

    Raises `Misconfigured` when an address cannot be had, and for what one SQLite file does not allow.
    """
    if not settings.storage.on_postgresql:
        _must_be_alone(role, workers)
    public = bound(settings.public.listen) if role.takes_requests else None
    with ExitStack() as opened:
        if public is not None:
            opened.push(public)
        admin = bound(settings.admin.listen) if settings.admin.listen is not None else None
        if admin is not None:
            opened.push(admin)
        inner = [opened.enter_context(bound(_above(settings.metrics.listen, above))) for above in range(workers)]
        opened.pop_all()
    numbered = enumerate(inner, 1)
    return tuple(Post(role, number, public, one, admin if number == 1 else None) for number, one in numbered)


def shared_out(settings: Settings, workers: int) -> Settings:
    """The settings of one of several processes: the threads are those of the whole node."""
    threads = max(1, settings.work.threads // workers)
    return settings.model_copy(update={"work": settings.work.model_copy(update={"threads": threads})})


def bound(address: str) -> socket.socket:
    """Raises `Misconfigured`."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
    except (OSError, OverflowError) as error:
        listener.close()
        because = error.strerror if isinstance(error, OSError) else "no such port"
        raise Misconfigured(
            f"cannot listen on {address}: {because}", f"auf {address} ist kein Empfang möglich: {because}"
        ) from error
    listener.setblocking(False)
    return listener


def _above(address: str, ports: int) -> str:
    host, _, port = address.rpartition(":")
    return f"{host}:{int(port) + ports if int(port) else 0}"


def _must_be_alone(role: Role, workers: int) -> None:
    if workers > 1 or role is not Role.ALL:
        raise Misconfigured(
            "several processes and roles need PostgreSQL: an SQLite database belongs to one process. Start without"
            " --workers and --role, or move to PostgreSQL (storage.database)",
            "mehrere Prozesse und Rollen brauchen PostgreSQL: eine SQLite-Datenbank gehört einem Prozess. Bitte ohne"
            " --workers und --role starten oder zu PostgreSQL wechseln (storage.database)",
        )
