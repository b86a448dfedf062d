"""The token endpoint (RFC 6749, 4.4): client_secret_post only, as the public service does (dossier 2.1)."""

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import REQUEST_TIMEOUT
from transport.fitconnect.server.answers import answer
from transport.fitconnect.server.bodies import must_have_type, read_bytes
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.tokens import LIFETIME, SCOPES

_LIMIT: Final = 8192
_FIELDS: Final = 20


async def token(front: Front, request: Request) -> Response:
    """POST /auth/token. Errors are RFC 6749 section 5.2 objects, not problems, unless the body never came."""
    try:
        must_have_type(request, "application/x-www-form-urlencoded")
        body = (await read_bytes(request, _LIMIT, front.limits)).decode("utf-8")
        pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS)
    except (RequestRefused, ValueError) as error:
        if isinstance(error, RequestRefused) and error.problem.type is REQUEST_TIMEOUT:
            raise
        return _error(400, "invalid_request")
    form = dict(pairs)
    if len(form) != len(pairs) or "grant_type" not in form:
        return _error(400, "invalid_request")
    if form["grant_type"] != "client_credentials":
        return _error(400, "unsupported_grant_type")
    client = front.tokens.client_with(form.get("client_id", ""), form.get("client_secret", ""))
    if client is None:
        return _error(401, "invalid_client")
    if not set(form.get("scope", "").split()) <= set(SCOPES[client.role].split()):
        return _error(400, "invalid_scope")
    body_out = {
        "access_token": front.tokens.issue(client),
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "scope": SCOPES[client.role],
    }
    return _unstored(answer(200, body_out))


def _error(status: int, code: str) -> Response:
    return _unstored(answer(status, {"error": code}))


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
