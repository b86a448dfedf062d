"""The client for addresses that others name, against real sockets and TLS."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from http_peer import Peer, ok, running
from patience import PATIENT
from tls_for_tests import Authority

from amtsbote.net import AddressGuard, Answer, AnswerTooLong, Fault, GuardedClient, Timeouts, Unreachable
from amtsbote.net.addresses import Network

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
NAME = "callback.example"


class Names:
    """A name server that says what a test wants, and something else the next time."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


@asynccontextmanager
async def client_of(
    authority: Authority | None,
    *,
    names: Names | None = None,
    allowed: Sequence[Network] = LOOPBACK,
    timeouts: Timeouts = PATIENT,
) -> AsyncIterator[GuardedClient]:
    extra = None if authority is None else authority.file
    guard = AddressGuard(allowed)
    async with GuardedClient(guard, timeouts=timeouts, extra_ca=extra, limit=1000, resolve=names) as client:
        yield client


async def post(client: GuardedClient, url: str) -> Answer:
    return await client.request("POST", url, headers={"content-type": "application/json"}, body=b"{}")


async def fault_of(client: GuardedClient, url: str) -> Fault:
    with pytest.raises(Unreachable) as caught:
        await post(client, url)
    return caught.value.fault


PERMITTED = ("8.8.8.8", "141.76.1.1", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "2001:4860:4860::8888")
FORBIDDEN = (
    "0.0.0.0",  # noqa: S104  (nothing is bound)
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::8.8.8.8",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:0:10.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
)


@pytest.mark.parametrize("address", PERMITTED)
def test_what_the_internet_can_reach_is_permitted(address: str) -> None:
    assert AddressGuard().permits(ip_address(address))


@pytest.mark.parametrize("address", FORBIDDEN)
def test_everything_else_is_not(address: str) -> None:
    assert not AddressGuard().permits(ip_address(address))


@pytest.mark.parametrize("address", FORBIDDEN)
def test_unless_the_operator_allows_it(address: str) -> None:
    assert AddressGuard((ip_network("0.0.0.0/0"), ip_network("::/0"))).permits(ip_address(address))


@pytest.mark.parametrize("address", ["::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::1", "::10.0.0.1"])
def test_a_way_into_ipv4_that_is_allowed_does_not_allow_where_it_leads(address: str) -> None:
    way = ip_network("::/0")

    assert not AddressGuard((way,)).permits(ip_address(address))
    assert AddressGuard((way, ip_network("10.0.0.0/24"))).permits(ip_address(address))


def test_nat64_to_the_internet_needs_only_itself_allowed() -> None:
    assert AddressGuard((ip_network("64:ff9b::/96"),)).permits(ip_address("64:ff9b::8.8.8.8"))


def test_public_addresses_of_the_operator_can_be_refused_and_single_ones_excepted() -> None:
    guard = AddressGuard((ip_network("141.76.1.0/30"),), (ip_network("141.76.0.0/16"),))

    assert not guard.permits(ip_address("141.76.2.1"))
    assert guard.permits(ip_address("141.76.1.1"))
    assert guard.permits(ip_address("141.77.1.1"))


async def test_a_request_reaches_the_host_under_its_own_name(authority: Authority) -> None:
    names = Names(["127.0.0.1"])
    async with running(Peer(ok(b"fine")), authority.server(NAME)) as peer, client_of(authority, names=names) as client:
        answer = await post(client, f"https://{NAME}:{peer.port}/told?x=1")

    assert (answer.status, answer.body) == (200, b"fine")
    assert peer.requests[0].startswith(b"POST /told?x=1 ")
    assert f"\r\nhost: {NAME}:{peer.port}\r\n".encode() in peer.requests[0].lower()
    assert names.asked == [(NAME, peer.port)]


async def test_a_name_that_changes_its_mind_is_asked_once_per_request(authority: Authority) -> None:
    """DNS rebinding: a permitted address for whoever checks, another for whoever connects."""
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    async with running(Peer(ok(b"")), authority.server(NAME)) as peer, client_of(authority, names=names) as client:
        url = f"https://{NAME}:{peer.port}/"
        assert (await post(client, url)).status == 200
        assert await fault_of(client, url) is Fault.FORBIDDEN

    assert len(names.asked) == 2
    assert len(peer.requests) == 1


