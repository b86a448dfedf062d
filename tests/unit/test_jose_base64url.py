"""Base64url: one spelling per value."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amtsbote.jose import MalformedJose, base64url


@given(st.binary(max_size=200))
@settings(database=None)
def test_every_value_has_the_spelling_of_the_standard_library_without_padding(raw: bytes) -> None:
    text = base64url.encode(raw)

    assert text == base64.urlsafe_b64encode(raw).decode().rstrip("=")
    assert len(text) == base64url.encoded_length(len(raw))
    assert base64url.decode(text) == base64url.decode(text.encode()) == raw


@given(st.text("AQgw-_xyz019", max_size=12))
@settings(database=None, max_examples=400)
def test_what_can_be_decoded_is_encoded_to_the_same_characters(text: str) -> None:
    try:
        raw = base64url.decode(text)
    except MalformedJose:
        assert len(text) % 4 == 1 or base64url.encode(base64.urlsafe_b64decode(text + "==")) != text
    else:
        assert base64url.encode(raw) == text


@pytest.mark.parametrize(
    "text",
    [
        "QQ==",
        "QUE=",
        "QUFB=",
        "Q",
        "QUFBQ",
        "QR",
        "QUF",
        "QU\nFB",
        " QUFB",
        "QUFB\n",
        "+/8",
        "-/8A",
        "QU=B",
        "Ä",
        "QQ.",
        "\0QUE",
    ],
)
def test_padding_foreign_characters_and_unused_bits_are_refused(text: str) -> None:
    with pytest.raises(MalformedJose):
        base64url.decode(text)


def test_bytes_beyond_ascii_are_refused() -> None:
    with pytest.raises(MalformedJose, match="not base64url"):
        base64url.decode(b"QU\xffB")
