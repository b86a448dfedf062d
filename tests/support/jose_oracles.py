"""Two independent JOSE libraries behind one face, and tokens put together by hand, for tests of our readers."""

import json
import os
from collections.abc import Callable
from typing import Any, Protocol

import joserfc.jwe
import joserfc.jws
import jwcrypto.jwe
import jwcrypto.jwk
import jwcrypto.jws
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc._rfc7518.jwe_zips import DeflateZipModel
from joserfc.jwe import JWERegistry
from joserfc.jwk import RSAKey

from amtsbote.jose import base64url
from amtsbote.jose.jwe import OAEP_256, JweHeader

CONTENT_KEY = bytes(range(32))
HEADER: dict[str, Any] = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "a-key-of-tests", "cty": "application/json"}


def unwrapper(private_key: RSAPrivateKey) -> Callable[[JweHeader, bytes], bytes]:
    """As a key store does it: random bytes when the decryption fails."""

    def unwrap(_header: JweHeader, encrypted_key: bytes) -> bytes:
        try:
            return private_key.decrypt(encrypted_key, OAEP_256)
        except ValueError:
            return os.urandom(32)

    return unwrap


def fixed_key(_header: JweHeader, _encrypted_key: bytes) -> bytes:
    """Opens what `assemble` made."""
    return CONTENT_KEY


def assemble(header: bytes | dict[str, Any], content: bytes, *, encrypted_key: bytes = b"k" * 512) -> bytes:
    """A JWE with any header and any content, already compressed or not, under `CONTENT_KEY`."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    protected = base64url.encode_bytes(raw)
    iv = b"0123456789ab"
    sealed = AESGCM(CONTENT_KEY).encrypt(iv, content, protected)
    rest = (base64url.encode_bytes(part) for part in (encrypted_key, iv, sealed[:-16], sealed[-16:]))
    return b".".join((protected, *rest))


class Oracle(Protocol):
    def encrypt(self, header: dict[str, Any], plaintext: bytes) -> bytes: ...
    def decrypt(self, token: bytes) -> bytes: ...
    def sign(self, header: dict[str, Any], payload: bytes) -> str: ...
    def verify(self, token: str, detached: bytes | None = None) -> bytes: ...


class Joserfc:
    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = RSAKey.import_key(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._jwe = JWERegistry(algorithms=["RSA-OAEP-256", "A256GCM", "DEF"])
        self._jwe.max_ciphertext_length = 1 << 30
        DeflateZipModel.MAX_SIZE = 1 << 30
        self._jws = joserfc.jws.JWSRegistry(algorithms=["PS512"])
        self._jws.max_payload_length = 1 << 30

    def encrypt(self, header: dict[str, Any], plaintext: bytes) -> bytes:
        return joserfc.jwe.encrypt_compact(header, plaintext, self._key, registry=self._jwe).encode()

    def decrypt(self, token: bytes) -> bytes:
        return joserfc.jwe.decrypt_compact(token, self._key, registry=self._jwe).plaintext or b""

    def sign(self, header: dict[str, Any], payload: bytes) -> str:
        return joserfc.jws.serialize_compact(header, payload, self._key, registry=self._jws)

    def verify(self, token: str, detached: bytes | None = None) -> bytes:
        return joserfc.jws.deserialize_compact(token, self._key, registry=self._jws, payload=detached).payload


class Jwcrypto:
    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = jwcrypto.jwk.JWK.from_pyca(key)
        jwcrypto.jwe.default_max_compressed_size = 1 << 30

    def encrypt(self, header: dict[str, Any], plaintext: bytes) -> bytes:
        token = jwcrypto.jwe.JWE(plaintext, protected=json.dumps(header), recipient=self._key)
        return str(token.serialize(compact=True)).encode()

    def decrypt(self, token: bytes) -> bytes:
        opened = jwcrypto.jwe.JWE()
        opened.deserialize(token.decode(), key=self._key)
        return bytes(opened.plaintext)

    def sign(self, header: dict[str, Any], payload: bytes) -> str:
        token = jwcrypto.jws.JWS(payload)
        token.allowed_algs = ["PS512"]
        token.add_signature(self._key, protected=json.dumps(header))
        return str(token.serialize(compact=True))

    def verify(self, token: str, detached: bytes | None = None) -> bytes:
        opened = jwcrypto.jws.JWS()
        opened.allowed_algs = ["PS512"]
        if detached is not None:
            head, tail = token.split("..")
            token = f"{head}.{base64url.encode(detached)}.{tail}"
        opened.deserialize(token, key=self._key)
        return bytes(opened.payload)
