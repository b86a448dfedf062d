"""The reverse proxy this repository offers, as a real nginx before a real broker."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from application_kit import Application, Enclosure, photo_and_plan
from broker_kit import RunningBroker, broker_at
from installation_kit import CHEMNITZ
from large_parts import PIECE, naming, pieces_of, write_token
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
    with broker_at(folder, shared_folder, PUBLIC__URL=url, LIMITS__ATTACHMENT=str(LIMIT)) as running:
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
    assert proxy.http.get(f"{proxy.base}{path}").status_code == 404


def test_without_tls_there_is_only_the_way_to_it(proxy: Proxy) -> None:
    answer = httpx.get(f"http://127.0.0.1:{proxy.ports.plain}/auth/token?a=b", trust_env=False)

    assert answer.status_code == 301
    assert answer.headers["location"] == "https://127.0.0.1/auth/token?a=b"


def test_whoever_tries_secrets_is_slowed_down(tmp_path: Path, broker: RunningBroker) -> None:
    form = {"grant_type": "client_credentials", "client_id": "hamburg-portal", "client_secret": "geraten"}
    with proxy_at(tmp_path / "nginx", Ports(free_port(), free_port(), broker.port)) as own:
        codes = [own.http.post(f"{own.base}/auth/token", data=form).status_code for _ in range(60)]

    assert set(codes[:20]) == {401}
    assert 429 in codes


def test_while_the_broker_is_away_portals_are_told_to_come_again(tmp_path: Path) -> None:
    with proxy_at(tmp_path / "nginx", Ports(free_port(), free_port(), free_port())) as alone:
        answer = alone.http.get(f'{alone.base}/submission-api/v2/destinations/"x')

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    assert answer.json().keys() >= {"type", "title", "status", "detail", "instance"}
