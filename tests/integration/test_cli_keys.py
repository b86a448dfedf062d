"""An operator brings keys into the house and changes them, by commands and files alone."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwcrypto.jwk
import pytest
from chains_for_tests import ISSUER_USES, Wish, as_pem, issue
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from declaration_kit import write_chain, write_private

from amtsbote.cli.entry import run

PLACE = "99999999-0000-4000-8000-000000000009"
TENANT = '[[tenants]]\nid = "chemnitz"\nname = "Stadt Chemnitz"\nland = "14"\n'
NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=400)
NEW = ("keys", "create", "--destination", PLACE, "--tenant", "chemnitz", "--purpose", "encryption")


@pytest.fixture
def root(rsa_key: Callable[[str], RSAPrivateKey]) -> Wish:
    wish = Wish("Wurzel", rsa_key("root"), ISSUER_USES, ca=True, start=NOW - timedelta(days=1), end=LATER)
    return wish.but(scheme=padding.PKCS1v15())  # the same bytes every time it is issued


@pytest.fixture
def site(tmp_path: Path, root: Wish, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A fresh installation with a root and a tenant, in which commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AMTSBOTE_LANG", "en")
    monkeypatch.delenv("AMTSBOTE_CONFIG", raising=False)
    Path("root.pem").write_bytes(as_pem(issue([root])))
    assert run(["init", "bote", "--trust-anchor", "root.pem"]) == 0
    monkeypatch.chdir(tmp_path / "bote")
    Path("town.toml").write_text(TENANT, "utf-8")
    assert run(["apply", "town.toml", "--yes"]) == 0
    capsys.readouterr()
    return tmp_path / "bote"


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def certificate(request: bytes, root: Wish) -> bytes:
    """What a certification authority makes of a request: its subject, key and key usage, under the root."""
    csr = x509.load_pem_x509_csr(request)
    [trusted] = (x509.load_der_x509_certificate(der) for der in issue([root]))
    assert isinstance(root.key, RSAPrivateKey)
    usage = csr.extensions.get_extension_for_class(x509.KeyUsage)
    built = (
        x509.CertificateBuilder()
        .subject_name(csr.subject)
        .issuer_name(trusted.subject)
        .public_key(csr.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(LATER)
        .add_extension(usage.value, critical=True)
        .sign(root.key, hashes.SHA512())
    )
    return built.public_bytes(Encoding.PEM) + trusted.public_bytes(Encoding.PEM)


def test_a_key_is_made_certified_and_given_out(site: Path, root: Wish, capsys: pytest.CaptureFixture[str]) -> None:
    made = answer(capsys, *NEW, "--request", "enc.csr")
    kid = made["key"]["kid"]
    assert (site / "enc.csr").read_text() == made["request"]
    (site / "chain.pem").write_bytes(certificate((site / "enc.csr").read_bytes(), root))

    assert run(["keys", "certify", kid, "chain.pem"]) == 0
    assert f"Certified until {LATER:%Y-%m-%d}" in capsys.readouterr().out
    assert run(["--lang", "de", "keys", "list", "--destination", PLACE]) == 0
    assert "Verschlüsselung  bereit" in capsys.readouterr().out
    assert run(["keys", "show", kid]) == 0
    assert "CN=Wurzel" in capsys.readouterr().out
    assert run(["keys", "export-public", kid]) == 0
    assert jwcrypto.jwk.JWK.from_json(capsys.readouterr().out).thumbprint() == kid
    assert run(["keys", "export-public", kid, "--pem"]) == 0
    assert jwcrypto.jwk.JWK.from_pem(capsys.readouterr().out.encode()).thumbprint() == kid
    assert run(["keys", "retire", kid]) == 0
    assert "private half is destroyed" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["show"], ["certify"], ["export-public"], ["retire"], ["rotate", PLACE, "--to"]])
def test_a_key_id_may_begin_with_a_hyphen(site: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """One in 64 does."""
    kid = "-u" + "x" * 41
    (site / "chain.pem").write_bytes((site.parent / "root.pem").read_bytes())
    rest = ["chain.pem"] if words == ["certify"] else []

    assert run(["keys", *words, kid, *rest]) == 66
    assert "There is no" in capsys.readouterr().err
    assert run(["keys", *words, "-u", *rest, "--no-such"]) == 64


def test_a_request_never_overwrites_a_file_and_then_no_key_is_made(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = answer(capsys, "keys", "list")
    (site / "enc.csr").write_text("mine")
    assert run([*NEW, "--request", "enc.csr"]) == 1
    assert "enc.csr cannot be made" in capsys.readouterr().err
    assert (site / "enc.csr").read_text() == "mine"
    assert answer(capsys, "keys", "list") == before
    assert {key["state"] for key in before["keys"]} == {"current"}


def test_a_refused_key_leaves_no_request_behind(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*NEW[:4], "--purpose", "signature", "--request", "sig.csr"]) == 66
    assert "--tenant" in capsys.readouterr().err
    assert not (site / "sig.csr").exists()


def test_an_existing_key_comes_in_with_its_files(
    site: Path, root: Wish, rsa_key: Callable[[str], RSAPrivateKey], capsys: pytest.CaptureFixture[str]
) -> None:
    leaf = Wish("leaf", rsa_key("second"), frozenset({"digital_signature"}), start=NOW - timedelta(days=1), end=LATER)
    write_chain(site / "chain.pem", leaf, root)
    write_private(site / "sig.key", rsa_key("second"))
    words = ["keys", "import", "chain.pem", "--destination", PLACE, "--tenant", "chemnitz", "--private", "sig.key"]

    assert run([*words, "--purpose", "encryption"]) == 1
    assert "(key-usage)" in capsys.readouterr().err
    assert run([*words[:2], "nowhere.pem", *words[3:], "--purpose", "signature"]) == 1
    assert "nowhere.pem cannot be read" in capsys.readouterr().err
    assert answer(capsys, *words, "--purpose", "signature")["key"]["held_here"] is True
    kid = answer(capsys, "keys", "list", "--destination", PLACE)["keys"][0]["kid"]
    assert run(["keys", "rotate", PLACE, "--to", kid]) == 66
    assert "There is no destination" in capsys.readouterr().err
