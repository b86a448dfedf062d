"""The event log: read by sender and subscriber, written by the subscriber of an end-to-end destination (dossier 4)."""

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.api.persistence import Page, Scope
from amtsbote.errors import RequestRefused
from amtsbote.errors.table import CASE_NOT_FOUND, INVALID_SET
from amtsbote.jose.jwk import PublicKey, load_public
from amtsbote.jose.jws import JwsHeader
from amtsbote.model.directory import ClientRole, KeyPurpose
from amtsbote.model.event import EventRecord
from amtsbote.model.ids import CaseId, MessageId
from transport.fitconnect.events import LIMIT, check_claims, read_set
from transport.fitconnect.server.answers import answer, concerns
from transport.fitconnect.server.bodies import must_have_type, read_bytes, read_page, uuid_of
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.submissions import sender, subscriber
from transport.fitconnect.server.versions import version_of


async def read_case(front: Front, request: Request) -> Response:
    """GET /{v}/cases/{caseId}/events?offset&limit."""
    client = front.tokens.client_of(request.headers.get("authorization"))
    scope = Scope("sender", client.id) if client.role is ClientRole.SENDER else Scope("subscriber", client.id)
    return await _log(front, _case_id(request), read_page(request), scope)


async def read_submission(front: Front, request: Request) -> Response:
    """GET /{v}/submissions/{id}/events: the log of the submission's case."""
    client = sender(front, request)
    version_of(request)
    named = MessageId(uuid_of(request.path_params["message"], "submissionId"))
    concerns(submission=named)
    message, _ = await front.sending.expected(client, named)
    concerns(case=message.case)
    return await _log(front, message.case, read_page(request), Scope("sender", client.id))


async def write(front: Front, request: Request) -> Response:
    """POST /{v}/cases/{caseId}/events, a signed Security Event Token → 204. The checks of dossier 4.3."""
    client = subscriber(front, request)
    case = _case_id(request)
    must_have_type(request, "application/jose")
    token = (await read_bytes(request, LIMIT, front.limits)).strip()
    claims = read_set(token, lambda header: _signing_key(front, header))
    message, parts = await front.receiving.cases_message(client, case, claims.message)
    concerns(submission=message.id)
    if front.directory().keys[claims.key].owner != message.destination:
        raise RequestRefused(INVALID_SET(reason="kid is not a key of the submission's destination"))
    tags = {part.id: part.tag for part in parts.values()}
    kind = check_claims(claims, message, tags, now=front.clock())
    record = EventRecord(
        claims.id, case, message.id, kind, claims.at, claims.payload, claims.key, token.decode("ascii")
    )
    await front.receiving.conclude(client, record)
    return Response(status_code=204)


async def _log(front: Front, case: CaseId, page: Page, scope: Scope) -> Response:
    total, events = await front.events.of_case(case, page, scope)
    if total == 0:
        raise RequestRefused(CASE_NOT_FOUND(id=case))
    body = {"offset": page.offset, "count": len(events), "totalCount": total, "eventLog": list(events)}
    return answer(200, body)


def _case_id(request: Request) -> CaseId:
    version_of(request)
    case = CaseId(uuid_of(request.path_params["case"], "caseId"))
    concerns(case=case)
    return case


def _signing_key(front: Front, header: JwsHeader) -> PublicKey | None:
    """Any destination's signing key that is not retired; that the issuer is the message's destination is checked with
    the claims."""
    entry = front.directory().keys.get(header.kid)
    if entry is None or entry.purpose is not KeyPurpose.SIGNATURE or entry.retired_at is not None:
        return None
    return load_public(entry.public)