HERE = ("localhost", "127.0.0.1", "[::1]", "127.1", "2130706433", "0x7f.0.0.1", "0.0.0.0")  # noqa: S104  (as above)


@pytest.mark.parametrize("host", HERE)
async def test_the_own_machine_is_not_called_however_it_is_written(authority: Authority, host: str) -> None:
    tls = authority.server("localhost", "127.0.0.1")
    async with running(Peer(ok(b"")), tls) as peer, client_of(authority, allowed=()) as client:
        assert await fault_of(client, f"https://{host}:{peer.port}/") is Fault.FORBIDDEN
    assert peer.connections == []


async def test_of_several_addresses_only_permitted_ones_are_tried_until_one_connects(authority: Authority) -> None:
    with socket.socket() as closed:  # bound, and nobody listens
        closed.bind(("127.0.0.2", 0))
        port = closed.getsockname()[1]
        async with AsyncExitStack() as stack:
            server = await asyncio.start_server(peer := Peer(ok(b"")), "127.0.0.3", port, ssl=authority.server(NAME))
            stack.callback(server.close)
            names = Names(["10.1.1.1", "127.0.0.2", "127.0.0.3"])
            client = await stack.enter_async_context(client_of(authority, names=names))
            assert (await post(client, f"https://{NAME}:{port}/")).status == 200
            for connection in peer.connections:
                connection.cancel()
            await asyncio.gather(*peer.connections)

    assert len(peer.requests) == 1


async def test_ipv6_is_reached_by_address_and_by_name(authority: Authority) -> None:
    tls = authority.server(NAME, "::1")
    async with running(Peer(ok(b"")), tls, "::1") as peer, client_of(authority, names=Names(["::1"])) as client:
        assert (await post(client, f"https://[::1]:{peer.port}/")).status == 200
        assert (await post(client, f"https://{NAME}:{peer.port}/")).status == 200
    assert f"\r\nhost: [::1]:{peer.port}\r\n".encode() in peer.requests[0].lower()


async def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    tls = authority.server("other.example", "127.0.0.1")  # the address is right, the name is not
    names = Names(["127.0.0.1"])
    async with running(Peer(ok(b"")), tls) as peer, client_of(authority, names=names) as client:
        assert await fault_of(client, f"https://{NAME}:{peer.port}/") is Fault.TLS
    assert peer.requests == []


async def test_a_certificate_that_has_expired_is_refused(authority: Authority) -> None:
    tls = authority.server("127.0.0.1", expired=True)
    async with running(Peer(ok(b"")), tls) as peer, client_of(authority) as client:
        assert await fault_of(client, peer.url) is Fault.TLS


