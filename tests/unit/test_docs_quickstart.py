"""The reader of replies in `docs/quickstart-portal.md` judges what its page says it judges. Its broker is a folder."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwcrypto.jwk
import pytest
from application_kit import Enclosure, Sealed, Spoil, detached_signature, one_bit_of, reaction, seal, sign
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from keyring_for_tests import as_jwk

PAGE = Path(__file__).parents[2] / "docs" / "quickstart-portal.md"
EVENTS = "https://schema.fitko.de/fit-connect/events/"
DESTINATION, REPLY, CASE, SUBMISSION = (f"{digit * 8}-0000-4000-8000-{digit * 12}" for digit in "1234")
NOTICE = Enclosure(b"%PDF-1.7 notice", "Bescheid.pdf", "application/pdf")
PLAN = Enclosure(b"plan " * 5000, "../Plan", "text/plain", split=9000)
Keys = Callable[[str], jwcrypto.jwk.JWK]


@dataclass(frozen=True)
class Wire:
    """What a portal finds at the service."""

    folder: Path
    keys: Keys
    tags: Callable[[dict[str, Any]], dict[str, Any]] = lambda tags: tags
    claims: Mapping[str, Any] = field(default_factory=dict)
    event: str = "submit-reply"
    signer: str = "events"

    def opened(self, sealed: Sealed) -> "subprocess.CompletedProcess[str]":
        """What the page's program makes of it."""
        reply = {"replyId": REPLY, "caseId": CASE, "destinationId": DESTINATION, **sealed.body}
        (self.folder / "reply.json").write_text(json.dumps({**reply, "attachments": list(sealed.attachments)}))
        (self.folder / "events.json").write_text(json.dumps({"eventLog": [self._submitted(sealed)]}))
        for part, token in sealed.attachments.items():
            (self.folder / f"{part}.jwe").write_text(token)
        command = [sys.executable, "mailbox.py", self.base, "open", "reply.json", "events.json"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    @property
    def base(self) -> str:
        return self.folder.as_uri()

    def _submitted(self, sealed: Sealed) -> str:
        events = {EVENTS + self.event: {"authenticationTags": self.tags(sealed.tags())}}
        claims = {
            "iss": f"{self.base}/submission-api",
            "sub": f"reply:{REPLY}",
            "txn": f"case:{CASE}",
            "events": events,
        }
        header = {"typ": "secevent+jwt", "alg": "PS512", "kid": self.keys("events").thumbprint()}
        return sign(json.dumps({**claims, **self.claims}).encode(), header, self.keys(self.signer))


@pytest.fixture
def keys(rsa_key: Callable[[str], RSAPrivateKey]) -> Keys:
    return lambda name: as_jwk(rsa_key(name))


@pytest.fixture
def place(tmp_path: Path, keys: Keys, rsa_key: Callable[[str], RSAPrivateKey]) -> Path:
    """The programs of the page, the portal's key, and what the service publishes."""
    written = re.compile(r"^cat > (\w+\.py) <<'EOF'\n(.*?)^EOF$", re.DOTALL | re.MULTILINE)
    for name, text in written.findall(PAGE.read_text("utf-8")):
        (tmp_path / name).write_text(text, "utf-8")
    pem = rsa_key("portal").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "reply.key").write_bytes(pem)
    published(tmp_path / "submission-api/.well-known/jwks.json", {"keys": [public(keys("events"), "verify", "PS512")]})
    for name, use, algorithm in (("signing", "verify", "PS512"), ("encryption", "wrapKey", "RSA-OAEP-256")):
        key = public(keys(name), use, algorithm)
        published(tmp_path / f"submission-api/v2/destinations/{DESTINATION}/keys/{key['kid']}", key)
    return tmp_path


def public(key: jwcrypto.jwk.JWK, use: str, algorithm: str) -> dict[str, Any]:
    return {**key.export_public(as_dict=True), "kid": key.thumbprint(), "alg": algorithm, "key_ops": [use], "x5c": []}


