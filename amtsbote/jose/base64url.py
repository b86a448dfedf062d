"""Base64url without padding (RFC 7515, section 2), in its canonical form only."""

import binascii
from typing import Final

import pybase64

from amtsbote.jose import MalformedJose

ALTERNATIVES: Final = b"-_"
_FOREIGN: Final = (b"=", b"+", b"/")
"""The decoder would take these: padding and the standard alphabet."""


def encode(raw: bytes) -> str:
    return encode_bytes(raw).decode("ascii")


def encode_bytes(raw: bytes) -> bytes:
    """As `encode`, ready for a wire."""
    return pybase64.b64encode(raw, altchars=ALTERNATIVES).rstrip(b"=")


def decode(text: str | bytes) -> bytes:
    """Refuses padding, foreign characters and unused bits that are not zero, so that every value has exactly one
    spelling. Raises `MalformedJose`."""
    characters = _ascii(text)
    surplus = len(characters) % 4
    if surplus == 1 or any(foreign in characters for foreign in _FOREIGN):
        raise MalformedJose("not base64url")
    try:
        raw = pybase64.b64decode(characters + b"=" * (-len(characters) % 4), altchars=ALTERNATIVES, validate=True)
    except binascii.Error:
        raise MalformedJose("not base64url") from None
    if surplus and encode_bytes(raw[1 - surplus :]) != characters[-surplus:]:
        raise MalformedJose("base64url is not canonical")
    return raw


def encoded_length(size: int) -> int:
    """Characters that `size` bytes take."""
    return -(-size * 4 // 3)


def _ascii(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("ascii")
    except UnicodeEncodeError:
        raise MalformedJose("not base64url") from None
