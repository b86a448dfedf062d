"""Protected headers: strict JSON objects (RFC 7515, section 4; RFC 7516, section 4)."""

import json
from typing import Any, Final

from amtsbote.jose import MalformedJose, base64url

HEADER_LIMIT: Final = 8 * 1024
"""Bytes of a decoded header."""
SEGMENT_LIMIT: Final = base64url.encoded_length(HEADER_LIMIT)
KEY_ID_LENGTH: Final = range(8, 65)
"""Characters of a `kid` (FIT-Connect routing API, schema `jwk`)."""
KEY_ID_FORM: Final = "8 to 64 visible ASCII characters"


def read_object(segment: bytes) -> dict[str, Any]:
    """Decode the first segment of a token. Raises `MalformedJose` unless it is one JSON object in UTF-8 without
    duplicate names, of at most 8 KiB."""
    if len(segment) > SEGMENT_LIMIT:
        raise MalformedJose("header is too long")
    raw = base64url.decode(segment)
    try:
        header = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except MalformedJose:
        raise
    except (ValueError, RecursionError):
        raise MalformedJose("header is not JSON") from None
    if not isinstance(header, dict):
        raise MalformedJose("header is not a JSON object")
    return header


def is_text(value: object, lengths: range) -> bool:
    """Whether a member is a string of printable ASCII of such a length: fit for a log line, a row and a header."""
    return isinstance(value, str) and len(value) in lengths and value.isascii() and value.isprintable()


def is_key_id(value: object) -> bool:
    return is_text(value, KEY_ID_LENGTH) and " " not in str(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJose("header names a member twice")
    return members


def _no_constant(_name: str) -> object:
    raise MalformedJose("header is not JSON")
