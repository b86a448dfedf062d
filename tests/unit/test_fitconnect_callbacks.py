"""The authentication of callbacks, against the published examples and against what openssl made of our own."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transport.fitconnect.callbacks import signature, signed_headers

CLIENT = "FITKO's examples of callbacks"
AT = datetime(2026, 1, 1, tzinfo=UTC)
OWN = (
    (
        "geheim",
        "1767225600",
        b"",
        (
            "a5d8633b8365bb5b48731e9caf4c0f5b77fb1f18da7982a121f544468f071ad2"
            "eed2f28e6de468e3f1409f51929b3e12aa627e0e851d104425bef66398c23b0d"
        ),
    ),
    (
        "pässwort-mit-ü",
        "1767225600",
        '{"type":"x","caseIds":["ä"]}'.encode(),
        (
            "576a122a32945edbac5ec8cba215873def0da35f1b7390092bff5dbf15200965"
            "4037a863253f9b306cf2725a8439d20b648f7b132c25e703cf532c0b2e63ca53"
        ),
    ),
    (
        "k" * 200,  # longer than a block of SHA-512
        "1577833200",
        bytes(range(256)),
        (
            "113c29a26887880bcb5939fd09523e99f17ba6c822cfd974ca20c34141e1b3d0"
            "84cf15f422508cbef735edf0f29023e546b5b1895e390bc26662c91fdfe2b08e"
        ),
    ),
)
"""Secret, timestamp, body, and `openssl dgst -sha512 -mac HMAC` over timestamp, full stop and body."""


def test_the_published_examples_are_signed_alike() -> None:
    published = json.loads((Path(__file__).parents[1] / "vectors" / "callbacks.json").read_text("utf-8"))

    assert len(published["vectors"]) == 2
    for vector in published["vectors"]:
        signed = signature(published["secret"], vector["timestamp"], vector["body"].encode())
        assert signed == vector["hmac"]


@pytest.mark.parametrize(("secret", "timestamp", "body", "signed"), OWN)
def test_our_own_examples_are_signed_as_openssl_does(secret: str, timestamp: str, body: bytes, signed: str) -> None:
    assert signature(secret, timestamp, body) == signed


@given(st.text(min_size=1, max_size=300).filter(lambda text: text.isprintable()), st.binary(max_size=2000))
def test_a_receiver_recomputes_it_from_the_header_and_the_raw_bytes(secret: str, body: bytes) -> None:
    headers = signed_headers(secret, body, AT)

    message = headers["callback-timestamp"].encode() + b"." + body
    assert headers["callback-authentication"] == hmac.new(secret.encode(), message, hashlib.sha512).hexdigest()


def test_the_timestamp_is_in_whole_seconds_whatever_the_clock_says() -> None:
    berlin = AT.astimezone(timezone(timedelta(hours=1))) + timedelta(microseconds=999_999)

    assert signed_headers("s", b"", berlin)["callback-timestamp"] == "1767225600"
    assert signed_headers("s", b"", AT)["callback-timestamp"] == "1767225600"


def test_another_second_is_another_signature() -> None:
    first, second = signed_headers("s", b"{}", AT), signed_headers("s", b"{}", AT + timedelta(seconds=1))

    assert first["callback-authentication"] != second["callback-authentication"]
