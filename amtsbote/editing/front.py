"""What the endpoints of the editing API work with, and what stands before each of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.admin.office import Office
from amtsbote.admin.people import EDITOR
from amtsbote.admin.turns import Turns
from amtsbote.editing.apart import Apart
from amtsbote.editing.refusals import as_request_refused
from amtsbote.errors import AmtsboteError, RequestRefused, StorageFailed
from transport.fitconnect.server.addresses import until_sent
from transport.fitconnect.server.callers import editor
from transport.fitconnect.server.front import Reception
from transport.fitconnect.server.negotiation import JSON, gives


@dataclass(frozen=True, slots=True)
class EditingFront(Reception):
    url: str
    """Where editors reach it."""
    office: Office
    turns: Turns
    files: Apart
    """For workbooks, which are soon done."""
    trials: Apart


Deed = Callable[[EditingFront, Request, str], Awaitable[Response]]
"""What an editor asks for; the text is the actor, as the audit names it."""
EditingView = Callable[[EditingFront, Request], Awaitable[Response]]


def for_editors(deed: Deed, *media_types: str) -> EditingView:
    """`deed` for whoever has an editor's token, as one of the requests this editor may have at a time: known before a
    byte of the body is read, until the answer is sent. What a command refuses becomes a problem."""

    @gives(*media_types or (JSON,))
    async def view(front: EditingFront, request: Request) -> Response:
        actor = f"{EDITOR}{editor(front, request).owner}"
        try:
            until_sent(request).enter_context(front.turns.of(actor))
            return await deed(front, request, actor)
        except (RequestRefused, StorageFailed):
            raise
        except AmtsboteError as error:
            raise as_request_refused(error) from error

    return view
