"""200 MB in one attachment pass through the daemon in constant memory."""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwcrypto.jwe
import jwcrypto.jwk
import pytest
from acceptance_words import NewBroker
from application_kit import Application, Enclosure, Spoil, decode, encode
from broker_kit import RunningBroker, children_of
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from installation_kit import CHEMNITZ
from portal_kit import Sent

SIZE = 200_000_000
PIECE = 3 * 256 * 1024
"""A multiple of three: pieces of base64url fit together."""
GROWTH = 64 * 1024 * 1024


@pytest.mark.timeout(300)
def test_an_attachment_of_200_mb_passes_with_less_than_64_mb_of_growth(new_broker: NewBroker, tmp_path: Path) -> None:
    broker = new_broker()
    portal = broker.portal()
    portal.accepted(Application(CHEMNITZ))  # whatever is loaded on first use is loaded now
    token = tmp_path / "token"
    digest = _make(token, portal.encryption_key(CHEMNITZ))
    enclosure = Enclosure(b"", "befliegung.tif", "image/tiff")
    application = Application(CHEMNITZ, enclosures=(enclosure,))
    sealed = portal.seal(application, _naming(digest))
    created = portal.announce(application).json()
    sent = Sent(created["submissionId"], created["caseId"], CHEMNITZ, sealed)

    with _Watch(broker) as watch:
        headers = {"Content-Length": str(token.stat().st_size)}
        answer = portal.attach(sent.submission, enclosure.id, _pieces(token), headers=headers)
        assert answer.status_code == 204, answer.text
        assert portal.submit(sent.submission, sealed).status_code == 200
        portal.ends_with(sent, "accept-submission", seconds=120)

    assert watch.peak - watch.before < GROWTH, f"{(watch.peak - watch.before) >> 20} MB of growth"
    [delivered] = broker.installation.target("chemnitz").glob("*/anlage-01.tif")
    with delivered.open("rb") as file:
        assert hashlib.file_digest(file, "sha512").hexdigest() == digest


class _Watch:
    """Memory of the daemon and its helpers, private and shared alike, sampled until the end."""

    def __init__(self, broker: RunningBroker) -> None:
        self._broker = broker
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.before = self.peak = self._now()

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.wait(0.02):
            self.peak = max(self.peak, self._now())

    def _now(self) -> int:
        daemon = self._broker.running.pid
        return sum(map(_resident, [daemon, *children_of(daemon)]))


def _resident(process: int) -> int:
    """Bytes of memory that are the process's own: file pages the system may drop at any time do not count."""
    status = Path(f"/proc/{process}/status").read_text()
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(("RssAnon", "RssShmem"))) * 1024


def _make(token: Path, key: jwcrypto.jwk.JWK) -> str:
    """A JWE of random bytes, written piece by piece; returns the hash of the plaintext."""
    empty = jwcrypto.jwe.JWE(
        b"",
        protected=json.dumps(
            {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": key["kid"], "cty": "application/octet-stream"}
        ),
        recipient=key,
    )
    header, wrapped, nonce, _, _ = empty.serialize(compact=True).split(".")
    encryptor = Cipher(AES(empty.cek), GCM(decode(nonce))).encryptor()
    encryptor.authenticate_additional_data(header.encode())
    digest, content = hashlib.sha512(), os.urandom(PIECE)
    with token.open("w") as file:
        file.write(f"{header}.{wrapped}.{nonce}.")
        for start in range(0, SIZE, PIECE):
            piece = start.to_bytes(8, "big") + content[8 : min(PIECE, SIZE - start)]
            digest.update(piece)
            file.write(encode(encryptor.update(piece)))
        encryptor.finalize()
        file.write(f".{encode(encryptor.tag)}")
    return digest.hexdigest()


def _naming(digest: str) -> Spoil:
    """Metadata with the hash of what is really sent."""

    def named(metadata: dict[str, Any]) -> dict[str, Any]:
        metadata["contentStructure"]["attachments"][0]["hash"]["content"] = digest
        return metadata

    return Spoil(before={"metadata": named})


def _pieces(token: Path) -> Iterator[bytes]:
    with token.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
