"""Strict JSON: what two parsers could understand differently is refused."""

import json
import time
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amtsbote.errors.reasons import JSON
from amtsbote.model.strictjson import MAX_DEPTH, NotStrictJson, read_object

LIMIT = 1_000_000


def nested(depth: int) -> bytes:
    """An object with lists inside, `depth` levels in all."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":1,"a":2}', "duplicate-member"),
        (b'{"x":{"y":[{"b":1,"\\u0062":2}]}}', "duplicate-member"),
        (b'{"a":NaN}', "not-a-number"),
        (b'{"a":-Infinity}', "not-a-number"),
        (b'{"a":' + b"9" * 1001 + b"}", "number-too-long"),
        (b'{"a":0.' + b"9" * 1000 + b"}", "number-too-long"),
        (b'{"a":1e999999999999999999999}', "number-too-long"),
        (b'{"a":1e-10001}', "number-too-long"),
        (b'{"a":"\\ud800"}', "lone-surrogate"),
        (b'{"\\uDFFF":1}', "lone-surrogate"),
        (b'{"a":"\\u0000"}', "nul"),
        (b'{"a\\\\\\u0000":1}', "nul"),
        (b'\xef\xbb\xbf{"a":1}', "byte-order-mark"),
        ('{"a":"ä"}'.encode("latin-1"), "not-utf-8"),
        ('{"a":1}'.encode("utf-16"), "not-utf-8"),
        (b'{"a":"\xed\xa0\x80"}', "not-utf-8"),
        (nested(MAX_DEPTH + 1), "too-deep"),
        (b"[" * 400_000, "too-deep"),
        (b'{"a":' * 150_000, "too-deep"),
        (b'{"a":[' + b"{}," * 200_000 + b"{}]}", "too-many-values"),
        (b"]" * 600_000, "too-many-values"),
        (b'{"a":"' + b"x" * LIMIT + b'"}', "too-large"),
        (b"[]", "not-an-object"),
        (b'"{}"', "not-an-object"),
        (b"null", "not-an-object"),
        (b"", "syntax"),
        (b"{", "syntax"),
        (b'{"a":1,}', "syntax"),
        (b"{'a':1}", "syntax"),
        (b'{"a":1} x', "syntax"),
        (b'{"a":"\x01"}', "syntax"),
        (b'{"a":01}', "syntax"),
    ],
)
def test_it_is_refused_with_its_reason_and_without_values(raw: bytes, reason: str) -> None:
    with pytest.raises(NotStrictJson) as caught:
        read_object(raw, limit=LIMIT)
    assert caught.value.reason == reason
    assert (caught.value.de, caught.value.en) == JSON[reason]


def test_the_place_of_a_syntax_error_is_told() -> None:
    with pytest.raises(NotStrictJson) as caught:
        read_object(b'{\n  "a": x}', limit=LIMIT)
    assert caught.value.place == "2:8"


def test_the_greatest_depth_and_exactly_the_limit_are_read() -> None:
    raw = nested(MAX_DEPTH)

    assert read_object(raw, limit=len(raw)) == json.loads(raw)


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    assert read_object(b'{"a":"' + b"[" * 500 + b'\\"[[\\\\"}', limit=LIMIT)["a"].startswith("[[[")


def test_a_bracket_hidden_behind_an_escaped_quote_counts() -> None:
    with pytest.raises(NotStrictJson, match="too-deep"):
        read_object(b'{"a\\\\":' + b"[" * 100 + b"]" * 100 + b"}", limit=LIMIT)


def test_numbers_are_exact() -> None:
    assert read_object(b'{"a":0.1,"b":1e2,"c":123456789012345678901234567890}', limit=LIMIT) == {
        "a": Decimal("0.1"),
        "b": Decimal(100),
        "c": 123456789012345678901234567890,
    }


def test_a_whole_character_in_two_escapes_is_read() -> None:
    assert read_object(b'{"a":"\\ud83c\\udf33"}', limit=LIMIT) == {"a": "🌳"}


def test_the_escape_of_nul_that_is_itself_escaped_is_read() -> None:
    assert read_object(b'{"a":"\\\\u0000"}', limit=LIMIT) == {"a": "\\u0000"}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":"' + b"\\\\" * 400_000,
        b'"' * 400_000,
        b'{"a":"' + b'\\"' * 400_000 + b'"}',
        b'{"a":"' + b'\\"' * 400_000,
        b'{"a":"' + b'\\"' * 400_000 + b"\\",
    ],
    ids=["backslashes", "quotes", "escaped quotes", "escaped quotes without an end", "and half an escape"],
)
def test_hostile_strings_cost_linear_time(raw: bytes) -> None:
    started = time.process_time()
    with suppress(NotStrictJson):
        read_object(raw, limit=LIMIT)
    assert time.process_time() - started < 2


simple = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), simple), st.booleans())
def test_what_json_writes_is_read_as_it_was(document: dict[str, object], escaped: bool) -> None:
    raw = json.dumps(document, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    try:
        assert read_object(raw, limit=LIMIT) == document
    except NotStrictJson as error:
        assert error.reason in {"lone-surrogate", "not-utf-8", "nul"}  # noqa: PT017  (member names of `simple` may have one)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:0123eE+-.\\u ndatrueflsN', max_size=60).map(str.encode))
def test_anything_else_is_read_like_json_does_or_refused(raw: bytes) -> None:
    try:
        read_object(raw, limit=LIMIT)
    except NotStrictJson:
        return
    assert isinstance(json.loads(raw.decode("utf-8")), dict)
