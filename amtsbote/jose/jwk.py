"""JSON Web Keys as FIT-Connect publishes them, and thumbprints as key ids (RFC 7517, RFC 7518 section 6, RFC 7638)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import pybase64
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from amtsbote.jose import KeyRefused, MalformedJose, base64url
from amtsbote.jose.header import KEY_ID_FORM, is_key_id
from amtsbote.model.content import ReplyChannel
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import KeyId

PublicKey = RSAPublicKey | Ed25519PublicKey
MODULUS_BITS: Final = range(4096, 8193)

_USES: Final[Mapping[KeyPurpose, tuple[str, str]]] = {
    KeyPurpose.ENCRYPTION: ("RSA-OAEP-256", "wrapKey"),
    KeyPurpose.SIGNATURE: ("PS512", "verify"),
    KeyPurpose.EVENTS: ("PS512", "verify"),
    KeyPurpose.ADDRESSING: ("PS512", "verify"),
    KeyPurpose.ACCESS_TOKEN: ("EdDSA", "verify"),
}
"""Algorithm and operation of the public half."""
_X5C_FORM: Final = "a list of certificates in base64, that of the key first"
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def load_public(der: bytes) -> PublicKey:
    """Public key from SubjectPublicKeyInfo, DER. Raises `MalformedJose` unless it is RSA or Ed25519."""
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise MalformedJose("not a public key") from None
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise MalformedJose("neither an RSA nor an Ed25519 key")
    return key


def thumbprint(public_key: PublicKey) -> KeyId:
    """RFC 7638, SHA-256, base64url: the id of a key in this house."""
    canonical = json.dumps(_material(public_key), separators=(",", ":"), sort_keys=True)
    return KeyId(base64url.encode(hashlib.sha256(canonical.encode()).digest()))


def public_jwk(
    public_der: bytes, purpose: KeyPurpose, chain: Sequence[bytes] = (), kid: KeyId | None = None
) -> dict[str, Any]:
    """JSON-ready JWK. `chain`: certificates, DER, leaf first; `x5c` is left out when there are none. `kid`: what its
    owner calls it, if not by its thumbprint."""
    key = load_public(public_der)
    if isinstance(key, Ed25519PublicKey) != (purpose is KeyPurpose.ACCESS_TOKEN):
        raise MalformedJose("the key is of the wrong kind for its purpose")
    algorithm, operation = _USES[purpose]
    jwk: dict[str, Any] = {"key_ops": [operation], "alg": algorithm, "kid": kid or thumbprint(key), **_material(key)}
    if chain:
        jwk["x5c"] = [pybase64.b64encode_as_string(certificate) for certificate in chain]
    return jwk


def public_key_from_jwk(jwk: Mapping[str, Any], purpose: KeyPurpose) -> RSAPublicKey:
    """An RSA key of somebody else, for one purpose. Raises `KeyRefused` unless every member is as FIT-Connect demands
    it: `kty`, `alg`, `key_ops`, `kid` of 8 to 64 characters, `e` AQAB, `n` of 4096 to 8192 bits.
    `kid` is not compared with the thumbprint, and `x5c` is not read: see `chain_of_jwk`."""
    algorithm, operation = _USES[purpose]
    for private in sorted(_PRIVATE & jwk.keys()):
        raise KeyRefused(private, "absent: this is a private key")
    expected = {"kty": "RSA", "alg": algorithm, "key_ops": [operation], "e": "AQAB"}
    for name, value in expected.items():
        if jwk.get(name) != value:
            raise KeyRefused(name, json.dumps(value))
    if not is_key_id(jwk.get("kid")):
        raise KeyRefused("kid", KEY_ID_FORM)
    return _rsa(jwk.get("n"))


def keys_of_set(jwks: Mapping[str, Any], purpose: KeyPurpose) -> Mapping[KeyId, RSAPublicKey]:
    """The keys of a JWK set that fit the purpose; others are passed over (RFC 7517, section 5). Raises `KeyRefused` for
    what is no set."""
    entries = jwks.get("keys")
    if not isinstance(entries, list):
        raise KeyRefused("keys", "a list of keys")
    keys: dict[KeyId, RSAPublicKey] = {}
    for entry in entries:
        if isinstance(entry, dict):
            with suppress(MalformedJose):
                public = public_key_from_jwk(entry, purpose)
                keys[KeyId(entry["kid"])] = public
    return keys


def destination_purpose(jwk: Mapping[str, Any]) -> KeyPurpose:
    """What a destination's key is for, by its `alg`. Raises `KeyRefused`."""
    if jwk.get("kty") != "RSA":
        raise KeyRefused("kty", json.dumps("RSA"))
    allowed = {_USES[purpose][0]: purpose for purpose in (KeyPurpose.ENCRYPTION, KeyPurpose.SIGNATURE)}
    algorithm = jwk.get("alg")
    if not isinstance(algorithm, str) or algorithm not in allowed:
        raise KeyRefused("alg", " | ".join(map(json.dumps, allowed)))
    return allowed[algorithm]


