"""Forms with files (multipart/form-data, RFC 7578), as curl, browsers and HTTP libraries send them. Strict: what can be
read in two ways is refused, and nothing but the name of a part is taken from its head.
"""

import re
from collections.abc import Iterator
from typing import Final

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import MALFORMED_FORM, MEDIA_TYPE

FORM: Final = "multipart/form-data"
MOST_PARTS: Final = 20
_LONGEST_HEAD: Final = 2048
_TYPE: Final = re.compile(
    r"multipart/form-data\s*;\s*boundary=(?:\"([^\"]{1,70})\"|([^\s\";,]{1,70}))\s*", re.IGNORECASE | re.ASCII
)
_NAME: Final = re.compile(rb"content-disposition:\s*form-data\s*;\s*name=\"([a-z_]{1,40})\"\s*(?:;|$)", re.IGNORECASE)
_CODED: Final = re.compile(rb"content-transfer-encoding:\s*(?!binary|8bit|7bit)", re.IGNORECASE)


def boundary_of(content_type: str) -> bytes:
    """Raises `RequestRefused`."""
    found = _TYPE.fullmatch(content_type)
    if found is None:
        raise RequestRefused(MEDIA_TYPE(expected=FORM))
    return (found[1] or found[2]).encode("latin-1")


def read_form(boundary: bytes, body: bytes) -> dict[str, bytes]:
    """Name → content of every part. Raises `RequestRefused`."""
    parts: dict[str, bytes] = {}
    for head, content in _parts(b"--" + boundary, body):
        name = _name(head)
        if name in parts:
            raise _malformed("form-part-twice")
        if len(parts) == MOST_PARTS:
            raise _malformed("form-too-many-parts")
        parts[name] = content
    return parts


def _parts(delimiter: bytes, body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Head and content of each."""
    if not body.startswith(delimiter):
        raise _malformed("form-begin")
    place = len(delimiter)
    while body[place : place + 2] != b"--":
        if body[place : place + 2] != b"\r\n":
            raise _malformed("form-boundary")
        begin = place + 2
        head_end = body.find(b"\r\n\r\n", begin, begin + _LONGEST_HEAD)
        end = body.find(b"\r\n" + delimiter, head_end + 4)
        if head_end < 0 or end < 0:
            raise _malformed("form-part-open")
        yield body[begin:head_end], body[head_end + 4 : end]
        place = end + 2 + len(delimiter)
    if body[place + 2 :] not in {b"", b"\r\n"}:
        raise _malformed("form-rest")


def _name(head: bytes) -> str:
    lines = head.split(b"\r\n")
    names = [found[1] for line in lines if (found := _NAME.match(line))]
    if len(names) != 1 or any(_CODED.match(line) for line in lines):
        raise _malformed("form-part-head")
    return names[0].decode("ascii")


def _malformed(reason: str) -> RequestRefused:
    return RequestRefused(MALFORMED_FORM(reason=reason))
