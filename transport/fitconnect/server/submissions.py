"""Submission API: senders create, attach and submit; end-to-end subscribers fetch (dossier 2.2, 2.3)."""

import asyncio
import re
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD
from amtsbote.mailroom import Announcement
from amtsbote.model.directory import Client, ClientRole
from amtsbote.model.ids import CaseId, DestinationId, MessageId, PartId
from amtsbote.model.message import DATA, METADATA, Message, Part
from transport.fitconnect.server.answers import answer, concerns
from transport.fitconnect.server.bodies import (
    must_have_type,
    read_model,
    read_page,
    read_stream,
    uuid_of,
)
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.parts import EnvelopeCheck, KeysOf, checked_body
from transport.fitconnect.server.tokens import must_be
from transport.fitconnect.server.versions import SERVICE_FIELD, version_of

SMALL_BODY: Final = 64 * 1024
_IN_MEMORY: Final = 1024 * 1024
"""What one streaming upload counts as: its buffers."""
_SERVICE: Final = re.compile(r"(?:urn:de:fim:leika:leistung:)?(99\d{12})", re.ASCII)
_REGION: Final = re.compile(r"(?:urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:|DE)?(\d{2,12})", re.ASCII)
_REGION_LENGTHS: Final = (2, 3, 5, 9, 12)


def _uuid(value: str) -> str:
    """The canonical form; pydantic knows which field it is in."""
    try:
        return str(UUID(value))
    except ValueError:
        raise PydanticCustomError("UUID", "not a UUID") from None


Uuid = Annotated[str, Field(max_length=64), AfterValidator(_uuid)]


class PublicService(BaseModel):
    """Unknown members are ignored, as everywhere in requests (dossier, section 9)."""

    model_config = ConfigDict(strict=True)

    identifier: str = Field(max_length=255)
    name: str = Field("", max_length=500)


class CreateBody(BaseModel):
    model_config = ConfigDict(strict=True, populate_by_name=True)

    destination_id: Uuid = Field(alias="destinationId")
    announced_attachments: list[Uuid] = Field(default_factory=list, alias="announcedAttachments", max_length=1000)
    public_service: PublicService | None = Field(None, alias="publicService")
    service_type: PublicService | None = Field(None, alias="serviceType")
    region: str | None = Field(None, max_length=100)
    case_id: Uuid | None = Field(None, alias="caseId")


class SubmitBody(BaseModel):
    model_config = ConfigDict(strict=True)

    encrypted_metadata: str = Field(alias="encryptedMetadata")
    encrypted_data: str = Field(alias="encryptedData")


async def create(front: Front, request: Request) -> Response:
    """POST /{v}/submissions → 201."""
    client = sender(front, request)
    body = await read_model(request, CreateBody, SMALL_BODY, front.limits)
    named = body.public_service or body.service_type
    if named is None:
        raise RequestRefused(INVALID_FIELD(field=SERVICE_FIELD[version_of(request)], reason="missing"))
    wish = Announcement(
        destination=DestinationId(body.destination_id),
        service=_key(_SERVICE, named.identifier, "identifier"),
        service_name=named.name,
        region=_region(body.region),
        case=CaseId(body.case_id) if body.case_id else None,
        attachments=tuple(dict.fromkeys(PartId(attachment) for attachment in body.announced_attachments)),
    )
    return answer(201, _view(await front.sending.announce(client, wish)))


async def attach(front: Front, request: Request) -> Response:
    """PUT /{v}/submissions/{id}/attachments/{attachmentId}, a raw compact JWE of any size → 204."""
    client = sender(front, request)
    must_have_type(request, "application/jose")
    message, destination = await front.sending.expected(client, _message_id(request))
    concerns(case=message.case)
    attachment = PartId(uuid_of(request.path_params["attachment"], "attachmentId"))
    limit = front.limits.attachment
    keys = KeysOf(destination.encryption_key, message, front.directory().keys)
    check = EnvelopeCheck(f"attachment:{attachment}", keys, limit)
    with front.admission.room(_IN_MEMORY) as room:
        body = read_stream(request, limit, front.limits, room)
        await front.sending.attach(client, message, attachment, body, check)
    return Response(status_code=204)


