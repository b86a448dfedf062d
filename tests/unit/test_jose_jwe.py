"""Compact JWE: what two other libraries write we read, what we write they read, and nothing else is read."""

import json
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from jose_oracles import CONTENT_KEY, HEADER, Joserfc, Jwcrypto, Oracle, assemble, fixed_key, unwrapper

from amtsbote.errors import DecryptionFailed
from amtsbote.jose import MalformedJose, TooLong, base64url
from amtsbote.jose.jwe import (
    JweCheck,
    JweEnvelope,
    JweHeader,
    JweRefused,
    decrypt_small,
    decrypt_stream,
    encrypt,
    encrypt_stream,
    read_header,
)
from amtsbote.jose.jwk import thumbprint
from amtsbote.model.ids import KeyId

MEGABYTE = 1024 * 1024
LIMIT = 8 * MEGABYTE
SMALL = assemble(HEADER, b'{"baum":"Linde"}')
KID = KeyId("a-key-of-tests")

Keys = Callable[[str], RSAPrivateKey]


@pytest.fixture(scope="module")
def oracles(rsa_key: Keys) -> tuple[Oracle, ...]:
    return Joserfc(rsa_key("jose")), Jwcrypto(rsa_key("jose"))


def check(token: bytes, limit: int = LIMIT) -> JweEnvelope:
    whole = JweCheck(limit)
    whole.feed(token)
    return whole.finish()


def streamed(chunks: list[bytes], limit: int = LIMIT) -> bytes:
    return b"".join(decrypt_stream(chunks, fixed_key, limit=limit))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    marks = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(marks)]


# ---- with other libraries


@pytest.mark.parametrize("zip_", [None, "DEF"])
@settings(database=None, deadline=None, max_examples=15)
@given(plaintext=st.binary(min_size=1, max_size=3000))
def test_what_others_write_is_read_and_what_we_write_others_read(
    rsa_key: Keys, oracles: tuple[Oracle, ...], zip_: Any, plaintext: bytes
) -> None:
    key = rsa_key("jose")
    header = HEADER | ({"zip": zip_} if zip_ else {})
    ours = encrypt(plaintext, key.public_key(), kid=KID, cty="application/json", zip_=zip_)

    for oracle in oracles:
        theirs = oracle.encrypt(header, plaintext)
        assert oracle.decrypt(ours) == plaintext
        assert decrypt_small(theirs, unwrapper(key), limit=LIMIT) == plaintext
        assert b"".join(decrypt_stream([theirs], unwrapper(key), limit=LIMIT)) == plaintext
        assert check(theirs) == JweEnvelope(
            JweHeader(KID, "application/json", zip_ is not None), theirs.decode().split(".")[4]
        )


@pytest.mark.parametrize("zip_", [None, "DEF"])
def test_an_attachment_beyond_the_limits_of_the_libraries_goes_both_ways(
    rsa_key: Keys, oracles: tuple[Oracle, ...], zip_: Any
) -> None:
    key = rsa_key("jose")
    photo = b"".join(index.to_bytes(4) * 3 for index in range(300_000))
    ours = b"".join(encrypt_stream(cut(photo, [7, 65_537, 1_000_003]), key.public_key(), kid=KID, cty="", zip_=zip_))

    for oracle in oracles:
        theirs = oracle.encrypt(HEADER | ({"zip": zip_} if zip_ else {}), photo)
        assert oracle.decrypt(ours) == photo
        assert b"".join(decrypt_stream(cut(theirs, [1, 70_000]), unwrapper(key), limit=LIMIT)) == photo


def test_the_empty_plaintext_goes_both_ways(rsa_key: Keys, oracles: tuple[Oracle, ...]) -> None:
    key = rsa_key("jose")
    for zip_ in (None, "DEF"):
        token = encrypt(b"", key.public_key(), kid=KID, cty="", zip_=zip_)
        assert list(decrypt_stream([token], unwrapper(key), limit=0)) == []
        assert decrypt_small(token, unwrapper(key), limit=0) == b""
        assert oracles[0].decrypt(token) == b"", "jwcrypto takes an empty plaintext for a failure"


