"""Routing API 2.0.0, without authentication: which destination is responsible, and which areas there are (dossier 2.6).

Where the published description contradicts itself: docs/decisions/0031.
"""

import re
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from amtsbote.api.persistence import Page
from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD, NOT_FOUND, REGION_KEY
from transport.fitconnect.assumptions import AREA_TERM
from transport.fitconnect.server.answers import answer
from transport.fitconnect.server.bodies import read_page
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.negotiation import JSON, accepts, gives, knows, takes_gzip
from transport.fitconnect.server.versions import version_of

T = TypeVar("T")

LEIKA: Final = re.compile(r"99\d{12}", re.ASCII)
KEYS: Final = {
    "ars": re.compile(r"\d{2}|\d{3}|\d{5}|\d{9}|\d{12}", re.ASCII),
    "ags": re.compile(r"\d{2}|\d{3}|\d{5}|\d{8}", re.ASCII),
    "areaId": re.compile(r"\d{1,12}", re.ASCII),
}
"""Exactly one of these must be given. Our area ids are the ARS."""
EXPRESSION: Final = "areaSearchexpression"
MOST_TERMS: Final = 10
TERM: Final = re.compile(r"\**[^*]{2,}(\*+[^*]{2,})*\**")
"""As the published pattern has it, but nothing in it can be read in two ways: at least two characters beside each
wildcard."""
_CACHED: Final = 60
"""Seconds a snapshot may be used without asking again."""
_PIECE: Final = 64 * 1024
PROBLEM_JSON: Final = "application/problem+json"
"""What the published description says areas are written in."""


async def routes(front: Front, request: Request) -> Response:
    """GET /{v}/routes?leikaKey&(ars|ags|areaId). No hit is 200 with an empty list."""
    version_of(request)
    service = _only(request, "leikaKey") or ""
    if LEIKA.fullmatch(service) is None:
        raise RequestRefused(INVALID_FIELD(field="leikaKey", reason="^99\\d{12}$"))
    kind, region = _region(request)
    page, published = read_page(request), front.published
    found = await (published.by_ags if kind == "ags" else published.by_ars)(service, region)
    return answer(200, {**_counted(page, found), "routes": _shown(page, found)})


@gives(JSON, PROBLEM_JSON)
async def areas(front: Front, request: Request) -> Response:
    """GET /{v}/areas?areaSearchexpression=…, 1 to 10 times; all terms must fit. No hit is 200 with an empty list."""
    version_of(request)
    terms, page = _terms(request), read_page(request)
    found = await front.published.areas(terms)
    shown = [{"id": one.id, "name": one.name, "type": one.type} for one in _shown(page, found)]
    body = {**_counted(page, found), "areas": shown}
    media_type = JSON if accepts(request, JSON) else PROBLEM_JSON
    return Response(orjson.dumps(body), 200, media_type=media_type)


async def snapshot(front: Front, request: Request) -> Response:
    """GET /{v}/snapshot: the tables in force as one signed file, where the operator publishes them."""
    version_of(request)
    tables = await front.published.tables()
    if tables is None:
        raise RequestRefused(NOT_FOUND())
    tag = f'W/"{tables.version}-{tables.digest}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={_CACHED}", "Vary": "Accept-Encoding"}
    if knows(request, tag):
        return Response(status_code=304, headers=headers)
    if takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        return StreamingResponse(_in_pieces(tables.compressed), 200, headers, JSON)
    return StreamingResponse(_inflated(tables.compressed), 200, headers, JSON)


async def _in_pieces(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), _PIECE):
        yield content[at : at + _PIECE]


def _inflated(compressed: bytes) -> Iterator[bytes]:
    """In pieces, however well it is compressed; runs in a thread."""
    inflating = zlib.decompressobj(zlib.MAX_WBITS | 16)
    rest = compressed
    while piece := inflating.decompress(rest, _PIECE):
        yield piece
        rest = inflating.unconsumed_tail


def _shown(page: Page, found: Sequence[T]) -> Sequence[T]:
    return found[page.offset : page.offset + page.limit]


def _counted(page: Page, found: Sequence[object]) -> dict[str, Any]:
    return {"count": len(_shown(page, found)), "offset": page.offset, "totalCount": len(found)}


def _region(request: Request) -> tuple[str, str]:
    given = [(kind, value) for kind in KEYS if (value := _only(request, kind)) is not None]
    if len(given) != 1:
        raise RequestRefused(REGION_KEY())
    kind, value = given[0]
    if KEYS[kind].fullmatch(value) is None:
        raise RequestRefused(INVALID_FIELD(field=kind, reason=KEYS[kind].pattern))
    return kind, value


def _only(request: Request, name: str) -> str | None:
    """A parameter that may stand once: of two, neither is the one that was meant."""
    match request.query_params.getlist(name):
        case []:
            return None
        case [only]:
            return only
        case _:
            raise RequestRefused(INVALID_FIELD(field=name, reason="unique"))


def _terms(request: Request) -> Sequence[str]:
    terms = request.query_params.getlist(EXPRESSION)
    if not 1 <= len(terms) <= MOST_TERMS or not all(map(_is_term, terms)):
        raise RequestRefused(INVALID_FIELD(field=EXPRESSION, reason="area_terms"))
    return terms


def _is_term(text: str) -> bool:
    return len(text) <= AREA_TERM.value and TERM.fullmatch(text) is not None
