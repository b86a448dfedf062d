"""Cases and their event log: read by both sides, written by the subscriber of an end-to-end destination (dossier 4)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.api.persistence import Page
from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_SET
from amtsbote.jose.jwk import PublicKey, load_public
from amtsbote.jose.jws import JwsHeader
from amtsbote.model.directory import Client, KeyPurpose
from amtsbote.model.event import EventRecord
from amtsbote.model.ids import CaseId
from amtsbote.model.message import Message, MessageKind
from transport.fitconnect.assumptions import CASES
from transport.fitconnect.events import LIMIT, check_claims, read_set
from transport.fitconnect.server.answers import answer, concerns
from transport.fitconnect.server.bodies import must_have_type, read_bytes, read_page, uuid_of
from transport.fitconnect.server.callers import party, subscriber
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.messages import message_id, service_view
from transport.fitconnect.server.negotiation import gives
from transport.fitconnect.server.versions import SERVICE_FIELD, Version, version_of


async def listed(front: Front, request: Request) -> Response:
    """GET /{v}/cases?offset&limit: the cases of whoever asks, newest first."""
    client = party(front, request)
    version, page = version_of(request), read_page(request)
    total, firsts = await front.cases.page(client, page)
    cases = [_case(first, version) for first in firsts]
    return answer(200, {"offset": page.offset, "count": len(cases), "totalCount": total, CASES.value: cases})


async def shown(front: Front, request: Request) -> Response:
    """GET /{v}/cases/{caseId}."""
    client = party(front, request)
    messages = await front.cases.messages(client, _case_id(request))
    ids = {kind: [one.id for one in messages if one.kind is kind] for kind in MessageKind}
    members = {"submissionIds": ids[MessageKind.SUBMISSION], "replyIds": ids[MessageKind.REPLY]}
    return answer(200, {**_case(messages[0], version_of(request)), **members})


async def read_case(front: Front, request: Request) -> Response:
    """GET /{v}/cases/{caseId}/events?offset&limit."""
    client = party(front, request)
    return await _log(front, client, _case_id(request), read_page(request))


async def read_message(kind: MessageKind, front: Front, request: Request) -> Response:
    """GET /{v}/submissions/{id}/events and /{v}/replies/{id}/events: the log of the message's case."""
    client = party(front, request)
    case = await front.cases.of(client, kind, message_id(request, kind))
    concerns(case=case)
    return await _log(front, client, case, read_page(request))


@gives()
async def write(front: Front, request: Request) -> Response:
    """POST /{v}/cases/{caseId}/events, a signed Security Event Token → 204. The checks of dossier 4.3."""
    client = subscriber(front, request)
    case = _case_id(request)
    must_have_type(request, "application/jose")
    token = (await read_bytes(request, LIMIT, front.limits)).strip()
    claims = read_set(token, lambda header: _signing_key(front, header))
    message, parts = await front.receiving.cases_message(client, case, claims.about, claims.message)
    concerns(**{message.kind.value: message.id})
    if front.directory().keys[claims.key].owner != message.destination:
        raise RequestRefused(INVALID_SET(reason="kid is not a key of the destination of this case"))
    tags = {part.id: part.tag for part in parts.values()}
    kind = check_claims(claims, message, tags, now=front.clock())
    record = EventRecord(
        claims.id, case, message.id, kind, claims.at, claims.payload, claims.key, token.decode("ascii")
    )
    await front.receiving.conclude(client, message.kind, record)
    return Response(status_code=204)


async def _log(front: Front, client: Client, case: CaseId, page: Page) -> Response:
    total, events = await front.cases.events(client, case, page)
    body = {"offset": page.offset, "count": len(events), "totalCount": total, "eventLog": list(events)}
    return answer(200, body)


def _case(first: Message, version: Version) -> dict[str, Any]:
    """By the message it began with."""
    return {"caseId": first.case, "destinationId": first.destination, SERVICE_FIELD[version]: service_view(first)}


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
