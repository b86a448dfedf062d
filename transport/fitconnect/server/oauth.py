"""The token endpoint (RFC 6749, 4.4): client_secret_post, as the public service does (dossier 2.1)."""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

import structlog
from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import AmtsboteError, Problem, RequestRefused
from amtsbote.errors.oauth import (
    BASIC_REFUSED,
    INVALID_CLIENT,
    INVALID_FORM,
    INVALID_SCOPE,
    NO_DESTINATION,
    SLOW_DOWN,
    UNSUPPORTED_GRANT,
    OAuthError,
)
from amtsbote.errors.table import REPEATED_HEADER, REQUEST_TIMEOUT, TOO_MANY_REQUESTS
from amtsbote.model.directory import Client
from amtsbote.model.ids import ClientId
from transport.fitconnect.assumptions import BASIC_BESIDE_FORM
from transport.fitconnect.server.answers import answer, problem_answer
from transport.fitconnect.server.bodies import must_have_type, read_bytes
from transport.fitconnect.server.front import Reception
from transport.fitconnect.server.negotiation import language_of
from transport.fitconnect.server.tokens import LIFETIME

log = structlog.get_logger("transport.fitconnect")

_LIMIT: Final = 8192
_FIELDS: Final = 20


@dataclass(frozen=True, slots=True)
class _Credentials:
    client: str
    secret: str
    by_header: bool = False


class _Refused(AmtsboteError):
    def __init__(self, error: OAuthError, *, seconds: int = 0, by_header: bool = False) -> None:
        super().__init__(error.error)
        self.error = error
        self.seconds = seconds
        self.by_header = by_header


async def token(front: Reception, request: Request) -> Response:
    """POST /auth/token. What is wrong with the question is answered as RFC 6749, 5.2, says."""
    try:
        granted = _granted(front, request, await _form(front, request))
    except _Refused as refused:
        front.watch.token(refused.error.error)
        return _error(request, refused)
    front.watch.token("granted")
    return _unstored(answer(200, granted))


def refusal(request: Request, problem: Problem) -> Response:
    """Of a request that did not get as far as the endpoint: an OAuth error where RFC 6749 has one, else a problem."""
    if problem.type is TOO_MANY_REQUESTS:
        return _error(request, _Refused(SLOW_DOWN, seconds=int(problem.values["seconds"])))
    if problem.type is REPEATED_HEADER:
        return _error(request, _Refused(INVALID_FORM))
    return problem_answer(request, problem)


async def _form(front: Reception, request: Request) -> dict[str, str]:
    try:
        must_have_type(request, "application/x-www-form-urlencoded")
        body = (await read_bytes(request, _LIMIT, front.limits)).decode("utf-8")
        pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS)
    except (RequestRefused, ValueError) as error:
        if isinstance(error, RequestRefused) and error.problem.type is REQUEST_TIMEOUT:
            raise
        raise _Refused(INVALID_FORM) from None
    form = dict(pairs)
    if len(form) != len(pairs) or "grant_type" not in form:
        raise _Refused(INVALID_FORM)
    return form


def _granted(front: Reception, request: Request, form: dict[str, str]) -> dict[str, Any]:
    if form["grant_type"] != "client_credentials":
        raise _Refused(UNSUPPORTED_GRANT)
    client = _authenticated(front, request, _credentials(front, request, form))
    request.state.standing = standing = front.gate.rates.clients.take(client.id)
    if standing is not None and standing.exceeded:
        raise _Refused(SLOW_DOWN, seconds=standing.reset)
    if not front.tokens.are_of_use_to(client):
        raise _Refused(NO_DESTINATION)
    scope = front.tokens.scope_for(client, form.get("scope", ""))
    if scope is None:
        raise _Refused(INVALID_SCOPE)
    access = front.tokens.issue(client, scope)
    return {"access_token": access, "token_type": "Bearer", "expires_in": LIFETIME, "scope": scope}


def _authenticated(front: Reception, request: Request, given: _Credentials) -> Client:
    """A secret is not even looked at while this client has to wait at this address."""
    source = front.gate.sources.of(request).address
    seconds = front.gate.slow_down.wait(given.client, source)
    if seconds:
        raise _Refused(SLOW_DOWN, seconds=seconds)
    client = front.tokens.client_with(given.client, given.secret)
    if client is None:
        front.gate.slow_down.failed(given.client, source)
        known = ClientId(given.client) in front.directory().clients
        log.info("token.refused", client=given.client if known else None)
        raise _Refused(INVALID_CLIENT, by_header=given.by_header)
    front.gate.slow_down.succeeded(given.client, source)
    return client


def _credentials(front: Reception, request: Request, form: dict[str, str]) -> _Credentials:
    """Those of the form, and only without a secret there those of a header."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if BASIC_BESIDE_FORM.value in form or scheme.lower() != "basic":
        return _Credentials(form.get("client_id", ""), form.get("client_secret", ""))
    if not front.gate.basic:
        raise _Refused(BASIC_REFUSED, by_header=True)
    try:
        client, colon, secret = b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        colon = ""
    if not colon or form.get("client_id", unquote_plus(client)) != unquote_plus(client):
        raise _Refused(INVALID_CLIENT, by_header=True)
    return _Credentials(unquote_plus(client), unquote_plus(secret), by_header=True)


def _error(request: Request, refused: _Refused) -> Response:
    language = language_of(request)
    error = refused.error
    made = answer(error.status, {"error": error.error, "error_description": error.description(language)})
    made.headers["Content-Language"] = language
    if refused.by_header:
        made.headers["WWW-Authenticate"] = 'Basic realm="amtsbote"'
    if refused.seconds:
        made.headers["Retry-After"] = str(refused.seconds)
    return _unstored(made)


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
