"""Members that both version families have in the same form."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from transport.fitconnect.metadata.constraints import Amount, DateTime, Email, Maybe, Open, Uri, Uuid, matching

PaymentToken = Annotated[str, StringConstraints(min_length=1, max_length=36), matching(r"^[\w\d-]+$")]
MediaType = Annotated[str, matching(r"^[-\w.]+/[-\w.+]+$")]
BoundedUuid = Annotated[Uuid, StringConstraints(min_length=32, max_length=36)]


class Hash(Open):
    type: Literal["sha512"]
    content: Annotated[str, matching(r"^[a-f0-9]{128}$")]


class Signature(Open):
    signature_format: Literal["cms", "xml", "pdf", "asic", "json"]
    detached_signature: bool
    eidas_ades_profile: Maybe[
        Literal[
            "http://uri.etsi.org/ades/191x2/level/baseline/B-B#",
            "http://uri.etsi.org/ades/191x2/level/baseline/B-T#",
            "http://uri.etsi.org/ades/191x2/level/baseline/B-LT#",
            "http://uri.etsi.org/ades/191x2/level/baseline/B-LTA#",
        ]
    ] = None
    content: Maybe[Annotated[str, matching(r"^[a-zA-Z0-9+/=]|[a-zA-Z0-9_-]$")]] = None
    """The pattern of the schema repeats both classes. It means the same, but each start of a run would be tried."""


class SubmissionSchema(Open):
    schema_uri: Uri
    mime_type: Literal["application/json", "application/xml"]


class Data(Open):
    hash: Hash
    submission_schema: SubmissionSchema
    signature: Maybe[Signature] = None


class AttachmentBase(Open):
    """An attachment without `purpose`, whose values differ between the families."""

    hash: Hash
    mime_type: MediaType
    attachment_id: BoundedUuid
    filename: Maybe[str] = None
    description: Maybe[str] = None
    signature: Maybe[Signature] = None


class Payment(Open):
    transaction_reference: str
    transaction_id: PaymentToken
    payment_method: Literal["GIROPAY", "PAYDIRECT", "CREDITCARD", "PAYPAL", "INVOICE", "OTHER"]
    status: Literal["INITIAL", "BOOKED", "FAILED", "CANCELED"]
    transaction_url: Maybe[Annotated[Uri, StringConstraints(min_length=1)]] = None
    transaction_timestamp: Maybe[DateTime] = None
    payment_method_detail: Maybe[PaymentToken] = None
    gross_amount: Maybe[Amount] = None


class MailChannel(Open):
    address: Email
    pgp_public_key: Maybe[Annotated[str, matching(r"^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n")]] = None


class DeMailChannel(Open):
    address: Email
