"""Replies: how either side announces one, and how a portal decides on one (dossier 5.2, and our reading of it)."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from amtsbote.mailroom import ReplyAnnouncement
from amtsbote.model.event import EventKind, SaidProblem
from amtsbote.model.ids import CaseId, PartId
from amtsbote.model.message import MessageKind
from transport.fitconnect.assumptions import CALLBACK_FIELDS
from transport.fitconnect.server.announcing import NamedCallbackBody, named_callback
from transport.fitconnect.server.answers import answer, concerns
from transport.fitconnect.server.bodies import SMALL_BODY, Uuid, pass_over, read_model
from transport.fitconnect.server.callers import sender
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.messages import message_id, view, writer
from transport.fitconnect.server.negotiation import gives
from transport.fitconnect.server.versions import version_of

REPLY: Final = MessageKind.REPLY


class CreateBody(BaseModel):
    model_config = ConfigDict(strict=True)

    case_id: Uuid = Field(alias="caseId")
    announced_attachments: list[Uuid] = Field(default_factory=list, alias="announcedAttachments", max_length=1000)
    callback: NamedCallbackBody | None = Field(None, alias=CALLBACK_FIELDS.value)


class ProblemBody(BaseModel):
    """A problem in the portal's own words; what it names beside these is not passed on."""

    model_config = ConfigDict(strict=True)

    type: str = Field(max_length=500)
    title: str = Field("", max_length=500)
    detail: str = Field("", max_length=2000)
    instance: str = Field("", max_length=500)


class RejectBody(BaseModel):
    model_config = ConfigDict(strict=True)

    problems: list[ProblemBody] = Field(min_length=1, max_length=100)


async def create(front: Front, request: Request) -> Response:
    """POST /{v}/replies → 201."""
    client = writer(front, request, REPLY)
    version_of(request)
    body = await read_model(request, CreateBody, SMALL_BODY, front.limits)
    attachments = tuple(dict.fromkeys(PartId(attachment) for attachment in body.announced_attachments))
    concerns(case=body.case_id)
    wish = ReplyAnnouncement(CaseId(body.case_id), attachments, named_callback(body.callback))
    return answer(201, view(await front.sending.announce_reply(client, wish)))


@gives()
async def accept(front: Front, request: Request) -> Response:
    """PUT /{v}/replies/{replyId}/accept without a body, by a portal → 204."""
    client = sender(front, request)
    await pass_over(request, SMALL_BODY, front.limits)
    await front.receiving.decide(client, REPLY, message_id(request, REPLY), EventKind.ACCEPT)
    return Response(status_code=204)


@gives()
async def reject(front: Front, request: Request) -> Response:
    """PUT /{v}/replies/{replyId}/reject with `problems`, by a portal → 204."""
    client = sender(front, request)
    body = await read_model(request, RejectBody, SMALL_BODY, front.limits)
    said = tuple(SaidProblem(one.type, one.title, one.detail, one.instance) for one in body.problems)
    await front.receiving.decide(client, REPLY, message_id(request, REPLY), EventKind.REJECT, said)
    return Response(status_code=204)