async def test_an_authority_that_nobody_named_is_not_trusted(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority.made(tmp_path, "stranger")
    async with running(Peer(ok(b"")), stranger.server("127.0.0.1")) as peer:
        async with client_of(authority) as client:
            assert await fault_of(client, peer.url) is Fault.TLS
        async with client_of(None) as client:
            assert await fault_of(client, peer.url) is Fault.TLS


async def test_authorities_of_the_system_stay_trusted_beside_an_extra_one(authority: Authority) -> None:
    async with client_of(None) as plain, client_of(authority) as more:
        assert _anchors(more) == _anchors(plain) + 1


def _anchors(client: GuardedClient) -> int:
    context = client._client._client._transport._pool._ssl_context  # type: ignore[attr-defined]
    return len(context.get_ca_certs())


async def test_a_server_without_tls_is_told_as_such(authority: Authority) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server, client_of(authority) as client:
        port = server.sockets[0].getsockname()[1]
        assert await fault_of(client, f"https://127.0.0.1:{port}/") is Fault.TLS


async def test_a_redirect_is_an_answer_and_leads_nowhere(authority: Authority) -> None:
    answer = b"HTTP/1.1 307 T\r\nlocation: https://127.0.0.1/elsewhere\r\ncontent-length: 0\r\n\r\n"
    async with running(Peer(answer), authority.server("127.0.0.1")) as peer, client_of(authority) as client:
        assert (await post(client, peer.url)).status == 307
    assert len(peer.requests) == 1


async def test_proxies_of_the_environment_are_not_asked(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with running(Peer(ok(b"")), authority.server("127.0.0.1")) as peer, client_of(authority) as client:
        assert (await post(client, peer.url)).status == 200


async def test_no_connection_is_kept_for_another_name_at_the_same_address(authority: Authority) -> None:
    names = Names(["127.0.0.1"])
    async with running(Peer(ok(b"")), authority.server(NAME)) as peer, client_of(authority, names=names) as client:
        assert (await post(client, f"https://{NAME}:{peer.port}/")).status == 200
        assert await fault_of(client, f"https://other.example:{peer.port}/") is Fault.TLS
    assert len(peer.requests) == 1


async def test_an_answer_that_does_not_end_is_cut(authority: Authority) -> None:
    peer = Peer(b"HTTP/1.1 200 OK\r\n\r\n", lambda writer: writer.write(b"x" * 1_000_000))
    async with running(peer, authority.server("127.0.0.1")), client_of(authority) as client:
        with pytest.raises(AnswerTooLong):
            await post(client, peer.url)


async def test_silence_meets_a_timeout_at_every_stage(authority: Authority) -> None:
    hasty, waiting = replace(PATIENT, connect=0.1), replace(PATIENT, read=0.1)
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes the connection, never begins TLS
        async with client_of(authority, timeouts=hasty) as client:
            assert await fault_of(client, f"https://127.0.0.1:{mute.getsockname()[1]}/") is Fault.CONNECT
    tls = authority.server("127.0.0.1")
    async with running(Peer(b""), tls) as peer, client_of(authority, timeouts=waiting) as client:
        assert await fault_of(client, peer.url) is Fault.TIMEOUT


async def test_a_name_server_that_does_not_answer_meets_the_time_of_the_whole() -> None:
    async def never(_host: str, _port: int) -> Sequence[str]:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async with GuardedClient(AddressGuard(), timeouts=Timeouts(whole=0.05), limit=1, resolve=never) as client:
        assert await fault_of(client, f"https://{NAME}/") is Fault.TIMEOUT


async def test_a_name_that_does_not_exist_is_told() -> None:
    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror

    async with GuardedClient(AddressGuard(), timeouts=PATIENT, limit=1, resolve=unknown) as client:
        assert await fault_of(client, f"https://{NAME}/") is Fault.NAME
    async with client_of(None, names=Names([])) as client:
        assert await fault_of(client, f"https://{NAME}/") is Fault.NAME


NOT_CALLABLE = (
    "",
    "callback.example/x",
    "http://callback.example/x",
    "ftp://callback.example/x",
    "file:///etc/passwd",
    "https:///x",
    "https://user:geheim@callback.example/",
    "https://user@callback.example/",
    "https://callback.example/#here",
    "https://callback.example:0/",
    "https://callback.example:99999/",
    "https://[::1/",
    "https://callback.example/" + "x" * 2048,
    "https://callback.example/\r\nx: y",
    "https://xn--\u0000/",
)


@pytest.mark.parametrize("url", NOT_CALLABLE)
async def test_an_address_that_is_not_plain_https_is_not_called(url: str) -> None:
    names = Names(["127.0.0.1"])
    async with client_of(None, names=names) as client:
        assert await fault_of(client, url) is Fault.ADDRESS
    assert names.asked == []


async def test_names_with_umlauts_are_asked_in_their_ascii_form(authority: Authority) -> None:
    names = Names(["127.0.0.1"])
    tls = authority.server("xn--mnchen-3ya.example")
    async with running(Peer(ok(b"")), tls) as peer, client_of(authority, names=names) as client:
        assert (await post(client, f"https://münchen.example:{peer.port}/ö")).status == 200
    assert names.asked == [("xn--mnchen-3ya.example", peer.port)]
