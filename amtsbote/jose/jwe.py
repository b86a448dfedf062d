"""Compact JWE with RSA-OAEP-256 and A256GCM (RFC 7516, RFC 7518 sections 4.3 and 5.3): check, decrypt, encrypt."""

import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM

from amtsbote.errors import DecryptionFailed
from amtsbote.jose import MalformedJose, TooLong, base64url
from amtsbote.jose.inflate import Copied, Inflated, Output, PlaintextTooLong
from amtsbote.jose.segments import IV, JweHeader, JweRefused, Segments, Start, pieces, read_header
from amtsbote.model.ids import KeyId

__all__ = [
    "OAEP_256",
    "JweCheck",
    "JweEnvelope",
    "JweHeader",
    "JweRefused",
    "PlaintextTooLong",
    "Unwrap",
    "decrypt_small",
    "decrypt_stream",
    "encrypt",
    "encrypt_stream",
    "read_header",
]

Unwrap = Callable[[JweHeader, bytes], bytes]
"""Header and encrypted key → content encryption key of 32 bytes. Give random bytes when the decryption fails
(RFC 7516, section 11.5); what it raises goes through unchanged."""
OAEP_256: Final = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
CONTENT_KEY: Final = 32
"""Bytes of a content encryption key."""
_FAILED: Final = "decryption failed"


@dataclass(frozen=True, slots=True)
class JweEnvelope:
    """What a whole, well-formed JWE shows without a key."""

    header: JweHeader
    tag: str
    """Authentication tag, base64url: the fifth segment."""


class JweCheck:
    """Checks the form of a compact JWE while it streams in; decrypts nothing. After an error it is spent."""

    def __init__(self, limit: int) -> None:
        """`limit`: characters of the whole token."""
        self._limit = limit
        self._length = 0
        self._segments = Segments()

    @property
    def header(self) -> JweHeader | None:
        """Known as soon as the first dot has been fed."""
        return self._segments.header

    def feed(self, chunk: bytes) -> None:
        """Raises `JweRefused`, `TooLong` or another `MalformedJose` as early as it can be known."""
        self._length += len(chunk)
        if self._length > self._limit:
            raise TooLong(self._limit)
        for piece in pieces((chunk,)):
            self._segments.feed(piece)

    def finish(self) -> JweEnvelope:
        """Raises `MalformedJose` when the token is not complete."""
        start, tag = self._segments.finish()
        return JweEnvelope(start.header, base64url.encode(tag))


def decrypt_stream(chunks: Iterable[bytes], unwrap: Unwrap, *, limit: int) -> Iterator[bytes]:
    """Plaintext of a compact JWE, in pieces of at most 256 KiB, in constant memory.

    **THE PIECES ARE NOT AUTHENTICATED UNTIL THE ITERATOR HAS ENDED WITHOUT AN ERROR.** Do not parse, publish or act
    on them before: write them where nobody looks, or read the stream once only to check it.

    `limit`: bytes of plaintext. Raises, possibly after the last piece, `DecryptionFailed` for everything that can be
    wrong with the token (form, key, tag, compression; one error, on purpose), and `PlaintextTooLong` for an
    authentic message beyond the limit: the rest of it is then read, checked and not given out.
    """
    opening = _Opening(pieces(chunks), unwrap)
    output = _output(opening.header, limit)
    for piece in opening.plaintext():
        yield from output.take(piece)
    output.finish()


def decrypt_small(token: bytes, unwrap: Unwrap, *, limit: int) -> bytes:
    """Plaintext of a compact JWE that fits into memory, authenticated before it is inflated. Errors as above."""
    opening = _Opening(pieces((token,)), unwrap)
    plaintext = b"".join(opening.plaintext())
    output = _output(opening.header, limit)
    whole = b"".join(output.take(plaintext))
    output.finish()
    return whole


class _Opening:
    """One JWE being decrypted; every fault of the token is `DecryptionFailed`. Reads up to the ciphertext when made."""

    def __init__(self, source: Iterator[bytes], unwrap: Unwrap) -> None:
        self._source = source
        self._segments = Segments()
        start, self._first = self._beginning()
        self.header = start.header
        content_key = unwrap(start.header, start.encrypted_key)
        if len(content_key) != CONTENT_KEY:
            raise DecryptionFailed(_FAILED)
        self._gcm = Cipher(AES256(content_key), GCM(start.iv)).decryptor()
        self._gcm.authenticate_additional_data(start.protected)

    def plaintext(self) -> Iterator[bytes]:
        """Not inflated, and not authenticated until it has ended."""
        yield self._gcm.update(self._first)
        for piece in self._source:
            yield self._gcm.update(self._ciphertext(piece))
        try:
            _start, tag = self._segments.finish()
            self._gcm.finalize_with_tag(tag)
        except (MalformedJose, InvalidTag):
            raise DecryptionFailed(_FAILED) from None

    def _beginning(self) -> tuple[Start, bytes]:
        for piece in self._source:
            ciphertext = self._ciphertext(piece)
            if self._segments.start is not None:
                return self._segments.start, ciphertext
        raise DecryptionFailed(_FAILED)

    def _ciphertext(self, piece: bytes) -> bytes:
        try:
            return self._segments.feed(piece)
        except MalformedJose:
            raise DecryptionFailed(_FAILED) from None


def encrypt(
    plaintext: bytes,
    public_key: RSAPublicKey,
    *,
    kid: KeyId,
    cty: str,
    zip_: Literal["DEF"] | None = None,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """Compact JWE of `plaintext`. `cty` may be empty: then it is left out."""
    return b"".join(encrypt_stream((plaintext,), public_key, kid=kid, cty=cty, zip_=zip_, random=random))


def encrypt_stream(
    chunks: Iterable[bytes],
    public_key: RSAPublicKey,
    *,
    kid: KeyId,
    cty: str,
    zip_: Literal["DEF"] | None = None,
    random: Callable[[int], bytes] = os.urandom,
) -> Iterator[bytes]:
    """Compact JWE of the bytes in `chunks`, in constant memory. `random` makes the content key and the initialisation
    vector, in this order; the padding of RSA-OAEP takes its randomness from the library."""
    protected = base64url.encode_bytes(_header(kid, cty, zip_))
    content_key, iv = random(CONTENT_KEY), random(IV)
    yield b".".join(
        (protected, base64url.encode_bytes(public_key.encrypt(content_key, OAEP_256)), base64url.encode_bytes(iv), b"")
    )
    gcm = Cipher(AES256(content_key), GCM(iv)).encryptor()
    gcm.authenticate_additional_data(protected)
    plaintext = pieces(chunks)
    yield from _encoded(gcm.update(piece) for piece in (_deflated(plaintext) if zip_ else plaintext))
    gcm.finalize()
    yield b"." + base64url.encode_bytes(gcm.tag)


def _output(header: JweHeader, limit: int) -> Output:
    return Inflated(limit) if header.zip else Copied(limit)


def _header(kid: KeyId, cty: str, zip_: str | None) -> bytes:
    members = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": kid, "cty": cty or None, "zip": zip_}
    present = {name: value for name, value in members.items() if value is not None}
    return json.dumps(present, separators=(",", ":")).encode()


def _deflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    for chunk in chunks:
        yield deflate.compress(chunk)
    yield deflate.flush()


def _encoded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Base64url of a stream: three bytes at a time, so that only the end has a surplus."""
    held = b""
    for chunk in chunks:
        held += chunk
        whole = len(held) // 3 * 3
        yield base64url.encode_bytes(held[:whole])
        held = held[whole:]
    yield base64url.encode_bytes(held)
