"""The one HTTP client, against real sockets on loopback."""

import asyncio
import inspect
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from http_peer import Peer, ok, running
from patience import PATIENCE, PATIENT

from amtsbote import __version__
from amtsbote.errors import Misconfigured
from amtsbote.net import Answer, AnswerTooLong, Fault, HttpClient, Timeouts, Unreachable
from amtsbote.net.failures import FAULTS, fault_of, translated


async def ask(peer: Peer, limit: int = 1000, path: str = "/x") -> Answer:
    async with running(peer), HttpClient(timeouts=PATIENT, limit=limit) as client:
        return await client.request("GET", peer.url + path)


async def test_the_answer_is_status_headers_and_body() -> None:
    answer = await ask(Peer(b"HTTP/1.1 422 No\r\nContent-Type: Application/JSON; x=y\r\ncontent-length: 2\r\n\r\n{}"))

    assert (answer.status, answer.body, answer.media_type) == (422, b"{}", "application/json")


async def test_every_request_names_us_and_asks_for_the_bytes_as_they_are() -> None:
    peer = Peer(ok(b""))
    await ask(peer)

    assert f"user-agent: amtsbote/{__version__}\r\n".encode() in peer.requests[0].lower()
    assert b"accept-encoding: identity\r\n" in peer.requests[0].lower()


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    peer = Peer(b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")

    assert (await ask(peer)).status == 302
    assert len(peer.requests) == 1


async def test_cookies_are_not_kept() -> None:
    peer = Peer(ok(b"", "set-cookie: a=b\r\n"))
    async with running(peer), HttpClient(timeouts=PATIENT) as client:
        await client.request("GET", peer.url)
        await client.request("GET", peer.url)

    assert b"cookie" not in peer.requests[1].lower()


async def test_proxy_settings_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert (await ask(Peer(ok(b"direct")))).body == b"direct"


async def test_query_values_are_escaped_and_headers_sent() -> None:
    peer = Peer(ok(b""))
    async with running(peer), HttpClient(timeouts=PATIENT) as client:
        await client.request("GET", peer.url, query={"ars": "14 5&1"}, headers={"authorization": "Bearer x"})

    assert peer.requests[0].startswith(b"GET /?ars=14+5%261 ")
    assert b"authorization: Bearer x\r\n" in peer.requests[0]


async def test_a_body_may_be_streamed() -> None:
    async def body() -> AsyncIterator[bytes]:
        for piece in (b"one", b"two", b"three"):
            yield piece

    peer = Peer(ok(b""))
    async with running(peer), HttpClient(timeouts=PATIENT) as client:
        await client.request("PUT", peer.url, body=body())

    assert peer.requests[0].endswith(b"onetwothree")


async def test_an_answer_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    assert len((await ask(Peer(ok(b"x" * 100)), limit=100)).body) == 100
    with pytest.raises(AnswerTooLong) as caught:
        await ask(Peer(ok(b"x" * 101)), limit=100)
    assert caught.value.limit == 100


async def test_an_endless_answer_is_cut_at_the_limit() -> None:
    def more(writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 1_000_000)

    with pytest.raises(AnswerTooLong):
        await ask(Peer(b"HTTP/1.1 200 OK\r\n\r\n", more), limit=100_000)


async def test_a_compressed_answer_is_refused_before_it_is_read() -> None:
    with pytest.raises(Unreachable) as caught:
        await ask(Peer(ok(b"x" * 10, "content-encoding: gzip\r\n")))
    assert caught.value.fault is Fault.ENCODED


async def test_a_connection_that_breaks_off_is_told() -> None:
    with pytest.raises(Unreachable) as caught:
        await ask(Peer(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", lambda writer: writer.close()))
    assert caught.value.fault is Fault.NOT_HTTP


async def test_something_that_is_not_http_is_told() -> None:
    with pytest.raises(Unreachable) as caught:
        await ask(Peer(b"220 mail.example ESMTP\r\n\r\n"))
    assert caught.value.fault is Fault.NOT_HTTP


async def test_a_closed_port_is_told_without_path_and_query() -> None:
    async with running(Peer(b"")) as peer:
        pass
    async with HttpClient(timeouts=PATIENT) as client:
        with pytest.raises(Unreachable) as caught:
            await client.request("GET", peer.url + "/secret?token=geheim")
    assert caught.value.fault is Fault.CONNECT
    assert "127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://[::1", "ftp://127.0.0.1/x", "/relative", "http://127.0.0.1:99999/"])
async def test_an_address_that_is_none_is_told(url: str) -> None:
    async with HttpClient(timeouts=PATIENT) as client:
        with pytest.raises(Unreachable) as caught:
            await client.request("GET", url)
    assert caught.value.fault is Fault.ADDRESS


async def test_a_peer_that_says_nothing_meets_the_read_timeout() -> None:
    async with running(Peer(b"")) as peer, HttpClient(timeouts=Timeouts(read=0.05)) as client:
        with pytest.raises(Unreachable) as caught:
            await client.request("GET", peer.url)
    assert caught.value.fault is Fault.TIMEOUT


async def test_a_peer_that_drips_meets_the_time_of_the_whole() -> None:
    def drip(writer: asyncio.StreamWriter) -> None:
        if not writer.is_closing():
            writer.write(b"x")
            asyncio.get_running_loop().call_later(0.01, drip, writer)

    timeouts = Timeouts(read=PATIENCE, whole=0.1)
    async with running(Peer(b"HTTP/1.1 200 OK\r\n\r\n", drip)) as peer, HttpClient(timeouts=timeouts) as client:
        with pytest.raises(Unreachable) as caught:
            await client.request("GET", peer.url)
    assert caught.value.fault is Fault.TIMEOUT


async def test_an_upload_may_take_longer_than_the_whole_as_long_as_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, passed = asyncio.get_running_loop(), 0.0
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + passed)

    async def slow() -> AsyncIterator[bytes]:
        nonlocal passed
        for _ in range(8):
            passed += PATIENCE / 2
            await asyncio.sleep(0)
            yield b"x"

    async with running(Peer(ok(b"done"))) as peer, HttpClient(timeouts=PATIENT) as client:
        assert (await client.request("PUT", peer.url, body=slow())).body == b"done"


