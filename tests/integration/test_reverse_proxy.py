"""The reverse proxy this repository offers, as a real nginx before a real broker."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from application_kit import Application, Enclosure, photo_and_plan
from broker_kit import ORDERED, RunningBroker, broker_at
from installation_kit import CHEMNITZ
from large_parts import PIECE, naming, pieces_of, write_token
from openapi_oracle import judging
from patience import PATIENCE
from portal_kit import Portal, Sent, waited_for
from ports import free_port
from proxy_for_tests import NGINX, Ports, Proxy, proxy_at

LIMIT = 40 * PIECE

pytestmark = pytest.mark.skipif(NGINX is None and "CI" not in os.environ, reason="needs nginx")


@pytest.fixture(scope="module")
def broker(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """Knows the address of its proxy from the start."""
    url = f"https://127.0.0.1:{free_port()}"
    folder = tmp_path_factory.mktemp("broker")
    settings: dict[str, Any] = {
        "PUBLIC__URL": url,
        "PUBLIC__TRUSTED_PROXIES": '["127.0.0.1"]',
        "LIMITS__ATTACHMENT": str(LIMIT),
    }
    with broker_at(folder, shared_folder, started=False, **settings) as running:
        running.start(ORDERED)
        running.order("clock stops")  # how long a guesser waits is no matter of how busy the machine is
        yield running


@pytest.fixture(scope="module")
def proxy(broker: RunningBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    tls = int(broker.installation.environment["AMTSBOTE__PUBLIC__URL"].rpartition(":")[2])
    with proxy_at(tmp_path_factory.mktemp("proxy") / "nginx", Ports(tls, free_port(), broker.port)) as running:
        yield running


@pytest.fixture(scope="module")
def portal(broker: RunningBroker, proxy: Proxy) -> Portal:
    client = "hamburg-portal"
    secret, key = broker.installation.secret(client), broker.keys.jwk("hamburg-signing")
    portal = Portal(proxy.base, client, secret, key, broker.keys.root)
    portal.http.close()
    portal.http = proxy.http
    return portal


def elsewhere(proxy: Proxy) -> httpx.Client:
    """Somebody at another address than the proxy itself."""
    transport = httpx.HTTPTransport(verify=proxy.trust, local_address="127.0.0.2")
    return judging(transport=transport)


def large(portal: Portal, folder: Path, size: int) -> tuple[Sent, Enclosure, Path]:
    """Announced; the token of its attachment lies in a file."""
    enclosure, token = Enclosure(b"", "befliegung.tif", "image/tiff"), folder / "token"
    digest = write_token(token, portal.encryption_key(CHEMNITZ), size)
    application = Application(CHEMNITZ, enclosures=(enclosure,))
    sealed = portal.seal(application, naming(digest))
    view = portal.announce(application).json()
    return Sent(view["submissionId"], view["caseId"], CHEMNITZ, sealed), enclosure, token


def test_a_submission_passes_and_its_events_are_verified_at_the_public_address(
    broker: RunningBroker, portal: Portal
) -> None:
    sent = portal.accepted(Application(CHEMNITZ, enclosures=photo_and_plan()))

    assert len(broker.delivered(sent.submission)) == 1


def test_an_upload_reaches_the_broker_while_it_is_still_being_sent(
    broker: RunningBroker, portal: Portal, tmp_path: Path
) -> None:
    sent, enclosure, token = large(portal, tmp_path, 20 * PIECE)
    incoming = broker.installation.config.parent / "data" / "parts" / "incoming"

    def arriving() -> bool | None:
        return True if sum(file.stat().st_size for file in incoming.glob("*")) > 5 * PIECE else None

    def watched() -> Iterator[bytes]:
        for number, piece in enumerate(pieces_of(token)):
            if number == 10:
                waited_for(arriving, "the first half to arrive")
            yield piece

    headers = {"Content-Length": str(token.stat().st_size)}
    answer = portal.attach(sent.submission, enclosure.id, watched(), headers=headers)

    assert answer.status_code == 204, answer.text
    assert portal.submit(sent.submission, sent.sealed).status_code == 200
    portal.ends_with(sent, "accept-submission")


def test_the_broker_itself_refuses_what_is_too_large(portal: Portal, tmp_path: Path) -> None:
    sent, enclosure, _ = large(portal, tmp_path, PIECE)

    answer = portal.attach(sent.submission, enclosure.id, "a" * (LIMIT + 1))

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/healthz", "/", "/auth", "/submission-api"])
def test_nothing_else_of_the_broker_can_be_seen(proxy: Proxy, path: str) -> None:
    answer = proxy.http.get(f"{proxy.base}{path}")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_without_tls_there_is_only_the_way_to_it(proxy: Proxy) -> None:
    answer = httpx.get(f"http://127.0.0.1:{proxy.ports.plain}/auth/token?a=b", trust_env=False, timeout=PATIENCE)

    assert answer.status_code == 301
    assert answer.headers["location"] == "https://127.0.0.1/auth/token?a=b"


def test_whoever_tries_secrets_is_slowed_down_and_the_portal_itself_is_not(
    broker: RunningBroker, proxy: Proxy, portal: Portal
) -> None:
    """The service believes its proxy about addresses, and the proxy nobody."""
    form = {"grant_type": "client_credentials", "client_id": "bremen-portal", "client_secret": "geraten"}
    right = form | {"client_secret": broker.installation.secret("bremen-portal")}
    with elsewhere(proxy) as here:
        claims = ({"X-Forwarded-For": f"203.0.113.{number}"} for number in range(10))
        tried = [here.post(f"{proxy.base}/auth/token", data=form, headers=claim) for claim in claims]
        waiting = here.post(f"{proxy.base}/auth/token", data=right)
    codes = [answer.status_code for answer in tried]
    assert codes[:5] == [401] * 5
    assert 429 in codes
    assert (waiting.status_code, waiting.json()["error"]) == (429, "slow_down")
    assert proxy.http.post(f"{proxy.base}/auth/token", data=right).status_code == 200


def test_without_a_token_an_address_has_its_own_count(proxy: Proxy) -> None:
    with elsewhere(proxy) as here:
        answer = here.get(f"{proxy.base}/submission-api/v2/info")

    assert int(answer.headers["ratelimit-limit"]) > int(answer.headers["ratelimit-remaining"]) > 0


@pytest.mark.parametrize("head", [b"NOTHING\r\n\r\n", b"GET /auth/x HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n"])
def test_what_the_proxy_itself_refuses_is_a_problem_too(proxy: Proxy, head: bytes) -> None:
    with (
        socket.create_connection(("127.0.0.1", proxy.ports.tls), timeout=30) as plain,
        proxy.trust.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(head)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Content-Type: application/problem+json" in answer


def test_while_the_broker_is_away_portals_are_told_to_come_again(tmp_path: Path) -> None:
    with proxy_at(tmp_path / "nginx", Ports(free_port(), free_port(), free_port())) as alone:
        answer = httpx.get(
            f'{alone.base}/submission-api/v2/destinations/"x', verify=alone.trust, trust_env=False, timeout=PATIENCE
        )

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    assert answer.json().keys() >= {"type", "title", "status", "detail", "instance"}
