"""Forms with files (multipart/form-data, RFC 7578), as curl, browsers and HTTP libraries send them. Strict: nothing may
stand before or behind the parts, no part comes twice, and nothing but its name is taken from its head.
"""

import re
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import MALFORMED_FORM, MEDIA_TYPE

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FORM: Final = "multipart/form-data"
MOST_PARTS: Final = 20
_MOST_LINES: Final = 8
_LONGEST_LINE: Final = 2048
"""Lines of a part's head, and bytes of one."""
_BOUNDARY: Final = re.compile(rb"[!-~](?:[ -~]{0,68}[!-~])?", re.ASCII)
_NAME: Final = re.compile(rb"[a-z_]{1,40}")
_PLAIN: Final = frozenset({b"7bit", b"8bit", b"binary"})


def boundary_of(content_type: str) -> bytes:
    """Raises `RequestRefused`."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != FORM.encode() or _BOUNDARY.fullmatch(boundary) is None:
        raise RequestRefused(MEDIA_TYPE(expected=FORM))
    return boundary


def read_form(boundary: bytes, body: bytes) -> dict[str, bytes]:
    """Name → content of every part. Raises `RequestRefused`."""
    end = b"--" + boundary + b"--"
    if not body.startswith(end[:-2]) or not body.endswith((end, end + b"\r\n")):
        raise _malformed("form-frame")
    reading = _Reading()
    parser = MultipartParser(boundary, reading.callbacks(), max_header_count=_MOST_LINES, max_header_size=_LONGEST_LINE)
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise _malformed("form-part") from None
    if not reading.ended:
        raise _malformed("form-part")
    return reading.parts


class _Reading:
    """What has been read of a form."""

    def __init__(self) -> None:
        self.parts: dict[str, bytes] = {}
        self.ended = False
        self._head: list[tuple[bytearray, bytearray]] = []
        self._content = bytearray()

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_begin": lambda: self._head.append((bytearray(), bytearray())),
            "on_header_field": lambda data, start, end: self._head[-1][0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._head[-1][1].extend(data[start:end]),
            "on_part_data": lambda data, start, end: self._content.extend(memoryview(data)[start:end]),
            "on_part_end": self._end,
            "on_end": self._over,
        }

    def _begin(self) -> None:
        self._head, self._content = [], bytearray()
        if len(self.parts) == MOST_PARTS:
            raise _malformed("form-too-many-parts")

    def _end(self) -> None:
        name = _name([(bytes(field).lower(), bytes(value)) for field, value in self._head])
        if name in self.parts:
            raise _malformed("form-part-twice")
        self.parts[name] = bytes(self._content)

    def _over(self) -> None:
        self.ended = True


def _name(head: list[tuple[bytes, bytes]]) -> str:
    names = [value for field, value in head if field == b"content-disposition"]
    coded = any(field == b"content-transfer-encoding" and value.strip().lower() not in _PLAIN for field, value in head)
    kind, options = parse_options_header(names[0]) if len(names) == 1 else (b"", {})
    name = options.get(b"name", b"")
    if kind != b"form-data" or coded or _NAME.fullmatch(name) is None:
        raise _malformed("form-part-head")
    return name.decode("ascii")


def _malformed(reason: str) -> RequestRefused:
    return RequestRefused(MALFORMED_FORM(reason=reason))
