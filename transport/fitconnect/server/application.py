"""The table of addresses. They are for ever: signed events and routes carry them (architecture, section 6)."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from amtsbote.errors.table import INTERNAL
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.message import MessageKind
from transport.fitconnect.assumptions import REPLY_DECISIONS
from transport.fitconnect.server import (
    cases,
    destinations,
    managing,
    messages,
    oauth,
    preflight,
    replies,
    routing,
    submissions,
)
from transport.fitconnect.server.addresses import Address, Refuse, View
from transport.fitconnect.server.answers import http_problem, problem_answer
from transport.fitconnect.server.describing import described
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.versions import Version

log = structlog.get_logger("transport.fitconnect")


def _both_kinds(path: str, kind: MessageKind) -> tuple[tuple[str, str, View], ...]:
    """What submissions and replies have in common."""
    one, attachment = f"{path}/{{message}}", f"{path}/{{message}}/attachments/{{attachment}}"
    return (
        ("GET", path, partial(messages.waiting, kind)),
        ("PUT", one, partial(messages.submit, kind)),
        ("GET", one, partial(messages.fetch, kind)),
        ("GET", f"{one}/events", partial(cases.read_message, kind)),
        ("PUT", attachment, partial(messages.attach, kind)),
        ("GET", attachment, partial(messages.fetch_attachment, kind)),
    )


_DESTINATION: Final = "/{version}/destinations/{destination}"


def _reading() -> tuple[tuple[str, str, View], ...]:
    """Everybody reads destinations and keys."""
    return (
        ("GET", "/{version}/info", destinations.info),
        ("GET", _DESTINATION, destinations.destination),
        ("GET", f"{_DESTINATION}/keys", destinations.keys),
        ("GET", f"{_DESTINATION}/keys/{{kid}}", destinations.key),
    )


def _managing() -> tuple[tuple[str, str, View], ...]:
    return (
        ("GET", "/{version}/destinations", managing.listed),
        ("PUT", _DESTINATION, managing.replace),
        ("PATCH", _DESTINATION, managing.change),
        ("DELETE", _DESTINATION, managing.remove),
        ("POST", f"{_DESTINATION}/keys", managing.add_key),
    )


def _only(version: Version, table: tuple[tuple[str, str, View], ...]) -> tuple[tuple[str, str, View], ...]:
    """Addresses that one version alone has."""
    return tuple((method, address.replace("{version}", version), view) for method, address, view in table)


SUBMISSION_API: Final[tuple[tuple[str, str, View], ...]] = (
    *_reading(),
    *_only("v1", _managing()),
    ("POST", "/{version}/submissions", submissions.create),
    *_both_kinds("/{version}/submissions", MessageKind.SUBMISSION),
    ("POST", "/{version}/replies", replies.create),
    *_both_kinds("/{version}/replies", MessageKind.REPLY),
    ("PUT", f"/{{version}}/replies/{{message}}/{REPLY_DECISIONS.value[0]}", replies.accept),
    ("PUT", f"/{{version}}/replies/{{message}}/{REPLY_DECISIONS.value[1]}", replies.reject),
    ("GET", "/{version}/cases", cases.listed),
    ("GET", "/{version}/cases/{case}", cases.shown),
    ("GET", "/{version}/cases/{case}/events", cases.read_case),
    ("POST", "/{version}/cases/{case}/events", cases.write),
)
DESTINATION_API: Final = _only("v2", (*_reading(), *_managing(), ("POST", "/{version}/destinations", managing.create)))
ROUTING_API: Final[tuple[tuple[str, str, View], ...]] = (
    ("GET", "/{version}/info", destinations.info),
    ("GET", "/{version}/routes", routing.routes),
    ("GET", "/{version}/areas", routing.areas),
    ("GET", "/{version}/snapshot", routing.snapshot),
)
PREFLIGHT_API: Final = _only(
    "v1",
    (
        ("GET", f"{_DESTINATION}/acceptance", preflight.acceptance),
        ("POST", "/{version}/check", preflight.check),
    ),
)
AUTH: Final[tuple[tuple[str, str, View], ...]] = (("POST", "/token", oauth.token),)


def application(front: Front, new_id: Callable[[], str]) -> Starlette:
    """The services of this installation, at `<public_url>/…`: those of FIT-Connect, and one of our own."""
    mounts = [
        _mount("/submission-api", SUBMISSION_API, KeyPurpose.EVENTS, front, new_id),
        _mount("/destination-api", DESTINATION_API, KeyPurpose.EVENTS, front, new_id),
        _mount("/routing-api", ROUTING_API, KeyPurpose.ADDRESSING, front, new_id),
        _mount("/preflight-api", PREFLIGHT_API, None, front, new_id),
        _mount("/auth", AUTH, KeyPurpose.ACCESS_TOKEN, front, new_id),
    ]
    built = Starlette(routes=mounts, exception_handlers=error_handlers(new_id))
    built.router.redirect_slashes = False  # a redirect would repeat the Host header of whoever asks
    return built


def error_handlers(new_id: Callable[[], str]) -> Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]]:
    """Of whatever Starlette stands before the addresses: what it refuses, or fails at, becomes a problem as well."""

    async def refused(request: Request, error: Exception) -> Response:
        return http_problem(request, error)

    async def failed(request: Request, error: Exception) -> Response:
        number = new_id()
        log.error("request.failed", number=number, method=request.method, exc_info=error)
        return problem_answer(request, INTERNAL(number=number))

    return {HTTPException: refused, Exception: failed}


def _mount(
    path: str,
    table: tuple[tuple[str, str, View], ...],
    purpose: KeyPurpose | None,
    front: Front,
    new_id: Callable[[], str],
) -> Mount:
    by_path: dict[str, dict[str, View]] = {}
    if purpose is not None:
        by_path["/.well-known/jwks.json"] = {"GET": partial(destinations.jwks, purpose)}
    for address, page in described(path.removeprefix("/"), front.published.public_url):
        by_path[address] = {"GET": page}
    for method, address, view in table:
        by_path.setdefault(address, {})[method] = view
    for address, views in by_path.items():
        general = by_path.get(re.sub(r"^/v\d+/", "/{version}/", address), {})
        by_path[address] = {**general, **views}
    ordered = sorted(by_path.items(), key=lambda entry: "{version}" in entry[0])  # what one version alone has, first
    routes = [Route(address, Address(views, front, new_id, _refusal(views))) for address, views in ordered]
    nothing = Address({}, front, new_id)
    return Mount(path, app=Router(routes, redirect_slashes=False, default=nothing))


def _refusal(views: Mapping[str, View]) -> Refuse:
    """The token endpoint has a form of its own."""
    return oauth.refusal if oauth.token in views.values() else problem_answer
