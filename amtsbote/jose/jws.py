"""Compact and detached JWS (RFC 7515) with PS512 (RFC 7518, section 3.5) or EdDSA over Ed25519 (RFC 8037)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from amtsbote.errors import AmtsboteError
from amtsbote.jose import HeaderRefused, MalformedJose, TooLong, base64url, header
from amtsbote.jose.jwk import PublicKey
from amtsbote.model.ids import KeyId

Algorithm = Literal["PS512", "EdDSA"]

DETACHED_LIMIT: Final = 16 * 1024
"""Characters of a detached JWS: header and signature."""
TYPE_LENGTH: Final = range(65)
_PSS: Final = padding.PSS(mgf=padding.MGF1(hashes.SHA512()), salt_length=padding.PSS.DIGEST_LENGTH)


class SignatureInvalid(AmtsboteError):
    """The signature does not belong to this content and key."""


class KeyUnknown(AmtsboteError):
    """There is no key for this header that fits the algorithm."""


@dataclass(frozen=True, slots=True)
class JwsHeader:
    """What is used of a protected header. `alg` is not in it: the caller fixes it."""

    kid: KeyId
    typ: str
    """Empty when the token names none."""


KeyFor = Callable[[JwsHeader], PublicKey | None]


@dataclass(frozen=True, slots=True)
class UnverifiedJws:
    """A well-formed JWS. Nothing in it may be believed before the signature has been checked."""

    header: JwsHeader
    signing_input: bytes
    payload: bytes
    signature: bytes


def signing_input(header: Mapping[str, Any], payload: bytes) -> bytes:
    """The bytes to sign for a compact JWS of exactly this payload."""
    protected = json.dumps(header, separators=(",", ":"), ensure_ascii=True).encode()
    return base64url.encode_bytes(protected) + b"." + base64url.encode_bytes(payload)


def compact(signing_input: bytes, signature: bytes) -> str:
    return f"{signing_input.decode('ascii')}.{base64url.encode(signature)}"


def sign_ps512(private_key: RSAPrivateKey, data: bytes) -> bytes:
    return private_key.sign(data, _PSS, hashes.SHA512())


def verify_ps512(public_key: RSAPublicKey, data: bytes, signature: bytes) -> None:
    """Raises `SignatureInvalid`. The salt must be as long as the digest (RFC 7518, section 3.5)."""
    try:
        public_key.verify(signature, data, _PSS, hashes.SHA512())
    except InvalidSignature:
        raise SignatureInvalid("signature invalid") from None


def sign_ed25519(private_key: Ed25519PrivateKey, data: bytes) -> bytes:
    return private_key.sign(data)


def verify_ed25519(public_key: Ed25519PublicKey, data: bytes, signature: bytes) -> None:
    """Raises `SignatureInvalid`."""
    try:
        public_key.verify(signature, data)
    except InvalidSignature:
        raise SignatureInvalid("signature invalid") from None


def read_compact(token: str | bytes, *, limit: int, alg: Algorithm = "PS512") -> UnverifiedJws:
    """Take a compact JWS apart **without checking its signature**. `limit`: characters of the token.
    Raises `TooLong`, `HeaderRefused` (also for another `alg`) or another `MalformedJose`."""
    protected, payload, signature = _three_segments(token, limit)
    return UnverifiedJws(
        _read_header(protected, alg),
        protected + b"." + payload,
        base64url.decode(payload),
        base64url.decode(signature),
    )


def verify_compact(
    token: str | bytes, key_for: KeyFor, *, alg: Algorithm, typ: str | None, limit: int
) -> tuple[JwsHeader, bytes]:
    """Header and payload of a compact JWS whose signature is right. `typ` None: any. `limit`: characters.
    Raises `MalformedJose` (form, `alg`, `typ`), `KeyUnknown` or `SignatureInvalid`."""
    jws = read_compact(token, limit=limit, alg=alg)
    if typ is not None and jws.header.typ != typ:
        raise HeaderRefused("typ", typ)
    _verify(jws, key_for, alg)
    return jws.header, jws.payload


def detach(token: str) -> str:
    """The same JWS without its payload: `header..signature` (RFC 7515, appendix F). Raises `MalformedJose`."""
    protected, _payload, signature = _three_segments(token, len(token))
    return f"{protected.decode('ascii')}..{signature.decode('ascii')}"


def verify_detached(token: str, payload: bytes, key_for: KeyFor) -> JwsHeader:
    """Header of a detached PS512 signature over exactly these bytes. Raises as `verify_compact`."""
    protected, nothing, signature = _three_segments(token, DETACHED_LIMIT)
    if nothing:
        raise MalformedJose("the payload is not detached")
    jws = UnverifiedJws(
        _read_header(protected, "PS512"),
        protected + b"." + base64url.encode_bytes(payload),
        payload,
        base64url.decode(signature),
    )
    _verify(jws, key_for, "PS512")
    return jws.header


def _three_segments(token: str | bytes, limit: int) -> tuple[bytes, bytes, bytes]:
    if len(token) > limit:
        raise TooLong(limit)
    if isinstance(token, str) and not token.isascii():
        raise MalformedJose("not base64url")
    characters = token if isinstance(token, bytes) else token.encode("ascii")
    segments = characters.split(b".", 3)
    if len(segments) != 3:
        raise MalformedJose("not three segments")
    protected, payload, signature = segments
    return protected, payload, signature


def _read_header(segment: bytes, alg: Algorithm) -> JwsHeader:
    members = header.read_object(segment)
    if members.get("alg") != alg:
        raise HeaderRefused("alg", alg)
    for extension in ("crit", "b64"):
        if extension in members:
            raise HeaderRefused(extension, "absent")
    if not header.is_key_id(members.get("kid")):
        raise HeaderRefused("kid", header.KEY_ID_FORM)
    kind = members.get("typ", "")
    if not header.is_text(kind, TYPE_LENGTH):
        raise HeaderRefused("typ", "up to 64 printable ASCII characters")
    return JwsHeader(KeyId(members["kid"]), kind)


def _verify(jws: UnverifiedJws, key_for: KeyFor, alg: Algorithm) -> None:
    match alg, key_for(jws.header):
        case "PS512", RSAPublicKey() as key:
            verify_ps512(key, jws.signing_input, jws.signature)
        case "EdDSA", Ed25519PublicKey() as key:
            verify_ed25519(key, jws.signing_input, jws.signature)
        case _:
            raise KeyUnknown("no key for this header")