def chain_of_jwk(jwk: Mapping[str, Any]) -> tuple[bytes, ...]:
    """The certificates of `x5c`, DER: standard base64, not base64url (RFC 7517, 4.7). Raises `KeyRefused`."""
    encoded = jwk.get("x5c")
    if not isinstance(encoded, list) or not all(isinstance(entry, str) for entry in encoded):
        raise KeyRefused("x5c", _X5C_FORM)
    try:
        return tuple(pybase64.b64decode(entry, validate=True) for entry in encoded)
    except ValueError:
        raise KeyRefused("x5c", _X5C_FORM) from None


def reply_channel(jwk: Mapping[str, Any], standards: Sequence[str]) -> ReplyChannel:
    """A sender's key for replies, checked as `public_key_from_jwk` does. Raises `MalformedJose`."""
    public_key_from_jwk(jwk, KeyPurpose.ENCRYPTION)
    return ReplyChannel(KeyId(jwk["kid"]), jwk["n"], tuple(standards))


def channel_of(public_key: RSAPublicKey, standards: Sequence[str]) -> ReplyChannel:
    """For whoever takes replies himself: the thumbprint is the id of his key."""
    return ReplyChannel(thumbprint(public_key), _material(public_key)["n"], tuple(standards))


def reply_jwk(channel: ReplyChannel) -> dict[str, Any]:
    """The key for replies as a message carries it: without certificates (dossier 3.2)."""
    algorithm, operation = _USES[KeyPurpose.ENCRYPTION]
    return {
        "kty": "RSA",
        "key_ops": [operation],
        "alg": algorithm,
        "kid": channel.key,
        "n": channel.modulus,
        "e": "AQAB",
    }


def reply_key(channel: ReplyChannel) -> RSAPublicKey:
    return _rsa(channel.modulus)


def _rsa(encoded: object) -> RSAPublicKey:
    allowed = f"base64url of {MODULUS_BITS.start} to {MODULUS_BITS.stop - 1} bits, odd, without padding"
    try:
        raw = base64url.decode(encoded if isinstance(encoded, str) else "")
    except MalformedJose:
        raise KeyRefused("n", allowed) from None
    modulus = int.from_bytes(raw)
    if raw.startswith(b"\0") or modulus.bit_length() not in MODULUS_BITS or not modulus & 1:
        raise KeyRefused("n", allowed)
    return RSAPublicNumbers(65537, modulus).public_key()


def _material(key: PublicKey) -> dict[str, str]:
    """The members that make the key, and only they: what the thumbprint is taken of."""
    if isinstance(key, Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(key.public_bytes_raw())}
    numbers = key.public_numbers()
    return {"kty": "RSA", "n": _unsigned(numbers.n), "e": _unsigned(numbers.e)}


def _unsigned(number: int) -> str:
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8))
