"""Each version of each service describes itself: `openapi.json`, and `docs` for people. Both are made once."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response

from transport.fitconnect.server.front import Reception
from transport.fitconnect.server.negotiation import JSON, gives
from transport.fitconnect.server.openapi import APIS, Api, document, page

_HTML = "text/html"
_NOTHING_FROM_ELSEWHERE = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


Page = Callable[[Reception, Request], Awaitable[Response]]


def described(mount: str, public_url: str, apis: Sequence[Api] = APIS) -> Iterator[tuple[str, Page]]:
    """GET /{v}/openapi.json and GET /{v}/docs of the service at `mount`; without a version where it has none. `apis`:
    all of the same listener."""
    for api in apis:
        for version in api.versions if api.mount == mount else ():
            written = document(api, version, public_url)
            below = "" if version is None else f"/{version}"
            yield f"{below}/openapi.json", _fixed(orjson.dumps(written), JSON)
            yield f"{below}/docs", _fixed(page(written, _pages(below, apis)).encode(), _HTML)


def _pages(below: str, apis: Sequence[Api]) -> Mapping[str, str]:
    """Title → address of every page, as seen from one that lies at `below` of its service."""
    up = "../" * (below.count("/") + 1)
    return {
        f"{api.title} {version}" if version else api.title: f"{up}{api.mount}/{f'{version}/' if version else ''}docs"
        for api in apis
        for version in api.versions
    }


def _fixed(body: bytes, media_type: str) -> Page:
    headers = {"Content-Security-Policy": _NOTHING_FROM_ELSEWHERE, "X-Content-Type-Options": "nosniff"}

    @gives(media_type)
    async def view(_: Reception, __: Request) -> Response:
        return Response(body, 200, headers, media_type=media_type)

    return view
