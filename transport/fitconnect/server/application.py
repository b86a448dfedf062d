"""The table of addresses. They are for ever: signed events and routes carry them (architecture, section 6)."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from amtsbote.model.directory import KeyPurpose
from transport.fitconnect.server import cases, destinations, oauth, routing, submissions
from transport.fitconnect.server.answers import guarded, http_problem
from transport.fitconnect.server.front import Front

View = Callable[[Front, Request], Awaitable[Response]]

SUBMISSION_API: Final[tuple[tuple[str, str, View], ...]] = (
    ("GET", "/{version}/info", destinations.info),
    ("GET", "/{version}/destinations/{destination}", destinations.destination),
    ("GET", "/{version}/destinations/{destination}/keys/{kid}", destinations.key),
    ("POST", "/{version}/submissions", submissions.create),
    ("GET", "/{version}/submissions", submissions.waiting),
    ("PUT", "/{version}/submissions/{message}", submissions.submit),
    ("GET", "/{version}/submissions/{message}", submissions.fetch),
    ("GET", "/{version}/submissions/{message}/events", cases.read_submission),
    ("PUT", "/{version}/submissions/{message}/attachments/{attachment}", submissions.attach),
    ("GET", "/{version}/submissions/{message}/attachments/{attachment}", submissions.fetch_attachment),
    ("GET", "/{version}/cases/{case}/events", cases.read_case),
    ("POST", "/{version}/cases/{case}/events", cases.write),
)
ROUTING_API: Final[tuple[tuple[str, str, View], ...]] = (
    ("GET", "/{version}/info", destinations.info),
    ("GET", "/{version}/routes", routing.routes),
)
AUTH: Final[tuple[tuple[str, str, View], ...]] = (("POST", "/token", oauth.token),)


def application(front: Front, new_id: Callable[[], str]) -> Starlette:
    """The FIT-Connect services of this installation, at `<public_url>/…`."""
    mounts = [
        _mount("/submission-api", SUBMISSION_API, KeyPurpose.EVENTS, front, new_id),
        _mount("/routing-api", ROUTING_API, KeyPurpose.ADDRESSING, front, new_id),
        _mount("/auth", AUTH, KeyPurpose.ACCESS_TOKEN, front, new_id),
    ]
    built = Starlette(routes=mounts, exception_handlers={HTTPException: refused_by_router})
    built.router.redirect_slashes = False  # a redirect would repeat the Host header of whoever asks
    return built


def _mount(
    path: str,
    table: tuple[tuple[str, str, View], ...],
    purpose: KeyPurpose,
    front: Front,
    new_id: Callable[[], str],
) -> Mount:
    async def keys(_: Request) -> Response:
        return destinations.jwks(front, purpose)

    by_path: dict[str, dict[str, View]] = {}
    for method, address, view in table:
        by_path.setdefault(address, {})[method] = view
    routes = [_route(address, views, front, new_id) for address, views in by_path.items()]
    jwks = Route("/.well-known/jwks.json", guarded(keys, new_id), methods=["GET"])
    return Mount(path, app=Router([jwks, *routes], redirect_slashes=False))


def _route(address: str, views: dict[str, View], front: Front, new_id: Callable[[], str]) -> Route:
    async def dispatch(request: Request) -> Response:
        view = views.get(request.method) or views["GET"]
        return await view(front, request)

    return Route(address, guarded(dispatch, new_id), methods=list(views))


async def refused_by_router(request: Request, error: Exception) -> Response:
    """Exception handler for `HTTPException` of whatever router stands before the application."""
    return http_problem(request, error)