def exceptions_of_httpx() -> list[type[Exception]]:
    return [kind for _, kind in inspect.getmembers(httpx, inspect.isclass) if issubclass(kind, Exception)]


def test_every_exception_of_httpx_has_its_fault_by_its_own_name() -> None:
    public = exceptions_of_httpx()

    assert len(public) > 20
    assert {kind for kind in public if kind not in FAULTS} == set()


def test_no_exception_of_httpx_outside_its_public_names_escapes() -> None:
    def below(kind: type[Exception]) -> set[type[Exception]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    everything = set().union(*(below(kind) for kind in exceptions_of_httpx()))

    assert all(isinstance(fault_of(kind.__new__(kind)), Fault) for kind in everything)


def test_the_original_exception_is_not_dragged_along() -> None:
    with pytest.raises(Unreachable) as caught, translated("host"):
        raise httpx.ReadError("with a secret")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "secret" not in str(caught.value)


def test_other_exceptions_pass() -> None:
    with pytest.raises(KeyError), translated("host"):
        raise KeyError


@pytest.mark.parametrize("content", [None, b"no certificates"])
def test_a_bundle_without_certificates_is_a_misconfiguration(tmp_path: Path, content: bytes | None) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_bytes(content)

    with pytest.raises(Misconfigured, match=r"ca\.pem"):
        HttpClient(ca_bundle=bundle)


async def test_certificates_are_checked() -> None:
    async with HttpClient() as client:
        context = client._client._transport._pool._ssl_context  # type: ignore[attr-defined]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
