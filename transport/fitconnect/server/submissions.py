"""Submissions: how a sender announces one (dossier 2.2, 2.3)."""

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD
from amtsbote.mailroom import Announcement
from amtsbote.model.ids import CaseId, DestinationId, PartId
from amtsbote.model.message import MessageKind
from transport.fitconnect.assumptions import CALLBACK_FIELDS
from transport.fitconnect.server.announcing import NamedCallbackBody, named_callback
from transport.fitconnect.server.answers import answer
from transport.fitconnect.server.bodies import SMALL_BODY, Uuid, read_model
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.messages import view, writer
from transport.fitconnect.server.naming import region_key, service_key
from transport.fitconnect.server.versions import SERVICE_FIELD, version_of


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
    callback: NamedCallbackBody | None = Field(None, alias=CALLBACK_FIELDS.value)


async def create(front: Front, request: Request) -> Response:
    """POST /{v}/submissions → 201."""
    client = writer(front, request, MessageKind.SUBMISSION)
    body = await read_model(request, CreateBody, SMALL_BODY, front.limits)
    named = body.public_service or body.service_type
    if named is None:
        raise RequestRefused(INVALID_FIELD(field=SERVICE_FIELD[version_of(request)], reason="missing"))
    wish = Announcement(
        destination=DestinationId(body.destination_id),
        service=service_key(named.identifier, "identifier"),
        service_name=named.name,
        region=(region_key(body.region, "region") or None) if body.region is not None else None,
        case=CaseId(body.case_id) if body.case_id else None,
        attachments=tuple(dict.fromkeys(PartId(attachment) for attachment in body.announced_attachments)),
        callback=named_callback(body.callback),
    )
    return answer(201, view(await front.sending.announce(client, wish)))
