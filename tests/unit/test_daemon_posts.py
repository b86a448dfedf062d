"""Which sockets a node's processes get, and what one SQLite file does not allow."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from ports import free_port
from pydantic import SecretStr

from amtsbote.daemon.posts import Role, bound, posts, shared_out
from amtsbote.daemon.settings import Metrics, Public, Settings, Storage, Work
from amtsbote.errors import Misconfigured

POSTGRES = Storage(folder=Path("/nowhere"), database=SecretStr("postgresql://nowhere/a"))


@pytest.fixture
def settings() -> Settings:
    public, metrics = Public(listen=f"127.0.0.1:{free_port()}"), Metrics(listen=f"127.0.0.1:{free_port()}")
    return Settings(public=public, metrics=metrics, storage=POSTGRES, work=Work(threads=5))


@pytest.fixture
def later() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_workers_share_the_public_socket_and_have_metrics_in_a_row(settings: Settings, later: ExitStack) -> None:
    first, second = (later.enter_context(closing(post)) for post in posts(settings, Role.ALL, 2))

    port = int(settings.metrics.listen.rpartition(":")[2])
    assert first.public is second.public
    assert [first.address, second.address] == [f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"]
    assert [first.number, second.number] == [1, 2]


@pytest.mark.parametrize(
    ("role", "listens", "works"), [("all", True, True), ("intake", True, False), ("worker", False, True)]
)
def test_a_role_says_what_is_done(settings: Settings, later: ExitStack, role: str, listens: bool, works: bool) -> None:
    [post] = posts(settings, Role(role), 1)
    later.enter_context(closing(post))

    assert (post.public is not None) is listens
    assert post.role.works is works


def test_a_port_that_is_taken_gives_back_those_that_were_had(settings: Settings) -> None:
    port = int(settings.metrics.listen.rpartition(":")[2])
    with closing(bound(f"127.0.0.1:{port + 1}")) as taken:
        taken.listen()
        with pytest.raises(Misconfigured, match=f"cannot listen on .*:{port + 1}"):
            posts(settings, Role.ALL, 3)

    for address in (settings.public.listen, settings.metrics.listen):
        bound(address).close()


def test_a_port_above_all_ports_is_said(settings: Settings) -> None:
    last = settings.model_copy(update={"metrics": Metrics(listen="127.0.0.1:65535")})

    with pytest.raises(Misconfigured, match="65536"):
        posts(last, Role.ALL, 2)


@pytest.mark.parametrize(("role", "workers"), [(Role.ALL, 2), (Role.INTAKE, 1), (Role.WORKER, 1)])
def test_sqlite_is_for_one_process_that_does_all(settings: Settings, role: Role, workers: int) -> None:
    alone = settings.model_copy(update={"storage": Storage(folder=Path("/nowhere"))})

    with pytest.raises(Misconfigured) as refused:
        posts(alone, role, workers)

    assert "need PostgreSQL" in refused.value.en
    assert "brauchen PostgreSQL" in refused.value.de


@pytest.mark.parametrize(("workers", "threads"), [(1, 5), (2, 2), (9, 1)])
def test_the_threads_of_the_node_are_shared_out(settings: Settings, workers: int, threads: int) -> None:
    assert shared_out(settings, workers).work.threads == threads


def test_an_address_of_ipv6_is_written_in_brackets(settings: Settings, later: ExitStack) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    six = settings.model_copy(update={"metrics": Metrics(listen="[::1]:0")})

    [post] = posts(six, Role.WORKER, 1)
    later.enter_context(closing(post))

    assert post.address.startswith("[::1]:")
