"""Answers: JSON, and `application/problem+json` (RFC 9457) for everything that goes wrong."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import REQUEST_PROBLEMS, Language, Problem, RequestRefused, StorageFailed, StorageFull
from amtsbote.errors.table import INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND, REQUEST_TIMEOUT, STORAGE_FULL, UNAUTHORISED
from transport.fitconnect.server.front import RETRY_AFTER

log = structlog.get_logger("transport.fitconnect")

Endpoint = Callable[[Request], Awaitable[Response]]


def concerns(**ids: str) -> None:
    """From here on every log line of this request names what it concerns: `submission`, `case`."""
    structlog.contextvars.bind_contextvars(**ids)


def answer(status: int, body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def problem_answer(request: Request, problem: Problem) -> Response:
    """German unless the client prefers English. `type`, `title`, `status`, `detail`, `instance` are always there."""
    language = preferred_language(request.headers.get("accept-language", ""))
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
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER)
    if problem.type is REQUEST_TIMEOUT:
        headers["Connection"] = "close"  # else the rest of the body would be waited for
    if problem.type is UNAUTHORISED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(body), status, headers, media_type="application/problem+json")


def guarded(endpoint: Endpoint, new_id: Callable[[], str]) -> Endpoint:
    """The one place where errors become answers. What nobody expected is logged under a number the client learns."""

    async def answering(request: Request) -> Response:
        structlog.contextvars.clear_contextvars()  # requests of one connection may share a context
        try:
            return await endpoint(request)
        except RequestRefused as refused:
            log.info("request.refused", code=refused.problem.type.code, method=request.method)
            return problem_answer(request, refused.problem)
        except StorageFailed as failed:
            log.error("request.not_stored", full=isinstance(failed, StorageFull))
            return problem_answer(request, STORAGE_FULL())
        except HTTPException as refused:
            return http_problem(request, refused)
        except Exception:
            number = new_id()
            log.exception("request.failed", number=number, method=request.method)
            return problem_answer(request, INTERNAL(number=number))

    return answering


def http_problem(request: Request, error: Exception) -> Response:
    """What the router itself refuses: no such address, or no such method there."""
    allowed = error.headers.get("Allow", "") if isinstance(error, HTTPException) and error.headers else ""
    if isinstance(error, HTTPException) and error.status_code == 405:
        answered = problem_answer(request, METHOD_NOT_ALLOWED(method=request.method, allowed=allowed))
        answered.headers["Allow"] = allowed
        return answered
    return problem_answer(request, NOT_FOUND())


def preferred_language(accepted: str) -> Language:
    """`en` when the first language named is English, else `de`."""
    return "en" if accepted.strip().lower().startswith("en") else "de"
