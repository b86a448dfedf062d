"""Metadata 2.x, after the published schema of 2.1.0: `$schema` and `data` are required.

Every object is open but `additionalReferenceInfo`.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from transport.fitconnect.metadata.constraints import (
    Closed,
    Date,
    Maybe,
    Open,
    Several,
    Uri,
    Uuid,
    all_different,
    exactly_one_member,
    matching,
)
from transport.fitconnect.metadata.members import (
    AttachmentBase,
    BoundedUuid,
    Data,
    DeMailChannel,
    Hash,
    MailChannel,
    Payment,
)

REFERENCE: Final = "2.1.0"


class Attachment(AttachmentBase):
    purpose: Literal["form", "attachment", "report", "data"]
    fragments: Maybe[Annotated[Several[BoundedUuid], Field(min_length=1), all_different]] = None


class ContentStructure(Open):
    attachments: Several[Attachment]
    data: Data


class FinkChannel(Open):
    fink_postfach_ref: Annotated[str, StringConstraints(max_length=150), matching(r"^[-._a-z0-9~/]+$")]
    host: Maybe[Uri] = None


class ElsterChannel(Open):
    account_id: str
    liefer_ticket: Maybe[str] = None
    geschaeftszeichen: Maybe[Annotated[str, StringConstraints(max_length=60)]] = None


class EncryptionPublicKey(Open):
    kty: Literal["RSA"]
    key_ops: Several[Literal["wrapKey"]] = Field(alias="key_ops")
    alg: Literal["RSA-OAEP-256"]
    kid: Annotated[str, StringConstraints(min_length=8, max_length=64)]
    n: Annotated[str, StringConstraints(min_length=683)]
    e: Literal["AQAB"]


class FitConnectChannel(Open):
    process_standards: Annotated[Several[Uri], Field(min_length=1)]
    encryption_public_key: EncryptionPublicKey


class IdBundDeMailbox(Open):
    mailbox_uuid: BoundedUuid


class ReplyChannel(Open):
    e_mail: Maybe[MailChannel] = None
    de_mail: Maybe[DeMailChannel] = None
    fink: Maybe[FinkChannel] = None
    elster: Maybe[ElsterChannel] = None
    fit_connect: Maybe[FitConnectChannel] = None
    id_bund_de_mailbox: Maybe[IdBundDeMailbox] = None

    only_one = model_validator(mode="before")(exactly_one_member)


class AdditionalReferenceInfo(Closed):
    sender_reference: Maybe[str] = None
    application_date: Maybe[Date] = None
    id_bund_de_application_id: Maybe[BoundedUuid] = None
    zustimmung_zum_digitalen_bescheid: Maybe[bool] = None


class Product(Open):
    name: str
    version: str
    manufacturer: str
    description: Maybe[str] = None


class Author(Open):
    name: str
    product: Product
    description: Maybe[str] = None
    url: Maybe[str] = None


class DataSetSchema(Open):
    schema_uri: Uri
    mime_type: Literal["application/json", "application/xml", "application/jose"]


class DataSet(Open):
    data_set_id: Uuid
    of_schema: DataSetSchema = Field(alias="schema")
    hash: Hash
    content: Any
    """Any JSON, null included."""
    description: Maybe[str] = None


class Document(Open):
    schema_uri: Annotated[
        str,
        matching(r"^https://schema\.fitko\.de/fit-connect/metadata/2\.\d+\.\d+/metadata\.schema\.json$"),
    ] = Field(alias="$schema")
    content_structure: ContentStructure
    payment_information: Maybe[Payment] = None
    reply_channel: Maybe[ReplyChannel] = None
    additional_reference_info: Maybe[AdditionalReferenceInfo] = None
    author: Maybe[Author] = None
    data_sets: Maybe[Several[DataSet]] = None
