"""Routing API 2.0.0, without authentication: which destination is responsible (dossier 2.6)."""

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD, REGION_KEY
from transport.fitconnect.server.answers import answer
from transport.fitconnect.server.bodies import read_page
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.versions import version_of

LEIKA: Final = re.compile(r"99\d{12}", re.ASCII)
KEYS: Final = {
    "ars": re.compile(r"\d{2}|\d{3}|\d{5}|\d{9}|\d{12}", re.ASCII),
    "ags": re.compile(r"\d{2}|\d{3}|\d{5}|\d{8}", re.ASCII),
    "areaId": re.compile(r"\d{1,12}", re.ASCII),
}
"""Exactly one of these must be given. Our area ids are the ARS."""


async def routes(front: Front, request: Request) -> Response:
    """GET /{v}/routes?leikaKey&(ars|ags|areaId). No hit is 200 with an empty list."""
    version_of(request)
    service = request.query_params.get("leikaKey", "")
    if LEIKA.fullmatch(service) is None:
        raise RequestRefused(INVALID_FIELD(field="leikaKey", reason="^99\\d{12}$"))
    kind, region = _region(request)
    page = read_page(request)
    found = await _found(front, service, kind, region)
    shown = found[page.offset : page.offset + page.limit]
    body = {"count": len(shown), "offset": page.offset, "totalCount": len(found), "routes": shown}
    return answer(200, body)


async def _found(front: Front, service: str, kind: str, region: str) -> list[dict[str, Any]]:
    if kind == "ags":
        return await front.published.by_ags(service, region)
    route = await front.published.route(service, ars=region)
    return [] if route is None else [route]


def _region(request: Request) -> tuple[str, str]:
    given = [(kind, request.query_params[kind]) for kind in KEYS if kind in request.query_params]
    if len(given) != 1:
        raise RequestRefused(REGION_KEY())
    kind, value = given[0]
    if KEYS[kind].fullmatch(value) is None:
        raise RequestRefused(INVALID_FIELD(field=kind, reason=KEYS[kind].pattern))
    return kind, value
