"""Strict reading of JSON from strangers: what two parsers could understand differently is refused.

UTF-8 without a byte order mark, no duplicate member names (RFC 8259, section 4), no NaN or Infinity, no lone
surrogates, bounded depth, bounded numbers. Numbers with a fraction or an exponent become `Decimal`, so that
`multipleOf: 0.01` is exact.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from typing import Any, Final

from amtsbote.errors import AmtsboteError

MAX_DEPTH: Final = 64
MAX_NUMBER_LENGTH: Final = 1000
"""Characters of one number."""
MAX_MAGNITUDE: Final = 10_000
"""Largest power of ten of one number, and the smallest below zero."""

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "too-large": ("Das Dokument ist zu groß.", "The document is too large."),
    "not-utf-8": ("Das Dokument ist nicht in UTF-8 kodiert.", "The document is not encoded in UTF-8."),
    "syntax": ("Das Dokument ist kein JSON.", "The document is not JSON."),
    "too-deep": ("Das Dokument ist zu tief verschachtelt.", "The document is nested too deeply."),
    "duplicate-member": ("Ein Name kommt in einem Objekt zweimal vor.", "A name occurs twice in one object."),
    "not-a-number": ("NaN und Infinity sind keine JSON-Zahlen.", "NaN and Infinity are not JSON numbers."),
    "number-too-long": ("Eine Zahl ist zu lang.", "A number is too long."),
    "lone-surrogate": ("Ein Zeichen ist nur halb kodiert.", "A character is encoded by half."),
    "not-an-object": ("Das Dokument ist kein JSON-Objekt.", "The document is not a JSON object."),
}
"""Reason → German and English sentence."""

_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NOT_BRACKETS: Final = bytes(code for code in range(256) if code not in b"[]{}")
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class NotStrictJson(AmtsboteError):
    """`reason` is a stable English word, `place` the position as `line:column` or empty. Never a value."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason, place)
        self.reason = reason
        self.place = place
        self.de, self.en = SENTENCES[reason]


def read_object(raw: bytes, *, limit: int) -> dict[str, Any]:
    """The JSON object in `raw`, at most `limit` bytes. Raises `NotStrictJson`."""
    if len(raw) > limit:
        raise NotStrictJson("too-large")
    if _depth(raw) > MAX_DEPTH:
        raise NotStrictJson("too-deep")
    document = _parse(_text(raw))
    if not isinstance(document, dict):
        raise NotStrictJson("not-an-object")
    return document


def _text(raw: bytes) -> str:
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
