"""Strict reading of JSON from strangers: what two parsers could understand differently is refused.

UTF-8 without a byte order mark, no duplicate member names (RFC 8259, section 4), no NaN or Infinity, no lone
surrogates, no NUL, bounded depth, bounded numbers and not too many of anything. Numbers with a fraction or an exponent
become `Decimal`, so that `multipleOf: 0.01` is exact.
"""

import json
import re
from codecs import BOM_UTF8
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from typing import Any, Final

from amtsbote.errors import AmtsboteError
from amtsbote.errors.reasons import JSON

MAX_DEPTH: Final = 64
MAX_MARKS: Final = 500_000
"""Quotation marks, commas and brackets: a value of three bytes may cost a hundred in memory."""
MAX_NUMBER_LENGTH: Final = 1000
"""Characters of one number."""
MAX_MAGNITUDE: Final = 10_000
"""Largest power of ten of one number, and the smallest below zero."""

_MARKS: Final = (b'"', b",", b"[", b"]", b"{", b"}")
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Also one that never ends, else every quotation mark in it would be tried as the beginning of another."""
_NOT_BRACKETS: Final = bytes(code for code in range(256) if code not in b"[]{}")
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""Where many programs see the end of a text; PostgreSQL does not even store it."""


class NotStrictJson(AmtsboteError):
    """`reason` is one of the words of `JSON`, `place` the position as `line:column` or empty. Never a value."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason, place)
        self.reason = reason
        self.place = place
        self.de, self.en = JSON[reason]


def read_object(raw: bytes, *, limit: int) -> dict[str, Any]:
    """The JSON object in `raw`, at most `limit` bytes. Raises `NotStrictJson`."""
    document = read_value(raw, limit=limit)
    if not isinstance(document, dict):
        raise NotStrictJson("not-an-object")
    return document


def read_value(raw: bytes, *, limit: int) -> object:
    """The JSON value in `raw`, at most `limit` bytes. Raises `NotStrictJson`."""
    if len(raw) > limit:
        raise NotStrictJson("too-large")
    if sum(map(raw.count, _MARKS)) > MAX_MARKS:
        raise NotStrictJson("too-many-values")
    if _depth(raw) > MAX_DEPTH:
        raise NotStrictJson("too-deep")
    return _parse(_text(raw))


def _text(raw: bytes) -> str:
    if raw.startswith(BOM_UTF8):
        raise NotStrictJson("byte-order-mark")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise NotStrictJson("not-utf-8") from None


def _depth(raw: bytes) -> int:
    """Deepest nesting, found before parsing, because the parser recurses."""
    brackets = _STRING.sub(b"", raw).translate(None, delete=_NOT_BRACKETS)
    return max(accumulate(_STEP[bracket] for bracket in brackets), default=0)


def _parse(text: str) -> object:
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_float=_decimal, parse_int=_integer, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        raise NotStrictJson("syntax", f"{error.lineno}:{error.colno}") from None
    if _SURROGATE.search(text):
        _refuse_lone_surrogates(document)
    if "\\u0000" in text and _NUL.search(text):
        raise NotStrictJson("nul")
    return document


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise NotStrictJson("duplicate-member")
    return found


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_LENGTH:
        raise NotStrictJson("number-too-long")
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_NUMBER_LENGTH:
        raise NotStrictJson("number-too-long")
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal can hold
        raise NotStrictJson("number-too-long") from None
    if abs(number.adjusted()) > MAX_MAGNITUDE:
        raise NotStrictJson("number-too-long")
    return number


def _no_constant(_name: str) -> float:
    raise NotStrictJson("not-a-number")


def _refuse_lone_surrogates(document: object) -> None:
    """Half a character cannot be written again: not to a log, not to an event, not to a file."""
    try:
        json.dumps(document, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise NotStrictJson("lone-surrogate") from None
