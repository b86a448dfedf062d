"""Routing tables as another node signs them."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from amtsbote.jose.jwk import public_jwk
from amtsbote.jose.jws import compact, sign_ps512
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import KeyId
from routing.snapshots import Head, write

ISSUER = "https://land.example/routing-api"


def published(key: RSAPrivateKey) -> dict[str, Any]:
    """The JWK set of the node whose key that is."""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"keys": [public_jwk(der, KeyPurpose.ADDRESSING)]}


def signed(key: RSAPrivateKey, tables: Mapping[str, bytes], version: int, *, issuer: str = ISSUER) -> bytes:
    """The file of a version that has been in force there since 2026 began."""
    contents = dict(sorted(tables.items()))
    head = Head.of(contents, issuer=issuer, version=version, effective=date(2026, 1, 1), created=datetime.now(UTC))
    [jwk] = published(key)["keys"]
    data = head.to_sign(KeyId(jwk["kid"]))
    return b"".join(write(head.members(), compact(data, sign_ps512(key, data)), contents.items()))


def asked(file: bytes, **wish: Any) -> dict[str, Any]:
    """As a command has it."""
    return {"content": b64encode(file).decode(), **wish}
