"""Attachments too large for memory: made and sent piece by piece, and the memory of whoever takes them watched."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import jwcrypto.jwe
import jwcrypto.jwk
from application_kit import Spoil, decode, encode
from broker_kit import children_of
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

PIECE = 3 * 256 * 1024
"""A multiple of three: pieces of base64url fit together."""
MARK = b"Klartext, der auf keinem Datentraeger des Hauses stehen darf"
"""Stands in every piece of every plaintext."""

Measure = Callable[[int], int]


def write_token(token: Path, key: jwcrypto.jwk.JWK, size: int) -> str:
    """A JWE of `size` bytes of noise with marks in it; returns the SHA-512 of the plaintext."""
    return write_tokens([token], key, size)


def write_tokens(tokens: Sequence[Path], key: jwcrypto.jwk.JWK, size: int) -> str:
    """The same plaintext in fragments of about one length, a JWE each; returns the SHA-512 of the whole."""
    digest, pieces = hashlib.sha512(), list(range(0, size, PIECE))
    share = -(-len(pieces) // len(tokens))
    content = MARK + os.urandom(PIECE - len(MARK) - 8)
    for number, token in enumerate(tokens):
        starts = pieces[number * share : (number + 1) * share]
        _write(token, key, ((start.to_bytes(8, "big") + content)[: size - start] for start in starts), digest)
    return digest.hexdigest()


def _write(token: Path, key: jwcrypto.jwk.JWK, plaintext: Iterator[bytes], digest: Any) -> None:
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
    with token.open("w") as file:
        file.write(f"{header}.{wrapped}.{nonce}.")
        for piece in plaintext:
            digest.update(piece)
            file.write(encode(encryptor.update(piece)))
        encryptor.finalize()
        file.write(f".{encode(encryptor.tag)}")


def naming(digest: str, *fragments: str) -> Spoil:
    """Metadata of one attachment with the hash and the parts of what is really sent."""

    def named(metadata: dict[str, Any]) -> dict[str, Any]:
        [attachment] = metadata["contentStructure"]["attachments"]
        attachment["hash"]["content"] = digest
        if fragments:
            attachment["fragments"] = list(fragments)
        return metadata

    return Spoil(before={"metadata": named})


def pieces_of(token: Path) -> Iterator[bytes]:
    with token.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def own_memory(process: int) -> int:
    """Bytes of memory that are the process's own: file pages the system may drop at any time do not count."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # a helper that ended while its daemon's were listed
        return 0
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(("RssAnon", "RssShmem"))) * 1024


def proportional(process: int) -> int:
    """PSS: what is shared with others counts in shares."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024


class MemoryWatch:
    """Memory of a daemon and its helpers together, in bytes, sampled until the end."""

    def __init__(self, daemon: int, measure: Measure = own_memory) -> None:
        self._daemon = daemon
        self._measure = measure
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.before = self.peak = self._now()

    @property
    def growth(self) -> int:
        return self.peak - self.before

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.wait(0.02):
            self.peak = max(self.peak, self._now())

    def _now(self) -> int:
        return sum(map(self._measure, [self._daemon, *children_of(self._daemon)]))
