"""The readers of JWE and JWS against everything else: mutated, cut, oversized and nested tokens, and mere noise.

A reader gives the original or raises one of its own errors; it never gives anything else and never another error.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jose_oracles import HEADER, assemble, fixed_key, unwrapper

from amtsbote.errors import DecryptionFailed
from amtsbote.jose import MalformedJose, TooLong, base64url
from amtsbote.jose.jwe import JweCheck, PlaintextTooLong, decrypt_small, decrypt_stream, encrypt
from amtsbote.jose.jws import (
    KeyUnknown,
    SignatureInvalid,
    compact,
    detach,
    read_compact,
    sign_ps512,
    signing_input,
    verify_compact,
    verify_detached,
)
from amtsbote.model.ids import KeyId

LIMIT = 100_000
PLAINTEXT = b'{"baum":"Linde"}' * 40
SIGNED = {"typ": "secevent+jwt", "alg": "PS512", "kid": "a-key-of-tests"}

Keys = Callable[[str], RSAPrivateKey]
Edit = tuple[str, int, int, bytes]

LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
noise = st.binary(max_size=40) | st.lists(st.sampled_from(LETTERS + b"..="), max_size=40).map(bytes)
edits: st.SearchStrategy[list[Edit]] = st.lists(
    st.tuples(
        st.sampled_from(("write", "insert", "remove", "repeat", "move", "cut", "swap")),
        st.integers(0, 1 << 20),
        st.integers(0, 1 << 20),
        noise,
    ),
    min_size=1,
    max_size=4,
)
segments = st.binary(max_size=60) | noise
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)
members = st.dictionaries(
    st.sampled_from(("alg", "enc", "kid", "zip", "cty", "typ", "crit", "b64", "jwk", "jku", "x5c", "epk", "p2c")),
    anything | st.sampled_from(("RSA-OAEP-256", "A256GCM", "DEF", "PS512", "none", "dir", "a-key-of-tests")),
)


def edited(token: bytes, changes: list[Edit]) -> bytes:
    for kind, one, other, more in changes:
        start, end = sorted((one % (len(token) + 1), other % (len(token) + 1)))
        parts = token.split(b".")
        match kind:
            case "write":
                token = token[:start] + more + token[start + len(more) :]
            case "insert":
                token = token[:start] + more + token[start:]
            case "remove":
                token = token[:start] + token[end:]
            case "repeat":
                token = token[:end] + token[start:]
            case "move":
                token = token[:start] + token[end:] + token[start:end]
            case "cut":
                token = token[:end]
            case _:
                place, with_ = one % len(parts), other % len(parts)
                parts[place], parts[with_] = parts[with_], parts[place]
                token = b".".join(parts)
    return token


def in_chunks(token: bytes, size: int) -> list[bytes]:
    return [token[start : start + size] for start in range(0, len(token), size)]


def form_is_right(token: bytes, size: int) -> bool:
    check = JweCheck(LIMIT)
    try:
        for chunk in in_chunks(token, size):
            check.feed(chunk)
        check.finish()
    except MalformedJose:
        return False
    return True


def opened(token: bytes, unwrap: Any, size: int) -> bytes | None:
    """By both readers, which have to agree; None when they refuse."""
    readers: tuple[Callable[[], bytes], ...] = (
        lambda: decrypt_small(token, unwrap, limit=LIMIT),
        lambda: b"".join(decrypt_stream(in_chunks(token, size), unwrap, limit=LIMIT)),
    )
    said: list[bytes | None] = []
    for read in readers:
        try:
            said.append(read())
        except (DecryptionFailed, PlaintextTooLong):
            said.append(None)
    assert said[0] == said[1]
    return said[0]


@pytest.fixture(scope="module")
def jwe(rsa_key: Keys) -> Callable[[str | None], bytes]:
    @cache
    def made(zip_: Any) -> bytes:
        return encrypt(
            PLAINTEXT, rsa_key("jose").public_key(), kid=KeyId("a-key-of-tests"), cty="application/json", zip_=zip_
        )

    return made


@pytest.fixture(scope="module")
def jws(rsa_key: Keys) -> str:
    data = signing_input(SIGNED, PLAINTEXT)
    return compact(data, sign_ps512(rsa_key("jose"), data))


@given(changes=edits, zip_=st.sampled_from((None, "DEF")), size=st.integers(1, 2000))
def test_a_changed_jwe_is_opened_only_when_nothing_has_changed(
    rsa_key: Keys, jwe: Callable[[str | None], bytes], changes: list[Edit], zip_: str | None, size: int
) -> None:
    token = edited(jwe(zip_), changes)

    form, plaintext = form_is_right(token, size), opened(token, unwrapper(rsa_key("jose")), size)

    assert (plaintext == PLAINTEXT) == (token == jwe(zip_))
    assert plaintext in (None, PLAINTEXT)
    assert form or plaintext is None


@given(parts=st.lists(segments, max_size=7), size=st.integers(1, 300))
def test_noise_is_no_jwe_however_it_comes(parts: list[bytes], size: int) -> None:
    for token in (b".".join(parts), b".".join(map(base64url.encode_bytes, parts))):
        assert not form_is_right(token, size)
        assert opened(token, fixed_key, size) is None


@given(header=members | st.dictionaries(st.text(max_size=8), anything, max_size=4), size=st.integers(1, 3000))
@example(header={**HEADER, "crit": []}, size=9)
@example(header={**HEADER, "zip": None}, size=9)
@example(header={**HEADER, "alg": ["RSA-OAEP-256"]}, size=9)
def test_a_header_is_refused_by_all_readers_or_by_none(header: dict[str, Any], size: int) -> None:
    for changed in (header, HEADER | header):
        raw = json.dumps(changed).encode()
        token = assemble(raw, b"x")

        form, plaintext = form_is_right(token, size), opened(token, fixed_key, size)

        if not form:
            assert plaintext is None
        elif changed.get("zip") is None:
            assert plaintext == b"x"
            assert (changed["alg"], changed["enc"]) == ("RSA-OAEP-256", "A256GCM")


@pytest.mark.parametrize("depth", [10, 1_000, 100_000])
@pytest.mark.parametrize(("opens", "closes"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_nested_header_is_refused_or_passed_over_but_never_too_much(depth: int, opens: bytes, closes: bytes) -> None:
    nested = opens * depth + b"1" + closes * depth
    ours = json.dumps(HEADER).encode()[:-1]
    for raw in (nested, ours + b',"more":' + nested + b"}", opens * depth):
        token = assemble(raw, b"x")
        assert form_is_right(token, 5000) == (opened(token, fixed_key, 5000) == b"x")
        with pytest.raises(MalformedJose):
            read_compact(base64url.encode_bytes(raw) + b".eA.eA", limit=1 << 30)


@given(where=st.sampled_from((0, 1, 2, 4)), length=st.integers(10_000, 3_000_000), size=st.integers(1_000, 100_000))
@settings(max_examples=30)
def test_a_segment_without_end_is_given_up_early(where: int, length: int, size: int) -> None:
    """All but the ciphertext, which may be as long as the limit."""
    parts = assemble(HEADER, b"").split(b".")
    parts[where] = b"QUFB" * (length // 4)
    taken = fed_until_refused(b".".join(parts), size)

    assert taken < 20_000 + 2 * size


def fed_until_refused(token: bytes, size: int) -> int:
    """How many bytes the check has seen when it gives up; fails when it does not."""
    check, fed = JweCheck(1 << 40), 0
    for chunk in in_chunks(token, size):
        fed += len(chunk)
        try:
            check.feed(chunk)
        except MalformedJose:
            return fed
    raise AssertionError("the whole token was taken")


@given(changes=edits)
def test_a_changed_jws_is_verified_only_when_nothing_has_changed(rsa_key: Keys, jws: str, changes: list[Edit]) -> None:
    token, key = edited(jws.encode(), changes), rsa_key("jose").public_key()
    try:
        payload = verify_compact(token, lambda _: key, alg="PS512", typ="secevent+jwt", limit=LIMIT)[1]
    except (MalformedJose, SignatureInvalid, KeyUnknown):
        assert token != jws.encode()
        return
    assert (token, payload) == (jws.encode(), PLAINTEXT)


@given(changes=edits, payload=st.just(PLAINTEXT) | st.binary(max_size=50))
def test_a_changed_detached_jws_is_verified_only_when_nothing_has_changed(
    rsa_key: Keys, jws: str, changes: list[Edit], payload: bytes
) -> None:
    detached, key = detach(jws), rsa_key("jose").public_key()
    token = edited(detached.encode(), changes).decode("latin-1")
    try:
        verify_detached(token, payload, lambda _: key)
    except (MalformedJose, SignatureInvalid, KeyUnknown):
        assert (token, payload) != (detached, PLAINTEXT)
        return
    assert (token, payload) == (detached, PLAINTEXT)


@given(parts=st.lists(segments, max_size=5), text=st.text(max_size=100))
def test_noise_is_no_jws(rsa_key: Keys, parts: list[bytes], text: str) -> None:
    key = rsa_key("jose").public_key()
    for token in (b".".join(parts), b".".join(map(base64url.encode_bytes, parts)), text):
        with pytest.raises((MalformedJose, SignatureInvalid, KeyUnknown)):
            verify_compact(token, lambda _: key, alg="PS512", typ=None, limit=LIMIT)


@given(header=members)
@settings(max_examples=40)
def test_a_signed_header_never_chooses_the_algorithm_or_an_extension(rsa_key: Keys, header: dict[str, Any]) -> None:
    key = rsa_key("jose")
    data = signing_input(SIGNED | header, PLAINTEXT)
    token = compact(data, sign_ps512(key, data))
    try:
        verify_compact(token, lambda _: key.public_key(), alg="PS512", typ=None, limit=LIMIT)
    except MalformedJose:
        return
    assert header.get("alg", "PS512") == "PS512"
    assert not header.keys() & {"crit", "b64"}


@pytest.mark.parametrize("token", ["a" * (LIMIT + 1), "." * (LIMIT + 1), b"\xff" * (LIMIT + 1)])
def test_a_jws_beyond_its_limit_is_not_looked_at(token: str | bytes) -> None:
    with pytest.raises(TooLong):
        verify_compact(token, lambda _: None, alg="PS512", typ=None, limit=LIMIT)
