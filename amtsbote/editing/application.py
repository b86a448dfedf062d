"""The table of addresses of the editing API, and the token endpoint beside it."""

from typing import Final

from starlette.applications import Starlette
from starlette.routing import Mount, Route, Router

from amtsbote.admin.office import Office
from amtsbote.admin.turns import Turns
from amtsbote.daemon.composition import Daemon
from amtsbote.daemon.meter import Meter
from amtsbote.editing.apart import Apart
from amtsbote.editing.front import EditingFront, EditingView, for_editors
from amtsbote.editing.openapi import CSV, EDITING, EDITING_APIS, SIGNING_IN, XLSX
from amtsbote.editing.trials import coverage, what_if
from amtsbote.editing.uploading import LARGEST_UPLOAD, propose
from amtsbote.editing.views import doing, found, looking, proposed, table, telling
from transport.fitconnect.server import Admission, error_handlers, oauth
from transport.fitconnect.server.addresses import Address, Refuse
from transport.fitconnect.server.answers import problem_answer
from transport.fitconnect.server.describing import described
from transport.fitconnect.server.front import Patience
from transport.fitconnect.server.negotiation import JSON
from transport.fitconnect.server.openapi import Api
from transport.fitconnect.server.tokens import EDITORS, Tokens

Application = Starlette

_UPLOADS: Final = 2
"""Forms of the largest size that are in memory at once; beyond it 503 with Retry-After."""

Offered = tuple[tuple[str, str, EditingView], ...]
"""Method, path, endpoint."""

EDITING_API: Final[Offered] = (
    ("GET", "/v1/versions", for_editors(looking("routes.versions"))),
    ("GET", "/v1/tables", for_editors(looking("routes.list"))),
    ("GET", "/v1/tables/{table}", for_editors(table, JSON, CSV, XLSX)),
    ("GET", "/v1/defaults", for_editors(looking("routes.defaults"))),
    ("GET", "/v1/drafts", for_editors(looking("routes.drafts"))),
    ("POST", "/v1/drafts", for_editors(propose)),
    ("GET", "/v1/drafts/{draft}", for_editors(looking("routes.difference"))),
    ("GET", "/v1/drafts/{draft}/what-if", for_editors(what_if)),
    ("POST", "/v1/drafts/{draft}/release", for_editors(doing("routes.release"))),
    ("POST", "/v1/drafts/{draft}/discard", for_editors(doing("routes.discard"))),
    ("POST", "/v1/rollbacks", for_editors(telling("routes.rollback", proposed))),
    ("GET", "/v1/coverage", for_editors(coverage)),
    ("POST", "/v1/explain", for_editors(telling("route.explain", found))),
)
_AUTH: Final[Offered] = (("POST", "/token", oauth.token),)


def editing_application(front: EditingFront) -> Application:
    """What answers at `[admin] listen`."""
    new_id = front.office.new_id
    mounts = [
        Mount(f"/{api.mount}", _addresses(front, api, offered, refuse))
        for api, offered, refuse in ((EDITING, EDITING_API, problem_answer), (SIGNING_IN, _AUTH, oauth.refusal))
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
        url=daemon.settings.admin.address,
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


def _addresses(front: EditingFront, api: Api, offered: Offered, refuse: Refuse) -> Router:
    """These addresses, what describes them, and a problem at every other one."""
    new_id = front.office.new_id
    by_path: dict[str, dict[str, EditingView]] = {}
    for method, path, view in offered:
        by_path.setdefault(path, {})[method] = view
    routes = [Route(path, Address(views, front, new_id, refuse)) for path, views in by_path.items()]
    pages = described(api.mount, front.url, EDITING_APIS)
    routes += [Route(path, Address({"GET": page}, front, new_id)) for path, page in pages]
    nothing: Address[EditingFront] = Address({}, front, new_id)
    return Router(routes, redirect_slashes=False, default=nothing)