def test_key_and_vector_come_from_the_injected_randomness(rsa_key: Keys) -> None:
    public = rsa_key("jose").public_key()

    def made() -> list[bytes]:
        return encrypt(b"same", public, kid=thumbprint(public), cty="", random=lambda size: b"\7" * size).split(b".")

    first, second = made(), made()

    assert (first[0], first[2:]) == (second[0], second[2:])
    assert first[1] != second[1], "the padding of RSA-OAEP is random all the same"
    assert base64url.decode(first[2]) == b"\7" * 12


def test_a_content_type_that_is_empty_is_left_out(rsa_key: Keys) -> None:
    token = encrypt(b"x", rsa_key("jose").public_key(), kid=KID, cty="")

    assert json.loads(base64url.decode(token.split(b".")[0])) == {
        "alg": "RSA-OAEP-256",
        "enc": "A256GCM",
        "kid": "a-key-of-tests",
    }
    assert read_header(token.split(b".")[0]) == JweHeader(KID, "", False)


# ---- chunks


@given(st.lists(st.integers(0, 10_000), max_size=40), st.booleans())
@settings(database=None, deadline=None)
def test_any_chunking_gives_the_same_result(places: list[int], empty_chunks: bool) -> None:
    plaintext = bytes(range(256)) * 5
    token = assemble(HEADER, plaintext)
    chunks = cut(token, places)
    if empty_chunks:
        chunks = [piece for chunk in chunks for piece in (b"", chunk)]
    whole = JweCheck(LIMIT)
    for chunk in chunks:
        whole.feed(chunk)

    assert whole.finish() == check(token)
    assert streamed(chunks) == plaintext


def test_the_header_is_known_with_the_first_dot_and_not_before() -> None:
    segment = SMALL.split(b".")[0]
    whole = JweCheck(LIMIT)

    whole.feed(segment)
    assert whole.header is None
    whole.feed(b".")
    assert whole.header == JweHeader(KID, "application/json", False)


def test_a_wrong_header_is_refused_before_the_rest_has_come() -> None:
    with pytest.raises(JweRefused):
        JweCheck(LIMIT).feed(base64url.encode_bytes(json.dumps(HEADER | {"enc": "A128GCM"}).encode()) + b".")


def test_the_key_is_asked_for_once_and_with_what_the_token_says() -> None:
    asked: list[tuple[JweHeader, bytes]] = []

    def unwrap(header: JweHeader, encrypted_key: bytes) -> bytes:
        asked.append((header, encrypted_key))
        return CONTENT_KEY

    assert list(decrypt_stream(cut(SMALL, list(range(len(SMALL)))), unwrap, limit=LIMIT))
    assert asked == [(JweHeader(KID, "application/json", False), b"k" * 512)]


# ---- damage


@pytest.mark.parametrize("change", [0x01, 0x02, 0x20, 0x80])
def test_every_flipped_byte_is_refused(rsa_key: Keys, change: int) -> None:
    key = rsa_key("jose")
    token = encrypt(b'{"baum":"Linde"}', key.public_key(), kid=KID, cty="application/json")
    unwrap = unwrapper(key)

    for place in range(len(token)):
        spoiled = token[:place] + bytes([token[place] ^ change]) + token[place + 1 :]
        with pytest.raises(DecryptionFailed):
            decrypt_small(spoiled, unwrap, limit=LIMIT)


@pytest.mark.parametrize("header", [HEADER, HEADER | {"zip": "DEF"}])
def test_a_flipped_byte_is_refused_in_the_stream_too(header: dict[str, Any]) -> None:
    token = assemble(header, _deflated(b"Linde " * 40) if "zip" in header else b"Linde " * 40)
    key_segment = range(token.index(b"."), token.index(b".", token.index(b".") + 1))

    for place in set(range(len(token))) - set(key_segment):
        spoiled = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        with pytest.raises(DecryptionFailed):
            streamed(cut(spoiled, [place]))


def test_a_token_cut_off_anywhere_is_refused() -> None:
    for end in range(len(SMALL)):
        with pytest.raises(MalformedJose):
            check(SMALL[:end])
        with pytest.raises(DecryptionFailed):
            streamed([SMALL[:end]])
        with pytest.raises(DecryptionFailed):
            decrypt_small(SMALL[:end], fixed_key, limit=LIMIT)


def test_a_token_of_four_segments_is_told_apart_from_a_wrong_tag() -> None:
    with pytest.raises(MalformedJose, match="fewer than five"):
        check(SMALL.rsplit(b".", 1)[0])


