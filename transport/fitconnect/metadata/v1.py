"""Metadata 1.x, after the published schema of 1.0.0: every object is open, `data` may be absent."""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from transport.fitconnect.metadata.constraints import Date, Maybe, Open, Several, Uri, exactly_one_member, matching
from transport.fitconnect.metadata.members import AttachmentBase, Data, DeMailChannel, MailChannel, Payment

REFERENCE: Final = "1.0.0"


class Attachment(AttachmentBase):
    purpose: Literal["form", "attachment", "report"]


class ContentStructure(Open):
    attachments: Several[Attachment]
    data: Maybe[Data] = None


class PublicServiceType(Open):
    identifier: Annotated[
        str,
        StringConstraints(min_length=7, max_length=255),
        matching(r"^urn:[a-z0-9][a-z0-9-]{0,31}:[a-z0-9()+,.:=@;$_!*'%/?#-]+$"),
    ]
    name: Maybe[str] = None
    description: Maybe[str] = None


class AuthenticationInformation(Open):
    type: Literal["identificationReport"]
    version: Annotated[str, matching(r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")]
    content: Annotated[str, matching(r"^[a-zA-Z0-9_\-.]+$")]


class FinkChannel(Open):
    fink_postfach_ref: Annotated[str, StringConstraints(max_length=150), matching(r"^[-._a-z0-9~/]*$")]
    host: Maybe[Uri] = None


class ElsterChannel(Open):
    account_id: Annotated[str, matching(r"^\d{10}$")]
    liefer_ticket: Maybe[str] = None
    geschaeftszeichen: Maybe[Annotated[str, StringConstraints(max_length=10)]] = None


class ReplyChannel(Open):
    e_mail: Maybe[MailChannel] = None
    de_mail: Maybe[DeMailChannel] = None
    fink: Maybe[FinkChannel] = None
    elster: Maybe[ElsterChannel] = None

    only_one = model_validator(mode="before")(exactly_one_member)


class AdditionalReferenceInfo(Open):
    sender_reference: Maybe[str] = None
    application_date: Maybe[Date] = None


class Document(Open):
    content_structure: ContentStructure
    public_service_type: Maybe[PublicServiceType] = None
    payment_information: Maybe[Payment] = None
    authentication_information: Maybe[Annotated[Several[AuthenticationInformation], Field(min_length=1)]] = None
    reply_channel: Maybe[ReplyChannel] = None
    additional_reference_info: Maybe[AdditionalReferenceInfo] = None
