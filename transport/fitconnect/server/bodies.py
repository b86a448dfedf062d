"""Reading requests: bounded, strict, and never more than once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_core import PydanticCustomError
from starlette.requests import ClientDisconnect, Request

from amtsbote.api.persistence import Page
from amtsbote.errors import Problem, RequestRefused
from amtsbote.errors.table import INVALID_FIELD, LENGTH_REQUIRED, MALFORMED_BODY, MEDIA_TYPE, REQUEST_TIMEOUT, TOO_LARGE
from amtsbote.model.formats import is_uuid
from amtsbote.model.strictjson import NotStrictJson, read_object
from transport.fitconnect.server.front import Patience, Room

M = TypeVar("M", bound=BaseModel)

SMALL: Final = 256 * 1024
"""Up to here JSON is parsed on the event loop (well under a millisecond)."""
_DIGITS: Final = 20
SETS: Final = 500
"""Most entries of one page (dossier 2.2)."""
SMALL_BODY: Final = 64 * 1024
"""Bytes of a body that announces or decides."""


def _uuid(value: str) -> str:
    """The canonical form; pydantic knows which field it is in."""
    if not is_uuid(value):
        raise PydanticCustomError("format_uuid", "not a UUID")
    return value.lower()


Uuid = Annotated[str, Field(max_length=64), AfterValidator(_uuid)]


async def read_model(request: Request, model: type[M], limit: int, limits: Patience, room: Room | None = None) -> M:
    """A JSON object as `model`. Raises `RequestRefused`: 415, 413, 408, 400 with the field that is wrong."""
    content = await read_json(request, limit, limits, room)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise RequestRefused(_invalid(error)) from None


async def read_json(request: Request, limit: int, limits: Patience, room: Room | None = None) -> dict[str, Any]:
    """Any JSON object. Raises `RequestRefused`: 415, 413, 408, 400."""
    must_have_type(request, "application/json")
    body = await read_bytes(request, limit, limits, room)
    return await asyncio.to_thread(_object, body, limit) if len(body) > SMALL else _object(body, limit)


async def read_bytes(request: Request, limit: int, limits: Patience, room: Room | None = None) -> bytes:
    body = bytearray()  # a list of chunks would cost forty times as much when they are one byte each
    async for chunk in read_stream(request, limit, limits, room):
        body += chunk
    return bytes(body)


async def pass_over(request: Request, limit: int, limits: Patience) -> None:
    """A body nobody asked for; most often there is none."""
    async for _ in read_stream(request, limit, limits, needed=False):
        pass


async def read_stream(
    request: Request, limit: int, limits: Patience, room: Room | None = None, *, needed: bool = True
) -> AsyncIterator[bytes]:
    """The body in chunks, each of which takes its `room`. A sender that breaks off or falls silent has sent nothing.
    Without a length and without chunks there is no body at all."""
    if needed and not any(name in request.headers for name in ("content-length", "transfer-encoding")):
        raise RequestRefused(LENGTH_REQUIRED())
    if announced_size(request, limit) > limit:
        raise RequestRefused(too_large(limit))
    received = 0
    async for chunk in _in_time(request.stream(), limits):
        received += len(chunk)
        if received > limit:
            raise RequestRefused(too_large(limit))
        if room is not None:
            room.grow(len(chunk))
        yield chunk


async def _in_time(chunks: AsyncIterator[bytes], limits: Patience) -> AsyncIterator[bytes]:
    """Only waiting for the sender counts: a slow disk of ours is not its fault."""
    clock = asyncio.get_running_loop().time
    left = limits.patience
    while True:
        asked_at = clock()
        try:
            async with asyncio.timeout(min(limits.silence, left)):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise RequestRefused(REQUEST_TIMEOUT()) from None
        except ClientDisconnect:
            raise RequestRefused(MALFORMED_BODY(reason="connection closed")) from None
        if chunk is None:
            return
        left += len(chunk) / limits.pace - (clock() - asked_at)
        yield chunk


def announced_size(request: Request, otherwise: int) -> int:
    """Content-Length, or `otherwise` for a chunked body."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() and len(length) < _DIGITS else otherwise


def must_have_type(request: Request, expected: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != expected:
        raise RequestRefused(MEDIA_TYPE(expected=expected))


def too_large(limit: int) -> Problem:
    return TOO_LARGE(what="body", limit=limit)


def read_page(request: Request) -> Page:
    return Page(_number(request, "offset", 0, 0, 10**9), _number(request, "limit", 100, 1, SETS))


def uuid_of(value: str, field: str) -> str:
    """The canonical form of a UUID; raises `RequestRefused` when it is none."""
    if not is_uuid(value):
        raise RequestRefused(INVALID_FIELD(field=field, reason="format_uuid"))
    return value.lower()


def _object(body: bytes, limit: int) -> dict[str, Any]:
    try:
        return read_object(body, limit=limit)
    except NotStrictJson as error:
        raise RequestRefused(MALFORMED_BODY(reason=f"{error.reason} {error.place}".strip())) from None


def _invalid(error: ValidationError) -> Problem:
    """Names the field and the rule, never the value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(str(step) for step in first["loc"])
    return INVALID_FIELD(field=field, reason=first["type"])


def _number(request: Request, name: str, otherwise: int, least: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdecimal() or len(text) > 10 or not least <= int(text) <= most:
        raise RequestRefused(INVALID_FIELD(field=name, reason=f"{least}..{most}"))
    return int(text)
