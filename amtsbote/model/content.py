"""What is known of a message once it has been opened: integrity checked, decrypted, but not yet validated."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from amtsbote.model.ids import KeyId, PartId


class SignatureVerdict(StrEnum):
    """What the check of the portal's signature over the data said. It travels with the delivery."""

    ABSENT = "absent"
    VALID = "valid"
    NOT_VERIFIABLE = "not-verifiable"
    INVALID = "invalid"


class SignatureAction(StrEnum):
    """What a destination does about a verdict."""

    ACCEPT = "accept"
    MARK = "accept-marked"
    HOLD = "hold"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class SignatureResult:
    verdict: SignatureVerdict
    key: KeyId | None = None
    reason: str = ""
    """Stable English word for the log and the manifest, never a value from the message."""


@dataclass(frozen=True, slots=True)
class SchemaRef:
    """A declared schema: a key into the registry of pinned packages, never an address to fetch."""

    uri: str
    mime_type: str


@dataclass(frozen=True, slots=True)
class ReplyChannel:
    """Where the sender of a message takes replies to it over the wire."""

    key: KeyId
    """`kid` of the key that replies are encrypted to, as the sender names it."""
    modulus: str
    """`n` of that RSA key, base64url, 4096 to 8192 bits; the exponent is 65537."""
    standards: tuple[str, ...]
    """URIs of the process standards he understands; at least one."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment whose tag and hash have been checked."""

    id: PartId
    size: int
    """Bytes of the plaintext."""
    sha512: str
    mime_type: str
    purpose: str
    filename: str | None
    """As the sender wrote it: data only, never a path."""
    description: str | None
    fragments: tuple[PartId, ...] = ()
    """The parts it came in, in the order in which they make it up; empty when it came as one."""

    @property
    def parts(self) -> tuple[PartId, ...]:
        """Where its bytes are, in order."""
        return self.fragments or (self.id,)


@dataclass(frozen=True, slots=True)
class Content:
    """An opened message. Only an envelope makes one, and only after every tag and hash was right."""

    schema: SchemaRef
    data: bytes
    data_sha512: str
    attachments: tuple[Attachment, ...]
    signature: SignatureResult
    metadata_version: str
    fully_validated: bool
    """False when the metadata named a version without a reference: the nearest model was used."""
    content_keys: Mapping[PartId, bytes]
    """Content encryption keys: so that nobody needs the private key a second time."""
    sender_reference: str | None = None
    reply_channel: ReplyChannel | None = None
