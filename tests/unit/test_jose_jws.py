"""Compact and detached JWS: the algorithm is the caller's, the payload is exactly what was signed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from jose_oracles import Joserfc, Jwcrypto, Oracle

from amtsbote.jose import HeaderRefused, MalformedJose, TooLong, base64url
from amtsbote.jose.jwk import PublicKey
from amtsbote.jose.jws import (
    JwsHeader,
    KeyFor,
    KeyUnknown,
    SignatureInvalid,
    compact,
    detach,
    read_compact,
    sign_ed25519,
    sign_ps512,
    signing_input,
    verify_compact,
    verify_detached,
    verify_ed25519,
)
from amtsbote.model.ids import KeyId

LIMIT = 1_000_000
SET = {"typ": "secevent+jwt", "alg": "PS512", "kid": "a-key-of-tests"}
TOKEN = {"typ": "at+jwt", "alg": "EdDSA", "kid": "a-key-of-tests"}
ED25519 = Ed25519PrivateKey.from_private_bytes(base64url.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))

Keys = Callable[[str], RSAPrivateKey]


@pytest.fixture(scope="module")
def oracles(rsa_key: Keys) -> tuple[Oracle, ...]:
    return Joserfc(rsa_key("jose")), Jwcrypto(rsa_key("jose"))


def always(key: PublicKey | None) -> KeyFor:
    return lambda _header: key


def signed(key: RSAPrivateKey, payload: bytes, header: Any = None) -> str:
    data = signing_input(SET if header is None else header, payload)
    return compact(data, sign_ps512(key, data))


def verified(token: str | bytes, key: RSAPrivateKey, typ: str | None = "secevent+jwt") -> bytes:
    return verify_compact(token, always(key.public_key()), alg="PS512", typ=typ, limit=LIMIT)[1]


# ---- with other libraries and the RFCs


@settings(database=None, deadline=None, max_examples=15)
@given(payload=st.binary(max_size=2000))
def test_what_others_sign_is_verified_and_what_we_sign_others_verify(
    rsa_key: Keys, oracles: tuple[Oracle, ...], payload: bytes
) -> None:
    key = rsa_key("jose")
    ours = signed(key, payload)

    for oracle in oracles:
        theirs = oracle.sign(SET, payload)
        assert oracle.verify(ours) == payload
        assert verified(theirs, key) == verified(theirs.encode(), key) == payload
        if payload:
            assert oracle.verify(detach(ours), payload) == payload
        assert verify_detached(detach(theirs), payload, always(key.public_key())) == JwsHeader(
            KeyId("a-key-of-tests"), "secevent+jwt"
        )


def test_the_example_of_rfc_8037_has_the_same_bytes() -> None:
    data = signing_input({"alg": "EdDSA"}, b"Example of Ed25519 signing")
    signature = sign_ed25519(ED25519, data)

    assert compact(data, signature) == (
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )
    verify_ed25519(ED25519.public_key(), data, signature)


def test_an_access_token_is_verified_with_ed25519() -> None:
    data = signing_input(TOKEN, b"{}")
    token = compact(data, sign_ed25519(ED25519, data))

    assert verify_compact(token, always(ED25519.public_key()), alg="EdDSA", typ="at+jwt", limit=LIMIT) == (
        JwsHeader(KeyId("a-key-of-tests"), "at+jwt"),
        b"{}",
    )
    with pytest.raises(SignatureInvalid):
        verify_compact(token[:-4] + "AAAA", always(ED25519.public_key()), alg="EdDSA", typ=None, limit=LIMIT)


# ---- keys and algorithms


def test_the_key_is_chosen_by_the_header_and_an_unknown_one_is_told_apart(rsa_key: Keys) -> None:
    token = signed(rsa_key("jose"), b"x")
    asked: list[JwsHeader] = []

    def nobody(header: JwsHeader) -> None:
        asked.append(header)

    with pytest.raises(KeyUnknown):
        verify_compact(token, nobody, alg="PS512", typ=None, limit=LIMIT)
    assert asked == [JwsHeader(KeyId("a-key-of-tests"), "secevent+jwt")]


def test_the_signature_of_another_key_is_invalid(rsa_key: Keys) -> None:
    with pytest.raises(SignatureInvalid):
        verified(signed(rsa_key("jose"), b"x"), rsa_key("another"))


@pytest.mark.parametrize(
    "alg", ["none", "None", "", "HS512", "RS512", "PS256", "PS384", "ES512", "EdDSA", "ps512", None, 5]
)
def test_another_algorithm_in_the_header_is_refused(rsa_key: Keys, alg: object) -> None:
    with pytest.raises(HeaderRefused) as refusal:
        verified(signed(rsa_key("jose"), b"x", SET | {"alg": alg}), rsa_key("jose"))

    assert (refusal.value.member, refusal.value.allowed) == ("alg", "PS512")


def test_a_token_without_signature_is_refused(rsa_key: Keys) -> None:
    with pytest.raises(SignatureInvalid):
        verified(compact(signing_input(SET, b"x"), b""), rsa_key("jose"))


def test_a_key_of_another_kind_is_no_key(rsa_key: Keys) -> None:
    token = signed(rsa_key("jose"), b"x")
    access = compact(data := signing_input(TOKEN, b"x"), sign_ed25519(ED25519, data))

    with pytest.raises(KeyUnknown):
        verify_compact(token, always(ED25519.public_key()), alg="PS512", typ=None, limit=LIMIT)
    with pytest.raises(KeyUnknown):
        verify_compact(access, always(rsa_key("jose").public_key()), alg="EdDSA", typ=None, limit=LIMIT)


@pytest.mark.parametrize("salt", [0, 32, padding.PSS.MAX_LENGTH])
def test_a_salt_of_another_length_is_invalid(rsa_key: Keys, salt: Any) -> None:
    data = signing_input(SET, b"x")
    signature = rsa_key("jose").sign(data, padding.PSS(padding.MGF1(hashes.SHA512()), salt), hashes.SHA512())
    with pytest.raises(SignatureInvalid):
        verified(compact(data, signature), rsa_key("jose"))


def test_another_padding_is_invalid(rsa_key: Keys) -> None:
    data = signing_input(SET, b"x")
    signature = rsa_key("jose").sign(data, padding.PKCS1v15(), hashes.SHA512())
    with pytest.raises(SignatureInvalid):
        verified(compact(data, signature), rsa_key("jose"))


# ---- form


@pytest.mark.parametrize("change", [0x01, 0x80])
def test_every_flipped_byte_is_refused(rsa_key: Keys, change: int) -> None:
    key = rsa_key("jose")
    token = signed(key, b'{"iss":"x"}').encode()

    for place in range(len(token)):
        spoiled = token[:place] + bytes([token[place] ^ change]) + token[place + 1 :]
        with pytest.raises((MalformedJose, SignatureInvalid)):
            verified(spoiled, key)


def test_a_token_cut_off_anywhere_is_refused(rsa_key: Keys) -> None:
    key = rsa_key("jose")
    token = signed(key, b'{"iss":"x"}')

    for end in range(len(token)):
        with pytest.raises((MalformedJose, SignatureInvalid)):
            verified(token[:end], key)


@pytest.mark.parametrize(
    "spoil", ["{}=", "{}==", "{}.", ".{}", "{}\n", " {}", "{}Ä", "{}.AAAA.AAAA", '{{"payload":"{}"}}']
)
def test_padding_more_segments_and_foreign_characters_are_refused(rsa_key: Keys, spoil: str) -> None:
    with pytest.raises(MalformedJose):
        verified(spoil.format(signed(rsa_key("jose"), b"x")), rsa_key("jose"))


WRONG_MEMBERS: dict[str, list[object]] = {
    "crit": [[], ["b64"], None],
    "b64": [False, True],
    "kid": [None, "short", ["a-key-of-tests"], "x" * 65, "line\nbreak"],
    "typ": [None, 5, "x" * 65, "JWT"],
}


@pytest.mark.parametrize(
    ("member", "value"), [(name, value) for name in WRONG_MEMBERS for value in WRONG_MEMBERS[name]]
)
def test_a_member_that_is_not_allowed_is_named(rsa_key: Keys, member: str, value: object) -> None:
    with pytest.raises(HeaderRefused) as refusal:
        verified(signed(rsa_key("jose"), b"x", SET | {member: value}), rsa_key("jose"))

    assert refusal.value.member == member


def test_a_type_is_checked_only_when_one_is_demanded(rsa_key: Keys) -> None:
    key = rsa_key("jose")
    header = {name: value for name, value in SET.items() if name != "typ"}

    assert verified(signed(key, b"x", header), key, typ=None) == b"x"
    assert read_compact(signed(key, b"x", header), limit=LIMIT).header.typ == ""
    with pytest.raises(HeaderRefused):
        verified(signed(key, b"x", header), key)


def test_embedded_keys_are_not_looked_at(rsa_key: Keys) -> None:
    intruder = rsa_key("another")
    numbers = intruder.public_key().public_numbers()
    jwk = {"kty": "RSA", "e": "AQAB", "n": base64url.encode(numbers.n.to_bytes(512))}
    with pytest.raises(SignatureInvalid):
        verified(signed(intruder, b"x", SET | {"jwk": jwk, "jku": "https://intruder/"}), rsa_key("jose"))


def test_a_header_that_names_a_member_twice_is_refused(rsa_key: Keys) -> None:
    protected = b'{"alg":"none","alg":"PS512","kid":"a-key-of-tests"}'
    data = base64url.encode_bytes(protected) + b"." + base64url.encode_bytes(b"x")
    with pytest.raises(MalformedJose, match="twice"):
        verified(compact(data, sign_ps512(rsa_key("jose"), data)), rsa_key("jose"), typ=None)


def test_the_limit_counts_characters(rsa_key: Keys) -> None:
    token = signed(rsa_key("jose"), b"x" * 1000)

    assert read_compact(token, limit=len(token)).payload == b"x" * 1000
    with pytest.raises(TooLong):
        read_compact(token, limit=len(token) - 1)


def test_the_header_that_is_signed_is_the_one_that_was_given(rsa_key: Keys) -> None:
    jws = read_compact(signed(rsa_key("jose"), b"\0\xff"), limit=LIMIT)

    assert json.loads(base64url.decode(jws.signing_input.split(b".")[0])) == SET
    assert jws.payload == b"\0\xff"
    assert len(jws.signature) == 512


# ---- detached


def test_a_detached_signature_fits_exactly_one_payload(rsa_key: Keys) -> None:
    key = rsa_key("jose")
    payload = b"<antrag>\r\n\xc3\xa4</antrag>"
    token = detach(signed(key, payload))

    assert verify_detached(token, payload, always(key.public_key())).kid == "a-key-of-tests"
    for other in (payload + b"\n", payload[:-1], b"", payload.replace(b"\r\n", b"\n")):
        with pytest.raises(SignatureInvalid):
            verify_detached(token, other, always(key.public_key()))
    with pytest.raises(KeyUnknown):
        verify_detached(token, payload, always(None))


@pytest.mark.parametrize(
    "header", [SET | {"alg": "none"}, SET | {"b64": False, "crit": ["b64"]}, SET | {"alg": "EdDSA"}]
)
def test_a_detached_signature_with_another_header_is_refused(rsa_key: Keys, header: dict[str, Any]) -> None:
    with pytest.raises(HeaderRefused):
        verify_detached(detach(signed(rsa_key("jose"), b"x", header)), b"x", always(rsa_key("jose").public_key()))


def test_a_signature_that_brings_its_payload_is_not_detached(rsa_key: Keys) -> None:
    with pytest.raises(MalformedJose, match="not detached"):
        verify_detached(signed(rsa_key("jose"), b"x"), b"x", always(rsa_key("jose").public_key()))


def test_a_detached_signature_is_bounded() -> None:
    with pytest.raises(TooLong):
        verify_detached("A" * 20_000, b"x", always(None))


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c.d"])
def test_only_a_compact_token_can_be_detached(token: str) -> None:
    with pytest.raises(MalformedJose):
        detach(token)
