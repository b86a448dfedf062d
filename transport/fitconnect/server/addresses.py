"""One address and its methods: what is the same for every request before and after its endpoint.

Whoever asks is counted; what cannot be served becomes a problem; HEAD and OPTIONS are answered for every endpoint.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from typing import Final, Generic, TypeVar

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from amtsbote.errors import Problem, RequestRefused, StorageFailed, StorageFull
from amtsbote.errors.table import (
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    REPEATED_HEADER,
    STORAGE_FULL,
    STORAGE_UNAVAILABLE,
    TOO_MANY_REQUESTS,
)
from transport.fitconnect.server.answers import problem_answer
from transport.fitconnect.server.front import Front, Reception
from transport.fitconnect.server.negotiation import accepts, media_types_of
from transport.fitconnect.server.rates import Standing
from transport.fitconnect.server.versions import VERSIONS

log = structlog.get_logger("transport.fitconnect")

R = TypeVar("R", bound=Reception)

View = Callable[[Front, Request], Awaitable[Response]]
Refuse = Callable[[Request, Problem], Response]
_ONCE: Final = frozenset({b"authorization", b"content-length", b"content-type", b"host"})
"""Headers that decide what a request means; a list of them means nothing (RFC 9110, 5.3)."""


class Address(Generic[R]):
    """An ASGI application, so that every method comes here. Without views nothing is at this address."""

    def __init__(
        self,
        views: Mapping[str, Callable[[R, Request], Awaitable[Response]]],
        front: R,
        new_id: Callable[[], str],
        refuse: Refuse = problem_answer,
    ) -> None:
        self._views = dict(views)
        if "GET" in views:
            self._views["HEAD"] = views["GET"]
        self._front = front
        self._new_id = new_id
        self._refuse = refuse
        self._allowed = ", ".join([*self._views, "OPTIONS"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        structlog.contextvars.clear_contextvars()  # requests of one connection may share a context
        request = Request(scope, receive)
        with ExitStack() as request.state.until_sent:
            answered = await self._answered(request)
            standing: Standing | None = getattr(request.state, "standing", None)
            if standing is not None:
                answered.raw_headers += standing.headers()
            self._front.watch.answered(answered.status_code)
            if request.method == "HEAD":
                answered = _without_content(answered)
            await answered(scope, receive, _until_taken(send))

    async def _answered(self, request: Request) -> Response:
        """The one place where errors become answers. What nobody expected is logged under a number the client
        learns."""
        try:
            return await self._served(request)
        except RequestRefused as refused:
            log.info("request.refused", code=refused.problem.type.code, method=request.method)
            return self._problem(request, refused.problem)
        except StorageFailed as failed:
            full = isinstance(failed, StorageFull)
            log.error("request.not_stored", full=full)
            return self._problem(request, STORAGE_FULL() if full else STORAGE_UNAVAILABLE())
        except Exception:
            number = self._new_id()
            log.exception("request.failed", number=number, method=request.method)
            return self._problem(request, INTERNAL(number=number))

    async def _served(self, request: Request) -> Response:
        _count(self._front, request)
        _must_be_clear(request)
        if not self._views or request.path_params.get("version", "v1") not in VERSIONS:
            raise RequestRefused(NOT_FOUND())
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": self._allowed})
        view = self._views.get(request.method)
        if view is None:
            raise RequestRefused(METHOD_NOT_ALLOWED(method=request.method, allowed=self._allowed))
        given = media_types_of(view)
        if given and not any(accepts(request, one) for one in given):
            raise RequestRefused(NOT_ACCEPTABLE(given=given[0]))
        return await view(self._front, request)

    def _problem(self, request: Request, problem: Problem) -> Response:
        self._front.watch.refused(problem.type.code)
        return self._refuse(request, problem)


def until_sent(request: Request) -> ExitStack:
    """What is entered here ends when the peer has taken the answer, or is gone."""
    stack: ExitStack = request.state.until_sent
    return stack


def _until_taken(send: Send) -> Send:
    """The server keeps a content in memory until the peer takes it, and waits for that only before the next event: so
    the end of each content is an event of its own."""

    async def sending(event: Message) -> None:
        if event.get("body") and not event.get("more_body", False):
            await send({**event, "more_body": True})
            event = {"type": event["type"], "body": b"", "more_body": False}
        await send(event)

    return sending


def _count(front: Reception, request: Request) -> None:
    """Raises `RequestRefused` for one request too many. An address counts only where it is that of one caller."""
    rates, sources = front.gate.rates, front.gate.sources
    if not rates.limited:
        return
    client = front.tokens.recognised(request.headers.get("authorization"))
    if client is not None:
        standing = rates.clients.take(client)
    elif sources.trusts and (source := sources.of(request)).vouched:
        standing = rates.addresses.take(source.address)
    else:
        return
    request.state.standing = standing
    if standing is not None and standing.exceeded:
        raise RequestRefused(TOO_MANY_REQUESTS(limit=standing.limit, seconds=standing.reset))


def _must_be_clear(request: Request) -> None:
    named = [name for name, _ in request.scope["headers"] if name in _ONCE]
    if len(named) != len(set(named)):
        twice = next(name for name in named if named.count(name) > 1)
        raise RequestRefused(REPEATED_HEADER(name=twice.decode("ascii")))


def _without_content(answered: Response) -> Response:
    """The same head; a content that is long is not even read."""
    bare = Response(status_code=answered.status_code)
    bare.raw_headers = answered.raw_headers
    return bare
