"""What a portal hands over and gets back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from amtsbote.model.content import ReplyChannel, SchemaRef
from amtsbote.model.ids import CaseId, DestinationId, KeyId, MessageId, PartId
from transport.fitconnect.events import SetClaims

CHUNK: Final = 1024 * 1024
FRAGMENT_SIZE: Final = 200_000_000
"""Bytes above which FIT-Connect recommends fragments (dossier 2.3)."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Base addresses of one FIT-Connect installation, without version and without a slash at the end."""

    token: str
    """The token endpoint itself."""
    submission: str
    """Submission API; also the `iss` of the service's own events."""
    routing: str
    addressing: str = ""
    """Who signs `destinationSignature`: its `iss`. Empty: the routing service itself."""

    @property
    def addressing_issuer(self) -> str:
        return self.addressing or self.routing


@dataclass(frozen=True, slots=True)
class Credentials:
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Credentials(client_id={self.client_id!r})"


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class World:
    """Time and randomness."""

    clock: Callable[[], datetime] = _now
    new_id: Callable[[], str] = _new_id


@dataclass(frozen=True, slots=True)
class FoundRoute:
    """A destination with a checked `destinationSignature`."""

    destination: DestinationId
    name: str
    """As the routing service writes it, for people; empty when it names none."""
    service: str
    region: str


@dataclass(frozen=True, slots=True)
class OfferedSchemas:
    service: str
    """Identifier as a URN."""
    schemas: tuple[SchemaRef, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DestinationView:
    """What the Submission API says of a destination."""

    id: DestinationId
    name: str
    status: str
    encryption_kid: KeyId
    metadata_versions: tuple[str, ...]
    services: tuple[OfferedSchemas, ...]


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A key whose certificates were checked: purpose, chain, validity, and that it is this key."""

    destination: DestinationId
    kid: KeyId
    public: RSAPublicKey


@dataclass(frozen=True, slots=True)
class AttachmentFile:
    content: bytes | Path
    filename: str
    mime_type: str
    purpose: str = "attachment"
    """`form`, `attachment`, `report` or `data`."""
    description: str | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def chunks(self) -> Iterator[bytes]:
        if isinstance(self.content, bytes):
            yield from (self.content[start : start + CHUNK] for start in range(0, len(self.content), CHUNK))
            return
        with self.content.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


@dataclass(frozen=True, slots=True)
class Application:
    service: str
    """LeiKa key, 14 digits."""
    service_name: str
    region: str
    """ARS, 12 digits, or a prefix of it."""
    schema: SchemaRef
    data: bytes
    """Exactly these bytes are hashed, signed and delivered."""
    attachments: Sequence[AttachmentFile] = ()
    sender_reference: str | None = None
    reply_channel: ReplyChannel | None = None
    """Where the portal takes replies; None when it takes none."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission that the service has confirmed. Keep it: events are checked against it."""

    submission: MessageId
    case: CaseId
    destination: DestinationId
    tags: Mapping[PartId, str]
    """Authentication tag of every part as it was sent."""


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """An entry of the event log: signature, issuer, case and tags are right."""

    claims: SetClaims
    token: str
    """The Security Event Token itself, to be kept as proof."""

    @property
    def name(self) -> str:
        """E.g. `accept-submission`."""
        return self.claims.event