async def submit(front: Front, request: Request) -> Response:
    """PUT /{v}/submissions/{id} → 200, after the commit."""
    client = sender(front, request)
    must_have_type(request, "application/json")
    message, destination = await front.sending.expected(client, _message_id(request))
    concerns(case=message.case)
    limits = front.limits
    with front.admission.room(limits.submit) as room:
        body = await read_model(request, SubmitBody, limits.submit, limits, room)
        keys = KeysOf(destination.encryption_key, message, front.directory().keys)
        metadata = checked_body("metadata", body.encrypted_metadata, keys, limits.metadata)
        data = checked_body("data", body.encrypted_data, keys, limits.data)
        return answer(200, _view(await front.sending.submit(client, message, metadata, data)))


async def waiting(front: Front, request: Request) -> Response:
    """GET /{v}/submissions?destinationId&offset&limit: what a subscriber may fetch."""
    client = subscriber(front, request)
    named = request.query_params.get("destinationId")
    destination = DestinationId(uuid_of(named, "destinationId")) if named else None
    page = read_page(request)
    total, messages = await front.receiving.waiting(client, destination, page)
    listed = [_view(message) for message in messages]
    body = {"offset": page.offset, "count": len(listed), "totalCount": total, "submissions": listed}
    return answer(200, body)


async def fetch(front: Front, request: Request) -> Response:
    """GET /{v}/submissions/{id}: metadata and data as they were received, a chunk of each in memory."""
    client = subscriber(front, request)
    message, parts = await front.receiving.fetch(client, _message_id(request))
    concerns(case=message.case)
    metadata, data = parts[METADATA], parts[DATA]
    service = {
        "identifier": f"urn:de:fim:leika:leistung:{message.service}",
        "name": message.service_name,
    }
    body = {
        **_view(message),
        SERVICE_FIELD[version_of(request)]: service,
        "attachments": list(message.announced),
    }
    before = orjson.dumps(body)[:-1] + b',"encryptedMetadata":"'
    between, after = b'","encryptedData":"', b'"}'
    headers = {"Content-Length": str(len(before) + metadata.size + len(between) + data.size + len(after))}
    texts = [await _begun(front, part) for part in (metadata, data)]
    pieces = chain((before,), texts[0], (between,), texts[1], (after,))  # a compact JWE needs no escaping in JSON
    return StreamingResponse(pieces, 200, headers, media_type="application/json")


async def fetch_attachment(front: Front, request: Request) -> Response:
    """GET /{v}/submissions/{id}/attachments/{attachmentId}: the compact JWE as it was received."""
    client = subscriber(front, request)
    attachment = PartId(uuid_of(request.path_params["attachment"], "attachmentId"))
    part = await front.receiving.fetch_attachment(client, _message_id(request), attachment)
    headers = {"Content-Length": str(part.size)}
    return StreamingResponse(await _begun(front, part), 200, headers, media_type="application/jose")


def sender(front: Front, request: Request) -> Client:
    return must_be(front.tokens.client_of(request.headers.get("authorization")), ClientRole.SENDER)


def subscriber(front: Front, request: Request) -> Client:
    return must_be(front.tokens.client_of(request.headers.get("authorization")), ClientRole.SUBSCRIBER)


def _message_id(request: Request) -> MessageId:
    version_of(request)
    message = MessageId(uuid_of(request.path_params["message"], "submissionId"))
    concerns(submission=message)
    return message


def _view(message: Message) -> dict[str, Any]:
    return {"submissionId": message.id, "caseId": message.case, "destinationId": message.destination}


async def _begun(front: Front, part: Part) -> Iterator[bytes]:
    """The chunks of a part, the first of them read: what is missing is known before the answer begins."""
    chunks = front.parts.chunks(part)
    first = await asyncio.to_thread(next, chunks)
    return chain((first,), chunks)


def _key(pattern: re.Pattern[str], value: str, field: str) -> str:
    found = pattern.fullmatch(value)
    if found is None:
        raise RequestRefused(INVALID_FIELD(field=field, reason=pattern.pattern))
    return found[1]


def _region(value: str | None) -> str | None:
    if value is None:
        return None
    key = _key(_REGION, value, "region")
    if len(key) not in _REGION_LENGTHS:
        raise RequestRefused(INVALID_FIELD(field="region", reason="2, 3, 5, 9, 12"))
    return key
