"""Opens what was encrypted to a portal, with the envelope that opens what is encrypted to a destination."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from amtsbote.api.envelope import KeyReader, Trust
from amtsbote.errors import DecryptionFailed
from amtsbote.jose import MalformedJose, base64url
from amtsbote.jose.jwe import CONTENT_KEY, OAEP_256, JweHeader, PlaintextTooLong, decrypt_small
from amtsbote.jose.jwk import thumbprint
from amtsbote.jose.jws import JwsHeader, KeyUnknown, verify_detached
from amtsbote.model.content import Content
from amtsbote.model.directory import Destination, Holding, Reach
from amtsbote.model.ids import CaseId, ClientId, DestinationId, KeyId, MessageId, PartId, TenantId
from amtsbote.model.message import DATA, METADATA, Direction, Message, MessageKind, State, SubmittedPart
from amtsbote.model.stage import Stage
from transport.fitconnect.client.failures import Failure, SendingFailed
from transport.fitconnect.envelope import FitConnectEnvelope, PlaintextLimits
from transport.fitconnect.metadata import read_metadata

_VERSIONS: Final = ("1.0.0", "2.1.0")
_LIMITS: Final = PlaintextLimits(1_000_000, 20_000_000, 500_000_000, 2_000_000_000)
ENVELOPE: Final = FitConnectEnvelope("", _LIMITS)
"""It writes no events here."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class _OwnKey:
    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key
        self._kid = thumbprint(key.public_key())

    def unwrap(self, kid: KeyId, encrypted_key: bytes, *, owner: str) -> bytes:  # noqa: ARG002  (there is one owner)
        if kid == self._kid:
            try:
                return self._key.decrypt(encrypted_key, OAEP_256)
            except ValueError:
                pass
        return os.urandom(CONTENT_KEY)  # so that only the tag check can fail (RFC 7516, 11.5)


def reader_of(key: RSAPrivateKey) -> KeyReader:
    return _OwnKey(key)


def open_reply(
    reply: MessageId,
    case: CaseId,
    destination: DestinationId,
    parts: Mapping[PartId, SubmittedPart],
    keys: KeyReader,
    trust: Trust,
) -> Content:
    """Raises `Rejected`."""
    return ENVELOPE.open(_message(reply, case, destination, parts), _destination(destination), parts, keys, trust)


def signer_named(metadata: SubmittedPart, keys: KeyReader) -> KeyId | None:
    """The key that a signature over the data names; None when there is none to be verified. Nothing of it is believed
    yet. Raises `SendingFailed` and `Rejected`."""

    def unwrap(header: JweHeader, encrypted_key: bytes) -> bytes:
        return keys.unwrap(header.kid, encrypted_key, owner="")

    try:
        raw = decrypt_small(b"".join(metadata.chunks()), unwrap, limit=_LIMITS.metadata)
    except (DecryptionFailed, PlaintextTooLong):
        raise SendingFailed(Failure.REPLY, reason="metadata") from None
    signature = read_metadata(raw, supported=_VERSIONS).signature
    if signature is None or signature.content is None:
        return None
    named: list[KeyId] = []

    def note(header: JwsHeader) -> None:
        named.append(header.kid)

    with suppress(KeyUnknown, MalformedJose, UnicodeDecodeError):
        verify_detached(base64url.decode(signature.content).decode("ascii"), b"", note)
    return named[0] if named else None


def reread(part: SubmittedPart, content_key: bytes) -> Iterator[bytes]:
    """Raises `Damaged` at the end when the file has changed since it was checked."""
    return ENVELOPE.reread(part, content_key)


def _message(
    reply: MessageId, case: CaseId, destination: DestinationId, parts: Mapping[PartId, SubmittedPart]
) -> Message:
    return Message(
        id=reply,
        case=case,
        destination=destination,
        tenant=TenantId(""),
        sender=ClientId(""),
        service="",
        service_name="",
        region=None,
        announced=tuple(part for part in parts if part not in (METADATA, DATA)),
        state=State.SUBMITTED,
        held_from=None,
        created_at=_NEVER,
        submitted_at=_NEVER,
        kind=MessageKind.REPLY,
        direction=Direction.TO_PORTAL,
    )


def _destination(destination: DestinationId) -> Destination:
    """As far as an envelope asks for it."""
    return Destination(
        id=destination,
        tenant=TenantId(""),
        name="",
        holding=Holding.END_TO_END,
        reach=Reach.DIRECT,
        stage=Stage.LIVE,
        services=(),
        encryption_key=KeyId(""),
        signing_key=KeyId(""),
        metadata_versions=_VERSIONS,
    )
