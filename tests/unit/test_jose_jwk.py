"""JSON Web Keys: published as FIT-Connect demands, read only when they are exactly so."""

import base64
import json
from collections.abc import Callable
from typing import Any

import joserfc.jwk
import jwcrypto.jwk
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from amtsbote.jose import KeyRefused, MalformedJose, base64url
from amtsbote.jose.jwk import (
    PublicKey,
    chain_of_jwk,
    destination_purpose,
    load_public,
    public_jwk,
    public_key_from_jwk,
    thumbprint,
)
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import KeyId

RFC_7638_MODULUS = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn6"
    "4tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n9"
    "1CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)
RFC_8037_KEY = Ed25519PublicKey.from_public_bytes(base64url.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))

Keys = Callable[[str], RSAPrivateKey]


def der(key: PublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def encryption(rsa_key: Keys) -> dict[str, Any]:
    """A good JWK to spoil."""
    return public_jwk(der(rsa_key("jose").public_key()), KeyPurpose.ENCRYPTION)


def modulus(number: int) -> str:
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8))


# ---- thumbprints


def test_the_examples_of_the_rfcs_have_their_thumbprints() -> None:
    key = RSAPublicNumbers(65537, int.from_bytes(base64url.decode(RFC_7638_MODULUS))).public_key()

    assert thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert thumbprint(RFC_8037_KEY) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_two_other_libraries_compute_the_same_thumbprint(rsa_key: Keys, encryption: dict[str, Any]) -> None:
    for jwk in (encryption, public_jwk(der(RFC_8037_KEY), KeyPurpose.ACCESS_TOKEN)):
        bare = {name: value for name, value in jwk.items() if name not in ("kid", "key_ops", "alg")}
        assert jwcrypto.jwk.JWK(**bare).thumbprint() == jwk["kid"]
        assert joserfc.jwk.import_key(bare).thumbprint() == jwk["kid"]
    assert thumbprint(rsa_key("jose").public_key()) == encryption["kid"]


# ---- publishing


@pytest.mark.parametrize(
    ("purpose", "alg", "operation"),
    [
        (KeyPurpose.ENCRYPTION, "RSA-OAEP-256", "wrapKey"),
        (KeyPurpose.SIGNATURE, "PS512", "verify"),
        (KeyPurpose.EVENTS, "PS512", "verify"),
        (KeyPurpose.ADDRESSING, "PS512", "verify"),
    ],
)
def test_an_rsa_key_is_published_with_the_members_of_its_purpose(
    rsa_key: Keys, purpose: KeyPurpose, alg: str, operation: str
) -> None:
    public = rsa_key("jose").public_key()
    jwk = public_jwk(der(public), purpose, [b"leaf\xff\xfe", b"root"])

    assert jwk == {
        "kty": "RSA",
        "alg": alg,
        "key_ops": [operation],
        "kid": thumbprint(public),
        "n": modulus(public.public_numbers().n),
        "e": "AQAB",
        "x5c": [base64.b64encode(b"leaf\xff\xfe").decode(), base64.b64encode(b"root").decode()],
    }
    assert len(jwk["n"]) == 683
    assert json.loads(json.dumps(jwk)) == jwk
    assert public_key_from_jwk(jwk, purpose) == public


def test_a_key_of_access_tokens_is_published_in_okp_form() -> None:
    assert public_jwk(der(RFC_8037_KEY), KeyPurpose.ACCESS_TOKEN) == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "alg": "EdDSA",
        "key_ops": ["verify"],
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    }


def test_a_key_is_not_published_for_a_purpose_of_the_other_kind(rsa_key: Keys) -> None:
    for key, purpose in (
        (rsa_key("jose").public_key(), KeyPurpose.ACCESS_TOKEN),
        (RFC_8037_KEY, KeyPurpose.ENCRYPTION),
    ):
        with pytest.raises(MalformedJose, match="wrong kind"):
            public_jwk(der(key), purpose)


def test_only_rsa_and_ed25519_keys_are_loaded(rsa_key: Keys) -> None:
    assert load_public(der(rsa_key("jose").public_key())) == rsa_key("jose").public_key()
    assert load_public(der(RFC_8037_KEY)) == RFC_8037_KEY
    for other in (der(ec.generate_private_key(ec.SECP256R1()).public_key()), b"", b"\x30\x00", b"-----BEGIN"):
        with pytest.raises(MalformedJose):
            load_public(other)


# ---- reading