def published(file: Path, content: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def decision(keys: Keys, spoil: Spoil | None = None, signed_by: str = "signing", **changes: Any) -> Sealed:
    application = reaction(DESTINATION, SUBMISSION, NOTICE, PLAN, **{"kind": "bescheid", "text": "Anbei.", **changes})
    return seal(application, keys("portal"), keys(signed_by), spoil or Spoil())


def test_a_good_reply_is_opened_and_no_name_becomes_a_path(place: Path, keys: Keys) -> None:
    done = Wire(place, keys).opened(decision(keys))

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"bescheid about {SUBMISSION}: Ihre Rückfrage",
        "Anbei.",
        "document-1 is 'Bescheid.pdf'",
        "document-2 is '../Plan'",
    ]
    assert [(place / f"document-{number}").read_bytes() for number in (1, 2)] == [NOTICE.content, PLAN.content]
    assert json.loads((place / "signer.json").read_text())["kid"] == keys("signing").thumbprint()


WRONG_EVENTS: Mapping[str, tuple[dict[str, Any], str]] = {
    "signed by another key": ({"signer": "signing"}, "InvalidSignature"),
    "the destination's own": ({"claims": {"iss": DESTINATION}}, "No such file"),
    "about another reply": ({"claims": {"sub": f"reply:{uuid.UUID(int=1)}"}}, "not enough values"),
    "in another case": ({"claims": {"txn": f"case:{uuid.UUID(int=1)}"}}, "another event"),
    "another event": ({"event": "create-reply"}, "not enough values"),
    "without an attachment": ({"tags": lambda tags: {**tags, "attachments": {}}}, "other parts than submitted"),
    "other data": ({"tags": lambda tags: {**tags, "data": tags["metadata"]}}, "other parts than submitted"),
}


@pytest.mark.parametrize("wrong", WRONG_EVENTS)
def test_a_reply_is_refused_whose_event_is_wrong(place: Path, keys: Keys, wrong: str) -> None:
    changes, why = WRONG_EVENTS[wrong]

    refused(Wire(place, keys, **changes).opened(decision(keys)), why, place)


WRONG_PARTS: Mapping[str, tuple[dict[str, Any], str]] = {
    "one bit of the data": ({"spoil": Spoil(after={"data": one_bit_of(3)})}, "InvalidTag"),
    "one bit of an attachment": ({"spoil": Spoil(after={"attachment": one_bit_of(3)})}, "InvalidTag"),
    "data with another hash": ({"spoil": Spoil(before={"data": lambda data: data + b" "})}, "other data"),
    "an attachment that is another": ({"spoil": Spoil(before={"attachment": lambda _: b"forged"})}, "other documents"),
    "one bit of the signature": ({"spoil": Spoil(signature=one_bit_of(2))}, "InvalidSignature"),
    "a signature by nobody known": ({"signed_by": "stranger"}, "No such file"),
    "a signature by the encryption key": ({"signed_by": "encryption"}, "not a signature"),
    "documents it does not name": ({"documents": []}, "other documents"),
}


@pytest.mark.parametrize("wrong", WRONG_PARTS)
def test_a_reply_is_refused_whose_parts_are_wrong(place: Path, keys: Keys, wrong: str) -> None:
    changes, why = WRONG_PARTS[wrong]

    refused(Wire(place, keys).opened(decision(keys, **changes)), why, place)


def test_a_reply_is_refused_whose_signature_is_over_something_else(place: Path, keys: Keys) -> None:
    elsewhere = detached_signature(b"another document", keys("signing"))

    refused(Wire(place, keys).opened(decision(keys, Spoil(signature=lambda _: elsewhere))), "InvalidSignature", place)


def refused(done: "subprocess.CompletedProcess[str]", why: str, place: Path) -> None:
    assert done.returncode == 1
    assert why in done.stderr.splitlines()[-1], done.stderr
    assert not list(place.glob("document-*"))
