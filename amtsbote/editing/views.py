"""The endpoints: each asks one command of the admin socket, with what stands in the address, the query or the body."""

import asyncio
from base64 import b64decode
from collections.abc import Callable
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from amtsbote.admin.asking import Answer
from amtsbote.admin.commands import run_command
from amtsbote.editing.front import Deed, EditingFront
from amtsbote.editing.openapi import CSV, XLSX
from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD
from transport.fitconnect.server.bodies import SMALL_BODY, pass_over, read_json
from transport.fitconnect.server.negotiation import JSON, accepts


def looking(command: str) -> Deed:
    """A command that changes nothing, asked with the query and the ids of the address."""

    async def look(front: EditingFront, request: Request, actor: str) -> Response:
        wish = {**query_of(request), **named(request)}
        return said(200, await run_command(front.office, actor, command, wish))

    return look


def doing(command: str) -> Deed:
    """A command about what the address names; a body is passed over."""

    async def do(front: EditingFront, request: Request, actor: str) -> Response:
        await pass_over(request, SMALL_BODY, front.limits)
        return said(200, await run_command(front.office, actor, command, named(request)))

    return do


def telling(command: str, answering: Callable[[Answer], Response]) -> Deed:
    """A command with its arguments in a JSON object."""

    async def tell(front: EditingFront, request: Request, actor: str) -> Response:
        wish = await read_json(request, SMALL_BODY, front.limits)
        return answering(await run_command(front.office, actor, command, wish))

    return tell


async def table(front: EditingFront, request: Request, actor: str) -> Response:
    """GET /v1/tables/{table}?version&containing&offset&limit: rows as JSON, or the whole table as CSV or XLSX."""
    wish = {**query_of(request), **named(request)}
    if accepts(request, JSON):
        return said(200, await run_command(front.office, actor, "routes.show", wish))
    whole = await run_command(front.office, actor, "routes.content", wish)
    if accepts(request, CSV):
        return Response(await asyncio.to_thread(b64decode, whole["content"]), 200, _UNSTORED, CSV)
    async with front.files.at("sheet") as errand:
        made = await errand.ask({"name": wish["id"], "content": whole["content"]})
    return Response(await asyncio.to_thread(b64decode, made["content"]), 200, _UNSTORED, XLSX)


def named(request: Request) -> dict[str, str]:
    """What the address names, under the name every command has for it."""
    values = request.path_params.values()
    return dict(zip(("id",), values, strict=False))


def query_of(request: Request) -> dict[str, str]:
    """Each parameter once. Raises `RequestRefused`."""
    asked = request.query_params
    twice = next((name for name in asked if len(asked.getlist(name)) > 1), None)
    if twice is not None:
        raise RequestRefused(INVALID_FIELD(field=repr(twice[:50]), reason="unique"))
    return dict(asked)


def said(status: int, done: Answer) -> Response:
    return Response(orjson.dumps(done), status, _UNSTORED, JSON)


def found(done: Answer) -> Response:
    return said(200, done)


def proposed(done: Answer) -> Response:
    """The same proposal twice is one change set: the second time nothing is made."""
    return said(201 if done.get("made", True) else 200, done)


_UNSTORED: Final = {"Cache-Control": "no-store"}
