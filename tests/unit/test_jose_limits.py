"""What a JWE may cost: bounded memory, bounded output, no bombs, and nothing told of a tampered message."""

import os
import sys
import tracemalloc
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, repeat
from types import FrameType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from jose_oracles import HEADER, assemble, fixed_key, unwrapper

from amtsbote.errors import DecryptionFailed
from amtsbote.jose.inflate import STEP as PIECE
from amtsbote.jose.jwe import JweCheck, PlaintextTooLong, decrypt_small, decrypt_stream, encrypt_stream
from amtsbote.model.ids import KeyId

MEGABYTE = 1024 * 1024
DEFLATED = HEADER | {"zip": "DEF"}
EVERYTHING = 1 << 40

Keys = Callable[[str], RSAPrivateKey]


def deflated(pieces: Iterable[bytes], window: int = -15) -> bytes:
    deflate = zlib.compressobj(wbits=window)
    return b"".join(map(deflate.compress, pieces)) + deflate.flush()


def streamed(token: bytes, limit: int) -> bytes:
    return b"".join(decrypt_stream([token], fixed_key, limit=limit))


def small(token: bytes, limit: int) -> bytes:
    return decrypt_small(token, fixed_key, limit=limit)


def with_wrong_tag(token: bytes) -> bytes:
    return token[:-22] + b"A" * 22


BOTH = pytest.mark.parametrize("read", [streamed, small])
Read = Callable[[bytes, int], bytes]


