"""Answers: JSON, and `application/problem+json` (RFC 9457) for everything that goes wrong."""

from typing import Any

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import REQUEST_PROBLEMS, Problem
from amtsbote.errors.table import (
    EDITING_BUSY,
    INSUFFICIENT_SCOPE,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    REQUEST_TIMEOUT,
    TOO_MANY_REQUESTS,
    UNAUTHORISED,
)
from transport.fitconnect.server.front import RETRY_AFTER
from transport.fitconnect.server.negotiation import language_of


def concerns(**ids: str) -> None:
    """From here on every log line of this request names what it concerns: `submission`, `case`."""
    structlog.contextvars.bind_contextvars(**ids)


def answer(status: int, body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def problem_answer(request: Request, problem: Problem) -> Response:
    """In the language the client prefers. `type`, `title`, `status`, `detail`, `instance` are always there."""
    language = language_of(request)
    status = problem.type.status or 500
    body = {
        **problem.extensions,
        "type": REQUEST_PROBLEMS + problem.type.wire,
        "title": problem.title(language),
        "status": status,
        "detail": problem.detail(language),
        "instance": request.scope["path"],
        "code": problem.type.code,
    }
    headers = {"Cache-Control": "no-store", "Content-Language": language}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER)
    if problem.type in {TOO_MANY_REQUESTS, EDITING_BUSY}:
        headers["Retry-After"] = problem.values["seconds"]
    if problem.type is METHOD_NOT_ALLOWED:
        headers["Allow"] = problem.values["allowed"]
    if problem.type is REQUEST_TIMEOUT:
        headers["Connection"] = "close"  # else the rest of the body would be waited for
    if problem.type is UNAUTHORISED:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.type is INSUFFICIENT_SCOPE:
        headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{problem.values["scope"]}"'
    return Response(orjson.dumps(body), status, headers, media_type="application/problem+json")


def http_problem(request: Request, error: Exception) -> Response:
    """What the router itself refuses: no such address, or no such method there."""
    allowed = error.headers.get("Allow", "") if isinstance(error, HTTPException) and error.headers else ""
    if isinstance(error, HTTPException) and error.status_code == 405:
        return problem_answer(request, METHOD_NOT_ALLOWED(method=request.method, allowed=allowed))
    return problem_answer(request, NOT_FOUND())
