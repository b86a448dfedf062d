"""Untrusted bytes → a JSON value, or the reason why not; and what it says at a place."""

from amtsbote.model.strictjson import NotStrictJson, read_value
from schemas.reading import Unreadable


def read_payload(document: bytes) -> object:
    """Raises `Unreadable`."""
    if not document.strip():
        raise Unreadable("JSON-EMPTY")
    try:
        return read_value(document, limit=len(document))
    except NotStrictJson as refused:
        line = refused.place.partition(":")[0]
        raise Unreadable(f"JSON-{refused.reason.upper()}", int(line or 0)) from None


def text_at(document: object, pointer: str) -> str | None:
    """The text, whole number or truth value that a JSON Pointer (RFC 6901) points at, as text."""
    value = _at(document, pointer)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _at(document: object, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document