@pytest.mark.parametrize("extra", [b"A", b"=", b"==", b".", b".AAAA", b"\n", b" ", b"\0"])
def test_nothing_may_follow_the_token(extra: bytes) -> None:
    with pytest.raises(MalformedJose):
        check(SMALL + extra)
    with pytest.raises(DecryptionFailed):
        streamed([SMALL, extra])


@pytest.mark.parametrize("segment", range(5))
@pytest.mark.parametrize("spoil", [b"=", b"==", b"+", b"/", b"\xc3\xa4", b" ", b"\r\n"])
def test_padding_and_foreign_characters_are_refused_in_every_segment(segment: int, spoil: bytes) -> None:
    segments = SMALL.split(b".")
    segments[segment] += spoil
    with pytest.raises(MalformedJose):
        check(b".".join(segments))


def test_unused_bits_that_are_not_zero_are_refused() -> None:
    token = assemble(HEADER, b"four")
    segments = token.split(b".")
    for place in (1, 3, 4):
        assert len(segments[place]) % 4, "this segment has unused bits"
        other = [*segments]
        other[place] = segments[place][:-1] + bytes([segments[place][-1] + 1])
        with pytest.raises(MalformedJose, match="not canonical"):
            check(b".".join(other))


@pytest.mark.parametrize(
    ("place", "size", "reason"),
    [(1, 511, "4096"), (1, 256, "4096"), (1, 1025, "4096|too long"), (2, 11, "12 bytes"), (2, 16, "too long"),
     (4, 15, "16 bytes"), (4, 12, "16 bytes"), (4, 0, "16 bytes"), (4, 17, "too long|16 bytes")],
)  # fmt: skip
def test_a_segment_of_another_length_is_refused(place: int, size: int, reason: str) -> None:
    segments = SMALL.split(b".")
    segments[place] = base64url.encode_bytes(b"x" * size)
    with pytest.raises(MalformedJose, match=reason):
        check(b".".join(segments))
    with pytest.raises(DecryptionFailed):
        streamed([b".".join(segments)])


def test_a_longer_encrypted_key_is_allowed() -> None:
    assert streamed([assemble(HEADER, b"x", encrypted_key=b"k" * 1024)]) == b"x"


@pytest.mark.parametrize("size", [0, 16, 24, 31, 33, 64])
def test_a_content_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(DecryptionFailed):
        decrypt_small(SMALL, lambda _header, _key: b"\0" * size, limit=LIMIT)


def test_the_wrong_private_key_is_the_same_error_as_a_wrong_tag(rsa_key: Keys) -> None:
    token = encrypt(b"x", rsa_key("jose").public_key(), kid=KID, cty="")
    said = []
    for spoiled, key in ((token, "another"), (token[:-3] + b"AAA", "jose"), (token[:-40], "jose")):
        with pytest.raises(DecryptionFailed) as failure:
            decrypt_small(spoiled, unwrapper(rsa_key(key)), limit=LIMIT)
        said.append((type(failure.value), failure.value.args))

    assert len(set(said)) == 1


def test_what_the_key_reader_raises_goes_through() -> None:
    def unknown(_header: JweHeader, _key: bytes) -> bytes:
        raise LookupError("no such key")

    with pytest.raises(LookupError):
        list(decrypt_stream([SMALL], unknown, limit=LIMIT))


def test_tags_of_swapped_tokens_do_not_fit() -> None:
    other = assemble(HEADER, b'{"baum":"Eiche"}')
    with pytest.raises(DecryptionFailed):
        streamed([SMALL[:-22] + other[-22:]])


# ---- limits of the form


def test_the_limit_counts_characters_of_the_whole_token() -> None:
    assert check(SMALL, limit=len(SMALL)).tag
    with pytest.raises(TooLong) as refusal:
        check(SMALL, limit=len(SMALL) - 1)
    assert refusal.value.limit == len(SMALL) - 1


def test_a_segment_without_end_is_refused_before_the_limit() -> None:
    whole = JweCheck(1 << 40)
    for _ in range(10):
        whole.feed(b"A" * 1000)
    with pytest.raises(MalformedJose, match="too long"):
        whole.feed(b"A" * 1000)


def _deflated(raw: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(raw) + deflate.flush()