WRONG_MEMBERS: dict[str, list[object]] = {
    "kty": ["EC", "OKP", "oct", "rsa", None],
    "alg": ["PS512", "RSA-OAEP", "RSA1_5", None, ["RSA-OAEP-256"]],
    "key_ops": [["verify"], ["wrapKey", "unwrapKey"], ["wrapKey", "wrapKey"], [], "wrapKey", None],
    "e": ["Aw", "AAEAAQ", "AQAB=", None, 65537],
    "kid": ["short", "x" * 65, None, 12345678, "two words"],
    "n": [None, 5, "", "AA", "AQAB", "Ä", "x" * 2000],
    **{private: ["AQAB"] for private in ("d", "p", "q", "dp", "dq", "qi", "oth", "k")},
}


@pytest.mark.parametrize(
    ("member", "value"), [(name, value) for name in WRONG_MEMBERS for value in WRONG_MEMBERS[name]]
)
def test_a_key_with_a_member_that_is_not_allowed_is_refused(
    encryption: dict[str, Any], member: str, value: object
) -> None:
    with pytest.raises(KeyRefused) as refusal:
        public_key_from_jwk(encryption | {member: value}, KeyPurpose.ENCRYPTION)
    assert refusal.value.member == member
    assert refusal.value.allowed


@pytest.mark.parametrize("missing", ["kty", "alg", "key_ops", "e", "kid", "n"])
def test_a_key_without_a_member_is_refused(encryption: dict[str, Any], missing: str) -> None:
    del encryption[missing]
    with pytest.raises(KeyRefused) as refusal:
        public_key_from_jwk(encryption, KeyPurpose.ENCRYPTION)
    assert refusal.value.member == missing


def test_a_key_of_another_purpose_is_refused(encryption: dict[str, Any]) -> None:
    for purpose in set(KeyPurpose) - {KeyPurpose.ENCRYPTION}:
        with pytest.raises(MalformedJose):
            public_key_from_jwk(encryption, purpose)


def test_a_modulus_has_4096_to_8192_bits_and_one_spelling(encryption: dict[str, Any]) -> None:
    good = int.from_bytes(base64url.decode(encryption["n"]))
    wrong = (
        modulus(good >> 2048 | 1),
        modulus(good >> 1 | 1),
        modulus((1 << 8192) | 1),
        modulus(good - 1),
        base64url.encode(b"\0" + base64url.decode(encryption["n"])),
        encryption["n"] + "=",
        encryption["n"][:-1] + chr(ord(encryption["n"][-1]) + 1),
    )
    for n in wrong:
        with pytest.raises(MalformedJose):
            public_key_from_jwk(encryption | {"n": n}, KeyPurpose.ENCRYPTION)
    assert public_key_from_jwk(encryption | {"n": modulus((1 << 8191) | 1)}, KeyPurpose.ENCRYPTION).key_size == 8192


def test_further_members_are_allowed(encryption: dict[str, Any]) -> None:
    assert public_key_from_jwk(encryption | {"use": "enc", "x5t": "x", "x5c": []}, KeyPurpose.ENCRYPTION)


def test_the_purpose_of_a_destinations_key_is_its_algorithm(encryption: dict[str, Any]) -> None:
    assert destination_purpose(encryption) is KeyPurpose.ENCRYPTION
    assert destination_purpose(encryption | {"alg": "PS512"}) is KeyPurpose.SIGNATURE
    for wrong, member in (
        ({"kty": "EC"}, "kty"),
        ({"alg": "EdDSA"}, "alg"),
        ({"alg": None}, "alg"),
        ({"alg": []}, "alg"),
    ):
        with pytest.raises(KeyRefused) as refusal:
            destination_purpose(encryption | wrong)
        assert refusal.value.member == member


def test_certificates_are_standard_base64(encryption: dict[str, Any]) -> None:
    assert chain_of_jwk(encryption | {"x5c": ["+/+/", "AA=="]}) == (b"\xfb\xff\xbf", b"\0")
    assert chain_of_jwk(encryption | {"x5c": []}) == ()
    for wrong in (None, "AA==", ["-_-_"], ["AA"], [b"AA=="], [["AA=="]], {"0": "AA=="}):
        with pytest.raises(KeyRefused) as refusal:
            chain_of_jwk(encryption | {"x5c": wrong})
        assert refusal.value.member == "x5c"


def test_a_key_may_be_published_by_the_name_its_owner_gave_it(rsa_key: Keys) -> None:
    public = der(rsa_key("jose").public_key())
    own = public_jwk(public, KeyPurpose.ENCRYPTION, kid=KeyId("leipzig-1"))
    assert own == public_jwk(public, KeyPurpose.ENCRYPTION) | {"kid": "leipzig-1"}