def growth(work: Callable[[], object]) -> int:
    """Peak of memory taken while working, bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# ---- length


@BOTH
@pytest.mark.parametrize("header", [HEADER, DEFLATED])
def test_a_plaintext_of_exactly_the_limit_is_read_and_one_byte_more_is_not(read: Read, header: dict[str, Any]) -> None:
    plaintext = os.urandom(700_000)
    token = assemble(header, deflated([plaintext]) if "zip" in header else plaintext)

    assert read(token, len(plaintext)) == plaintext
    with pytest.raises(PlaintextTooLong) as failure:
        read(token, len(plaintext) - 1)
    assert failure.value.limit == len(plaintext) - 1


@pytest.mark.parametrize("header", [HEADER, DEFLATED])
def test_no_more_than_the_limit_is_ever_given_out(header: dict[str, Any]) -> None:
    plaintext = os.urandom(2_000_000)
    token = assemble(header, deflated([plaintext]) if "zip" in header else plaintext)
    given: list[bytes] = []
    with pytest.raises(PlaintextTooLong):
        deque(map(given.append, decrypt_stream([token], fixed_key, limit=1_000_000)), maxlen=0)

    assert sum(map(len, given)) <= 1_000_000
    assert plaintext.startswith(b"".join(given))


@BOTH
@pytest.mark.parametrize("content", [b"x" * 5000, deflated([b"x" * 5000]), deflated([b"x" * 5000])[:-3], b"\xff" * 50])
@pytest.mark.parametrize("header", [HEADER, DEFLATED])
def test_a_tampered_message_shows_nothing_but_that_it_is_not_authentic(
    read: Read, header: dict[str, Any], content: bytes
) -> None:
    said = set()
    for limit in (10, 100_000):
        with pytest.raises(DecryptionFailed) as failure:
            read(with_wrong_tag(assemble(header, content)), limit)
        said.add(failure.value.args)

    assert said == {("decryption failed",)}


def test_pieces_are_small_and_never_empty() -> None:
    token = assemble(DEFLATED, deflated([os.urandom(3 * MEGABYTE), bytes(3 * MEGABYTE)]))
    sizes = [len(piece) for piece in decrypt_stream([token], fixed_key, limit=EVERYTHING)]

    assert sum(sizes) == 6 * MEGABYTE
    assert 0 < min(sizes) <= max(sizes) <= MEGABYTE


# ---- compression


@given(st.lists(st.binary(max_size=400), max_size=6), st.integers(0, 50), st.lists(st.integers(1, 3000), max_size=8))
@settings(database=None, deadline=None)
def test_inflating_does_not_depend_on_chunks(parts: list[bytes], times: int, cuts: list[int]) -> None:
    plaintext = b"".join(parts) * times
    token = assemble(DEFLATED, deflated([plaintext]))
    rest = iter(token)
    chunks = [bytes(byte for _, byte in zip(range(size), rest, strict=False)) for size in cuts] + [bytes(rest)]

    assert b"".join(decrypt_stream(chunks, fixed_key, limit=EVERYTHING)) == plaintext == small(token, EVERYTHING)


@BOTH
def test_a_compressed_plaintext_cut_off_anywhere_is_refused(read: Read) -> None:
    content = deflated([b"Linde, Eiche, Buche" * 20])
    for end in range(len(content)):
        with pytest.raises(DecryptionFailed):
            read(assemble(DEFLATED, content[:end]), EVERYTHING)


@BOTH
@pytest.mark.parametrize(
    "content",
    [
        deflated([b"x"]) + b"\0",
        deflated([b"x"]) + deflated([b"y"]),
        deflated([bytes(256 * 1024)]) + b"trailing",
        deflated([os.urandom(400_000)]) + b"trailing",
        deflated([b"x"], window=15),
        deflated([b"x"], window=31),
        b"not compressed at all",
        b"",
    ],
    ids=["one byte more", "two streams", "after a full piece", "in a later chunk", "zlib", "gzip", "plain", "nothing"],
)
def test_anything_but_one_whole_raw_deflate_stream_is_refused(read: Read, content: bytes) -> None:
    with pytest.raises(DecryptionFailed):
        read(assemble(DEFLATED, content), EVERYTHING)


def test_what_follows_the_stream_is_refused_when_it_comes_in_a_chunk_of_its_own() -> None:
    content = deflated([b"Ulme"])
    assert len(content) % 3 == 0, "so that its end is the end of a base64 quantum"
    token = assemble(DEFLATED, content + b"and more of it")
    with pytest.raises(DecryptionFailed):
        list(decrypt_stream([bytes([character]) for character in token], fixed_key, limit=EVERYTHING))


@BOTH
def test_output_that_is_pending_when_a_piece_is_full_is_not_lost(read: Read) -> None:
    for size in range(PIECE - 2, PIECE + 300):
        assert len(read(assemble(DEFLATED, deflated([bytes(size)])), EVERYTHING)) == size


@BOTH
def test_a_small_document_may_compress_as_well_as_it_likes(read: Read) -> None:
    blanks = b" " * (16 * MEGABYTE)

    assert read(assemble(DEFLATED, deflated([blanks])), EVERYTHING) == blanks


@BOTH
def test_above_16_mb_the_output_may_be_a_hundred_times_the_input(read: Read) -> None:
    page = os.urandom(950) + bytes(100_000)
    content = deflated(repeat(page, 250))
    assert 80 < 250 * len(page) / len(content) < 100

    assert len(read(assemble(DEFLATED, content), EVERYTHING)) == 250 * len(page)
    with pytest.raises(PlaintextTooLong):
        read(assemble(DEFLATED, deflated(repeat(os.urandom(600) + bytes(100_000), 250))), EVERYTHING)


@BOTH
def test_a_bomb_is_refused_in_bounded_memory(read: Read) -> None:
    token = assemble(DEFLATED, deflated(repeat(bytes(MEGABYTE), 300)))
    assert len(token) < MEGABYTE

    def explode() -> None:
        with pytest.raises(PlaintextTooLong):
            read(token, EVERYTHING)

    assert growth(explode) < 40 * MEGABYTE, "16 MB are collected by the reader of this test"


def test_a_streamed_bomb_takes_hardly_any_memory() -> None:
    token = assemble(DEFLATED, deflated(repeat(bytes(MEGABYTE), 300)))

    def explode() -> None:
        with pytest.raises(PlaintextTooLong):
            sum(map(len, decrypt_stream([token], fixed_key, limit=EVERYTHING)))

    assert growth(explode) < 4 * MEGABYTE


# ---- memory and time


@pytest.mark.parametrize("zip_", [None, "DEF"])
def test_64_mb_are_encrypted_checked_and_decrypted_in_constant_memory(rsa_key: Keys, zip_: Any) -> None:
    key = rsa_key("jose")
    whole = JweCheck(EVERYTHING)
    page = os.urandom(20_000) + b"a" * (MEGABYTE - 20_000)

    def checked(token: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in token:
            whole.feed(chunk)
            yield chunk

    def all_three() -> None:
        token = encrypt_stream(repeat(page, 64), key.public_key(), kid=KeyId("a-key-of-tests"), cty="", zip_=zip_)
        plaintext = decrypt_stream(checked(token), unwrapper(key), limit=64 * MEGABYTE)
        assert sum(map(len, plaintext)) == 64 * MEGABYTE

    assert growth(all_three) < 5 * MEGABYTE
    assert whole.finish().tag


def test_one_chunk_of_any_size_is_taken_in_steps() -> None:
    token = assemble(HEADER, bytes(32 * MEGABYTE))

    assert growth(lambda: JweCheck(EVERYTHING).feed(token)) < 2 * MEGABYTE
    assert growth(lambda: sum(map(len, decrypt_stream([token], fixed_key, limit=EVERYTHING)))) < 3 * MEGABYTE


def calls(work: Callable[[], object]) -> int:
    """Functions called while working, those written in C included: a measure of effort that nobody else disturbs."""
    count = 0

    def seen(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_checking_costs_a_few_calls_for_each_megabyte_however_many_came_before() -> None:
    head, tail = assemble(HEADER, b"").rsplit(b".", 1)
    chunk = b"QUFB" * (MEGABYTE // 4)

    def check(megabytes: int) -> None:
        whole = JweCheck(EVERYTHING)
        for piece in chain([head], repeat(chunk, megabytes), [b".", tail]):
            whole.feed(piece)
        assert whole.finish().header.kid == "a-key-of-tests"

    check(1)
    some, more, most = (calls(partial(check, megabytes)) for megabytes in (10, 20, 30))

    assert most - more == more - some
    assert more - some < 10 * 200


def test_two_streams_at_once_do_not_know_each_other() -> None:
    plaintexts = [os.urandom(1_500_000), os.urandom(1_500_000)]
    streams = [decrypt_stream([assemble(HEADER, text)], fixed_key, limit=EVERYTHING) for text in plaintexts]
    first, second = zip(*zip(*streams, strict=True), strict=True)

    assert [b"".join(first), b"".join(second)] == plaintexts
