"""The endpoints: each asks one command of the admin socket, with what stands in the address, the query or the body."""

import asyncio
from base64 import b64decode
from collections.abc import Mapping
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from amtsbote.admin.asking import Answer
from amtsbote.admin.commands import run_command
from amtsbote.editing.forms import boundary_of, read_form
from amtsbote.editing.front import Deed, EditingFront
from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD
from routing.layout import MAX_TABLE_BYTES
from transport.fitconnect.server.bodies import SMALL_BODY, pass_over, read_bytes, read_json
from transport.fitconnect.server.negotiation import JSON, accepts

CSV: Final = "text/csv"
LARGEST_UPLOAD: Final = 2 * MAX_TABLE_BYTES + SMALL_BODY
"""Bytes of the form of a proposal: two of the largest tables."""
WORDS: Final = ("reason", "effective", "base")
"""Parts of that form that are no tables."""


def looking(command: str) -> Deed:
    """A command that changes nothing, asked with the query and the ids of the address."""

    async def look(front: EditingFront, request: Request, actor: str) -> Response:
        wish = {**query_of(request), **request.path_params}
        return said(200, await run_command(front.office, actor, command, wish))

    return look


def doing(command: str) -> Deed:
    """A command about what the address names; a body is passed over."""

    async def do(front: EditingFront, request: Request, actor: str) -> Response:
        await pass_over(request, SMALL_BODY, front.limits)
        return said(200, await run_command(front.office, actor, command, dict(request.path_params)))

    return do


def telling(command: str, status: int) -> Deed:
    """A command with its arguments in a JSON object."""

    async def tell(front: EditingFront, request: Request, actor: str) -> Response:
        wish = await read_json(request, SMALL_BODY, front.limits)
        return said(status, await run_command(front.office, actor, command, wish))

    return tell


async def table(front: EditingFront, request: Request, actor: str) -> Response:
    """GET /v1/tables/{id}?version&containing&offset&limit: rows as JSON, or the whole table as CSV."""
    wish = {**query_of(request), **request.path_params}
    if accepts(request, JSON):
        return said(200, await run_command(front.office, actor, "routes.show", wish))
    found = await run_command(front.office, actor, "routes.content", wish)
    return Response(b64decode(found["content"]), 200, _UNSTORED, CSV)


async def propose(front: EditingFront, request: Request, actor: str) -> Response:
    """POST /v1/drafts, a form: `reason`, `effective`, `base`, and each table as a part that has its name."""
    boundary = boundary_of(request.headers.get("content-type", ""))
    with front.admission.room(LARGEST_UPLOAD) as room:
        body = await read_bytes(request, LARGEST_UPLOAD, front.limits, room)
        parts = await asyncio.to_thread(read_form, boundary, body)
        del body
        wish = {**_words(parts), "tables": parts}
        done = await run_command(front.office, actor, "routes.propose", wish)
    return said(201 if done.get("made", True) else 200, done)


def _words(parts: dict[str, bytes]) -> Mapping[str, str]:
    """Takes what is no table out of the parts of a form."""
    words = {name: parts.pop(name) for name in WORDS if name in parts}
    try:
        return {name: value.decode("utf-8") for name, value in words.items() if value}
    except UnicodeDecodeError:
        raise RequestRefused(INVALID_FIELD(field=", ".join(words), reason="not-utf-8")) from None


def query_of(request: Request) -> dict[str, str]:
    """Each parameter once. Raises `RequestRefused`."""
    asked = request.query_params
    twice = next((name for name in asked if len(asked.getlist(name)) > 1), None)
    if twice is not None:
        raise RequestRefused(INVALID_FIELD(field=repr(twice[:50]), reason="unique"))
    return dict(asked)


def said(status: int, done: Answer) -> Response:
    return Response(orjson.dumps(done), status, _UNSTORED, JSON)


_UNSTORED: Final = {"Cache-Control": "no-store"}
