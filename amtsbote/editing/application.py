"""The table of addresses of the editing API, and the token endpoint beside it."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Mount, Route, Router

from amtsbote.admin.office import Office
from amtsbote.admin.turns import Turns
from amtsbote.daemon.composition import Daemon
from amtsbote.daemon.meter import Meter
from amtsbote.editing.apart import Apart
from amtsbote.editing.front import EditingFront, EditingView, for_editors
from amtsbote.editing.trials import coverage, what_if
from amtsbote.editing.uploading import LARGEST_UPLOAD, propose
from amtsbote.editing.views import CSV, XLSX, doing, looking, table, telling
from transport.fitconnect.server import Admission, error_handlers, oauth
from transport.fitconnect.server.addresses import Address
from transport.fitconnect.server.answers import problem_answer
from transport.fitconnect.server.front import Patience
from transport.fitconnect.server.negotiation import JSON
from transport.fitconnect.server.tokens import EDITORS, Tokens

Application = Starlette

MOUNT: Final = "/editing-api"
_UPLOADS: Final = 2
"""Forms of the largest size that are in memory at once; beyond it 503 with Retry-After."""

EDITING_API: Final[tuple[tuple[str, str, EditingView], ...]] = (
    ("GET", "/v1/versions", for_editors(looking("routes.versions"))),
    ("GET", "/v1/tables", for_editors(looking("routes.list"))),
    ("GET", "/v1/tables/{id}", for_editors(table, JSON, CSV, XLSX)),
    ("GET", "/v1/defaults", for_editors(looking("routes.defaults"))),
    ("GET", "/v1/drafts", for_editors(looking("routes.drafts"))),
    ("POST", "/v1/drafts", for_editors(propose)),
    ("GET", "/v1/drafts/{id}", for_editors(looking("routes.difference"))),
    ("GET", "/v1/drafts/{id}/what-if", for_editors(what_if)),
    ("POST", "/v1/drafts/{id}/release", for_editors(doing("routes.release"))),
    ("POST", "/v1/drafts/{id}/discard", for_editors(doing("routes.discard"))),
    ("POST", "/v1/rollbacks", for_editors(telling("routes.rollback", 201))),
    ("GET", "/v1/coverage", for_editors(coverage)),
    ("POST", "/v1/explain", for_editors(telling("route.explain", 200))),
)


def editing_application(front: EditingFront) -> Application:
    """What answers at `[admin] listen`."""
    new_id = front.office.new_id
    token = Address({"POST": oauth.token}, front, new_id, oauth.refusal)
    mounts = [
        Mount("/auth", _only({"/token": token}, front, new_id)),
        Mount(MOUNT, _only(_addresses(front, new_id), front, new_id)),
    ]
    built = Starlette(routes=mounts, exception_handlers=error_handlers(new_id))
    built.router.redirect_slashes = False
    return built


def editing_front(daemon: Daemon, office: Office, turns: Turns) -> EditingFront:
    """The gate is that of the public listener, so that a client is counted once. The tokens are of this one alone.
    `turns`: shared with the admin socket of this process."""
    base, directory = daemon.foundation, daemon.foundation.present.directory
    issuer = f"{daemon.settings.admin.address}/auth"
    return EditingFront(
        tokens=Tokens(directory, base.keys.sign, base.world.clock, base.world.new_id, issuer, EDITORS),
        directory=directory,
        limits=Patience(),
        admission=Admission(_UPLOADS * LARGEST_UPLOAD),
        gate=daemon.gate,
        watch=_Watch(base.meter),
        office=office,
        turns=turns,
        files=Apart(),
        trials=Apart(),
    )


class _Watch:
    """Answers are counted apart; refusals and tokens by their code, whichever listener they are of."""

    def __init__(self, meter: Meter) -> None:
        self.answered = meter.answered_editor
        self.refused = meter.refused
        self.token = meter.token


def _addresses(front: EditingFront, new_id: Callable[[], str]) -> Mapping[str, Address[EditingFront]]:
    by_path: dict[str, dict[str, EditingView]] = {}
    for method, path, view in EDITING_API:
        by_path.setdefault(path, {})[method] = view
    return {path: Address(views, front, new_id, problem_answer) for path, views in by_path.items()}


def _only(addresses: Mapping[str, Address[EditingFront]], front: EditingFront, new_id: Callable[[], str]) -> Router:
    """These addresses, and a problem at every other one."""
    nothing: Address[EditingFront] = Address({}, front, new_id)
    routes = [Route(path, address) for path, address in addresses.items()]
    return Router(routes, redirect_slashes=False, default=nothing)
