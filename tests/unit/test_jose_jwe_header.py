"""The protected header of a JWE: one strict JSON object, one algorithm, and a refusal that names the member."""

import json

import pytest
from jose_oracles import HEADER

from amtsbote.jose import MalformedJose, base64url
from amtsbote.jose.jwe import JweCheck, JweHeader, JweRefused, read_header
from amtsbote.model.ids import KeyId

KID = KeyId("a-key-of-tests")
LIMIT = 100_000


WRONG_MEMBERS: dict[str, list[object]] = {
    "alg": ["RSA-OAEP", "RSA1_5", "dir", "none", "rsa-oaep-256", "", None, 1, ["RSA-OAEP-256"]],
    "enc": ["A128GCM", "A256CBC-HS512", "a256gcm", None, ["A256GCM"], {}],
    "zip": ["def", "GZIP", "", None, True, ["DEF"]],
    "kid": ["7 short", "x" * 65, "", None, 12345678, "eight\nor more", "Schlüssel-1", "a key id", ["a-key-of-tests"]],
    "cty": ["x" * 256, None, 7, "text/plain\r\nx: y", "\ud800", "ä", ["text/xml"]],
    "crit": [[], ["exp"], None, "exp"],
}


@pytest.mark.parametrize(
    ("member", "value"), [(name, value) for name in WRONG_MEMBERS for value in WRONG_MEMBERS[name]]
)
def test_a_member_that_is_not_allowed_is_named(member: str, value: object) -> None:
    with pytest.raises(JweRefused) as refusal:
        read_header(base64url.encode_bytes(json.dumps(HEADER | {member: value}).encode()))

    assert refusal.value.member == member
    assert refusal.value.allowed
    assert refusal.value.reason == f"header member {member} must be {refusal.value.allowed}"


@pytest.mark.parametrize("missing", ["alg", "enc", "kid"])
def test_a_missing_member_is_named(missing: str) -> None:
    header = {name: value for name, value in HEADER.items() if name != missing}
    with pytest.raises(JweRefused) as refusal:
        read_header(base64url.encode_bytes(json.dumps(header).encode()))

    assert refusal.value.member == missing


def test_other_members_are_not_looked_at() -> None:
    curious = HEADER | {
        "typ": 5,
        "jku": "http://x",
        "jwk": {"kty": "oct", "k": "AA"},
        "x5u": 1,
        "x5c": [],
        "p2c": 10**9,
    }
    assert read_header(base64url.encode_bytes(json.dumps(curious).encode())) == JweHeader(
        KID, "application/json", False
    )


@pytest.mark.parametrize("length", [8, 64])
def test_key_ids_of_8_to_64_characters_are_allowed(length: int) -> None:
    raw = json.dumps(HEADER | {"kid": "k" * length, "cty": "c" * 255}).encode()
    assert read_header(base64url.encode_bytes(raw)).kid == "k" * length


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"[]", b'"alg"', b"7", b"{", b'{"alg":}', b"NaN", b'{"x":NaN}', b'{"x":Infinity}', b"{} {}",
        b'{"alg":"RSA-OAEP-256","alg":"RSA-OAEP-256","enc":"A256GCM","kid":"a-key-of-tests"}',
        b'{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"a-key-of-tests","x":{"y":1,"y":2}}',
        b'{"alg":"RSA-OAEP-256","\\u0061lg":"none","enc":"A256GCM","kid":"a-key-of-tests"}',
        b'\xef\xbb\xbf{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"a-key-of-tests"}',
        '{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"a-key-of-tests"}'.encode("utf-16"),
        b'{"kid":"\xff\xfe"}', b"[" * 8000, b'{"x":' * 1600, b'{"x":' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_a_header_that_is_not_one_strict_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedJose, match="header"):
        read_header(base64url.encode_bytes(raw))


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_constants_that_are_not_json_are_refused_in_members_nobody_reads(constant: str) -> None:
    raw = json.dumps(HEADER).encode()[:-1] + f', "x": {constant}}}'.encode()
    with pytest.raises(MalformedJose, match="header is not JSON"):
        read_header(base64url.encode_bytes(raw))


def test_a_header_of_8_kib_is_read_and_a_longer_one_is_not() -> None:
    def padded(size: int) -> bytes:
        raw = json.dumps(HEADER).encode()
        return base64url.encode_bytes(raw + b" " * (size - len(raw)))

    assert read_header(padded(8192)).kid == KID
    with pytest.raises(MalformedJose, match="too long"):
        read_header(padded(8193))
    with pytest.raises(MalformedJose, match="too long"):
        JweCheck(LIMIT).feed(padded(8193))
