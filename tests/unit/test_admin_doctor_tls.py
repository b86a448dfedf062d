"""What `doctor` finds at the public address: nobody, a certificate nobody trusts, one that runs out, a good one."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server, socket
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from patience import PATIENCE

from amtsbote.admin.doctor import examine
from amtsbote.admin.doctor_advice import Level, Shaken, Site
from amtsbote.admin.doctor_tls import shaken
from amtsbote.daemon.settings import Settings

TODAY = datetime.now(UTC).replace(microsecond=0)
"""The handshake itself goes by the clock of the machine."""

Key = Callable[[str], RSAPrivateKey]


@contextmanager
def answering(folder: Path, key: RSAPrivateKey, until: datetime) -> Iterator[str]:
    """An address where TLS answers with a certificate of this key for `localhost` until then."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, TODAY - timedelta(days=90), until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "shown.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "shown.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "shown.pem", folder / "shown.key")
    with create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        waiting = Thread(target=_answer, args=(server, context))
        waiting.start()
        yield f"https://localhost:{server.getsockname()[1]}"
        waiting.join()


def _answer(server: socket, context: ssl.SSLContext) -> None:
    line, _ = server.accept()
    try:
        with context.wrap_socket(line, server_side=True) as met:
            met.recv(1)
    except OSError:
        line.close()


def found(site: dict[str, object], met: Shaken | None) -> dict[str, Level]:
    advice = examine(Site(shaken=met, **site))  # type: ignore[arg-type]  # the fields are given below
    return {one.code: one.level for one in advice if "tls" in one.code and one.what("de") != one.what("en")}


@pytest.fixture
def site(tmp_path: Path) -> dict[str, object]:
    return {
        "file": tmp_path / "amtsbote.toml",
        "settings": Settings(),
        "at": TODAY,
        "owner": 4711,
        "facts": None,
        "refused": {"de": "belegt", "en": "in use"},
        "running": True,
        "mounts": "",
        "synchronised": True,
        "sync_seconds": None,
        "program": (),
    }


@pytest.mark.parametrize(
    ("days", "trusted", "told"),
    [
        (365, True, {"fine.tls": Level.FINE}),
        (29, True, {"tls-ends": Level.WARNING}),
        (-1, True, {"tls-untrusted": Level.ERROR}),
        (365, False, {"tls-untrusted": Level.ERROR}),
    ],
)
def test_the_certificate_shown_to_portals_is_judged(
    site: dict[str, object],
    tmp_path: Path,
    rsa_key: Key,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    trusted: bool,
    told: dict[str, Level],
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "shown.pem"))
    with answering(tmp_path, rsa_key("portal"), TODAY + timedelta(days=days)) as url:
        assert found(site, shaken(url)) == told


def test_where_nobody_answers_it_may_be_only_from_here(site: dict[str, object]) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert found(site, shaken(f"https://127.0.0.1:{port}")) == {"tls-unreachable": Level.WARNING}


def test_without_https_there_is_nothing_to_shake_hands_with(site: dict[str, object]) -> None:
    assert shaken("http://127.0.0.1:8080") is None
    assert found(site, None) == {}
