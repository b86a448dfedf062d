"""What is the same for submissions and replies: attach, submit, list, fetch (dossier 2.2, 2.3, 5.2).

Each endpoint is bound to its kind in the table of addresses.
"""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD
from amtsbote.model.directory import Client, Destination
from amtsbote.model.ids import DestinationId, MessageId, PartId
from amtsbote.model.message import DATA, METADATA, Direction, Message, MessageKind, Part
from transport.fitconnect.assumptions import REPLIES, REPLY_ID
from transport.fitconnect.server.answers import answer, concerns
from transport.fitconnect.server.bodies import must_have_type, read_model, read_page, read_stream, uuid_of
from transport.fitconnect.server.callers import party, sender, subscriber
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.negotiation import gives
from transport.fitconnect.server.parts import EnvelopeCheck, KeysOf, checked_body
from transport.fitconnect.server.versions import DATA_REQUIRED, SERVICE_FIELD, version_of

_IN_MEMORY: Final = 1024 * 1024
"""What one streaming upload counts as: its buffers."""
_TOKENS: Final = {"encryptedMetadata": METADATA, "encryptedData": DATA}
ID_FIELD: Final = {MessageKind.SUBMISSION: "submissionId", MessageKind.REPLY: REPLY_ID.value}
LIST_FIELD: Final = {MessageKind.SUBMISSION: "submissions", MessageKind.REPLY: REPLIES.value}


class SubmitBody(BaseModel):
    model_config = ConfigDict(strict=True)

    encrypted_metadata: str = Field(alias="encryptedMetadata")
    encrypted_data: str | None = Field(None, alias="encryptedData")


@gives()
async def attach(kind: MessageKind, front: Front, request: Request) -> Response:
    """PUT …/{id}/attachments/{attachmentId}, a raw compact JWE of any size → 204."""
    client = writer(front, request, kind)
    must_have_type(request, "application/jose")
    message, destination = await front.sending.expected(client, kind, message_id(request, kind))
    concerns(case=message.case)
    attachment = PartId(uuid_of(request.path_params["attachment"], "attachmentId"))
    limit = front.limits.attachment
    check = EnvelopeCheck(f"attachment:{attachment}", _keys(front, message, destination), limit)
    with front.admission.room(_IN_MEMORY) as room:
        body = read_stream(request, limit, front.limits, room)
        await front.sending.attach(client, message, attachment, body, check)
    return Response(status_code=204)


async def submit(kind: MessageKind, front: Front, request: Request) -> Response:
    """PUT …/{id} → 200, after the commit."""
    client = writer(front, request, kind)
    must_have_type(request, "application/json")
    message, destination = await front.sending.expected(client, kind, message_id(request, kind))
    concerns(case=message.case)
    limits = front.limits
    with front.admission.room(limits.submit) as room:
        body = await read_model(request, SubmitBody, limits.submit, limits, room)
        keys = _keys(front, message, destination)
        metadata = checked_body("metadata", body.encrypted_metadata, keys, limits.metadata)
        token = _data(body, request)
        data = None if token is None else checked_body("data", token, keys, limits.data)
        return answer(200, view(await front.sending.submit(client, message, metadata, data)))


async def waiting(kind: MessageKind, front: Front, request: Request) -> Response:
    """GET …?destinationId&offset&limit: what waits for whoever asks."""
    client = reader(front, request, kind)
    version_of(request)
    named = request.query_params.get("destinationId")
    destination = DestinationId(uuid_of(named, "destinationId")) if named is not None else None
    page = read_page(request)
    total, messages = await front.receiving.waiting(client, kind, destination, page)
    listed = [view(message) for message in messages]
    body = {"offset": page.offset, "count": len(listed), "totalCount": total, LIST_FIELD[kind]: listed}
    return answer(200, body)


async def fetch(kind: MessageKind, front: Front, request: Request) -> Response:
    """GET …/{id}: metadata and data as they were received, a chunk of each in memory."""
    client = reader(front, request, kind)
    message, parts = await front.receiving.fetch(client, kind, message_id(request, kind))
    concerns(case=message.case)
    body = {**view(message), **_service(message, request), "attachments": list(message.announced)}
    pieces: list[Iterable[bytes]] = [(orjson.dumps(body)[:-1],)]
    size = len(orjson.dumps(body))
    for name, part in _TOKENS.items():
        if part in parts:  # a compact JWE needs no escaping in JSON
            before = f',"{name}":"'.encode()
            pieces += [(before,), await _begun(front, parts[part]), (b'"',)]
            size += len(before) + parts[part].size + 1
    headers = {"Content-Length": str(size)}
    return StreamingResponse(chain(*pieces, (b"}",)), 200, headers, media_type="application/json")


@gives("application/jose")
async def fetch_attachment(kind: MessageKind, front: Front, request: Request) -> Response:
    """GET …/{id}/attachments/{attachmentId}: the compact JWE as it was received."""
    client = reader(front, request, kind)
    attachment = PartId(uuid_of(request.path_params["attachment"], "attachmentId"))
    part = await front.receiving.fetch_attachment(client, kind, message_id(request, kind), attachment)
    headers = {"Content-Length": str(part.size)}
    return StreamingResponse(await _begun(front, part), 200, headers, media_type="application/jose")


def writer(front: Front, request: Request, kind: MessageKind) -> Client:
    """Submissions are written by senders, replies by both sides."""
    return sender(front, request) if kind is MessageKind.SUBMISSION else party(front, request)


def reader(front: Front, request: Request, kind: MessageKind) -> Client:
    """Submissions are fetched by subscribers, replies by both sides."""
    return subscriber(front, request) if kind is MessageKind.SUBMISSION else party(front, request)


def message_id(request: Request, kind: MessageKind) -> MessageId:
    """Of the path. Raises `RequestRefused`."""
    version_of(request)
    message = MessageId(uuid_of(request.path_params["message"], ID_FIELD[kind]))
    concerns(**{kind.value: message})
    return message


def view(message: Message) -> dict[str, Any]:
    return {ID_FIELD[message.kind]: message.id, "caseId": message.case, "destinationId": message.destination}


def service_view(message: Message) -> dict[str, str]:
    return {"identifier": f"urn:de:fim:leika:leistung:{message.service}", "name": message.service_name}


def _service(message: Message, request: Request) -> dict[str, Any]:
    """A reply has the service of its case and does not repeat it."""
    if message.kind is MessageKind.REPLY:
        return {}
    return {SERVICE_FIELD[version_of(request)]: service_view(message)}


def _data(body: SubmitBody, request: Request) -> str | None:
    """Raises `RequestRefused` where there have to be data."""
    if body.encrypted_data is None and DATA_REQUIRED[version_of(request)]:
        raise RequestRefused(INVALID_FIELD(field="encryptedData", reason="missing"))
    return body.encrypted_data


def _keys(front: Front, message: Message, destination: Destination) -> KeysOf | None:
    """What is for the portal is encrypted to a key that it gave to the receiver of its submission, not to us."""
    if message.direction is Direction.TO_PORTAL:
        return None
    return KeysOf(destination.encryption_key, message, front.directory().keys)


async def _begun(front: Front, part: Part) -> Iterator[bytes]:
    """The chunks of a part, the first of them read: what is missing is known before the answer begins."""
    chunks = front.parts.chunks(part)
    first = await asyncio.to_thread(next, chunks)
    return chain((first,), chunks)
