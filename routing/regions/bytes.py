"""Bytes of a file become text, or it is said why not. A wrong character set is never read as if it were right."""

import codecs
import re
from typing import Final

from routing import faults
from routing.faults import Fault
from routing.regions import refusing
from routing.regions.refusing import refused

MAX_BYTES: Final = 64 * 1024 * 1024
_AROUND: Final = 40
_BORDER: Final = re.compile(rb"[;,\t\r\n\"]|  +")


def text_of(data: bytes, file: str, not_utf8: Fault = faults.NOT_UTF8) -> str:
    """Decode UTF-8, with or without byte order mark; `not_utf8` is what is said of other bytes. Raises
    `RegionsRefused`."""
    if len(data) > MAX_BYTES:
        raise refused(refusing.TOO_LARGE, file, other=MAX_BYTES)
    if not data.strip():
        raise refused(refusing.EMPTY, file)
    if data.startswith(b"PK\x03\x04"):
        raise refused(refusing.WORKBOOK, file)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or 0 in data[:2]:
        raise refused(faults.UTF16, file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        line = data.count(b"\n", 0, at) + 1
        raise refused(not_utf8, file, line, value=_as_latin_1(data, at)) from None


def _as_latin_1(data: bytes, at: int) -> str:
    """The word around a byte as the other character set in use would have it."""
    before = _BORDER.split(data[max(0, at - _AROUND) : at])[-1]
    after = _BORDER.split(data[at : at + _AROUND], maxsplit=1)[0]
    return (before + after).decode("cp1252", "replace").strip()
