"""The FIT-Connect envelope: every part a JWE of its own, described by the metadata set (dossier, sections 3 and 6)."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from amtsbote.api.envelope import KeyReader, Trust
from amtsbote.errors import Damaged, DecryptionFailed, Rejected
from amtsbote.errors.table import (
    ATTACHMENTS_MISMATCH,
    DATA_MISSING,
    ENCRYPTION_ISSUE,
    HASH_MISMATCH,
    PART_TOO_LARGE,
    SERVICE_MISMATCH,
)
from amtsbote.jose.jwe import JweHeader, PlaintextTooLong, decrypt_small, decrypt_stream
from amtsbote.jose.jws import compact, signing_input
from amtsbote.model.content import Attachment, Content, SchemaRef
from amtsbote.model.directory import Destination
from amtsbote.model.event import Event
from amtsbote.model.ids import KeyId, PartId
from amtsbote.model.message import DATA, METADATA, Message, SubmittedPart
from transport.fitconnect import events
from transport.fitconnect.metadata import AttachmentEntry, Metadata, read_metadata
from transport.fitconnect.portal_signature import check_signature

LEIKA: Final = "urn:de:fim:leika:leistung:"


@dataclass(frozen=True, slots=True)
class PlaintextLimits:
    """Bytes of decrypted parts."""

    metadata: int
    data: int
    attachment: int


class FitConnectEnvelope:
    def __init__(self, service_issuer: str, limits: PlaintextLimits) -> None:
        """`service_issuer`: address of the submission API, the `iss` of events this service writes itself."""
        self._service_issuer = service_issuer
        self._limits = limits

    def open(
        self,
        message: Message,
        destination: Destination,
        parts: Mapping[PartId, SubmittedPart],
        keys: KeyReader,
        trust: Trust,
    ) -> Content:
        """The checks of dossier section 6 in its order; the first that fails rejects."""
        opening = _Opening(destination, keys)
        metadata = self._metadata(opening, parts[METADATA], message, destination)
        schema, data = self._data(opening, parts.get(DATA), metadata)
        attachments = tuple(
            self._attachment(opening, parts[PartId(entry.id.lower())], entry) for entry in metadata.attachments
        )
        return Content(
            schema=schema,
            data=data,
            data_sha512=metadata.data_hash or "",
            attachments=attachments,
            signature=check_signature(metadata.signature, data, trust),
            metadata_version=metadata.version,
            fully_validated=metadata.fully_validated,
            content_keys=opening.content_keys,
            sender_reference=metadata.sender_reference,
        )

    def reread(self, part: SubmittedPart, content_key: bytes) -> Iterator[bytes]:
        """Second pass with the kept content key."""
        try:
            yield from decrypt_stream(part.chunks(), lambda *_: content_key, limit=self._limit(part.id))
        except DecryptionFailed as error:
            raise Damaged(f"part {part.id} no longer decrypts") from error

    def event(self, event: Event) -> bytes:
        return events.payload(event, service_issuer=self._service_issuer)

    def signed(self, payload: bytes, key: KeyId, sign: Callable[[bytes], bytes]) -> str:
        data = signing_input({"typ": events.TYPE, "kid": key, "alg": "PS512"}, payload)
        return compact(data, sign(data))

    def _metadata(
        self, opening: "_Opening", part: SubmittedPart, message: Message, destination: Destination
    ) -> Metadata:
        raw = opening.whole(part, self._limits.metadata)
        metadata = read_metadata(raw, supported=destination.metadata_versions)
        if metadata.public_service is not None and metadata.public_service != LEIKA + message.service:
            raise Rejected(SERVICE_MISMATCH(instance="metadata"))
        named = {entry.id.lower() for entry in metadata.attachments}
        if different := named.symmetric_difference(message.announced):
            raise Rejected(ATTACHMENTS_MISMATCH(instance="submission", ids=", ".join(sorted(different)[:20])))
        return metadata

    def _data(self, opening: "_Opening", part: SubmittedPart | None, metadata: Metadata) -> tuple[SchemaRef, bytes]:
        if part is None or metadata.schema is None or metadata.data_hash is None:
            raise Rejected(DATA_MISSING(instance="data"))
        data = opening.whole(part, self._limits.data)
        if hashlib.sha512(data).hexdigest() != metadata.data_hash:
            raise Rejected(HASH_MISMATCH(instance="data", what="data"))
        return metadata.schema, data

    def _attachment(self, opening: "_Opening", part: SubmittedPart, entry: AttachmentEntry) -> Attachment:
        size, digest = opening.measured(part, self._limits.attachment)
        if digest != entry.sha512:
            raise Rejected(HASH_MISMATCH(instance=f"attachment:{part.id}", what=f"attachment:{part.id}"))
        return Attachment(
            id=part.id,
            size=size,
            sha512=digest,
            mime_type=entry.mime_type,
            purpose=entry.purpose,
            filename=entry.filename,
            description=entry.description,
        )

    def _limit(self, part: PartId) -> int:
        return {METADATA: self._limits.metadata, DATA: self._limits.data}.get(part, self._limits.attachment)


class _Opening:
    """Decrypts the parts of one message and keeps their content keys."""

    def __init__(self, destination: Destination, keys: KeyReader) -> None:
        self._destination = destination
        self._keys = keys
        self.content_keys: dict[PartId, bytes] = {}

    def whole(self, part: SubmittedPart, limit: int) -> bytes:
        try:
            return decrypt_small(b"".join(part.chunks()), self._unwrap(part.id), limit=limit)
        except (DecryptionFailed, PlaintextTooLong) as error:
            raise _rejected(part.id, limit, error) from None

    def measured(self, part: SubmittedPart, limit: int) -> tuple[int, str]:
        """Size and SHA-512 of the plaintext, read once in constant memory and not kept."""
        size, digest = 0, hashlib.sha512()
        try:
            for chunk in decrypt_stream(part.chunks(), self._unwrap(part.id), limit=limit):
                size += len(chunk)
                digest.update(chunk)
        except (DecryptionFailed, PlaintextTooLong) as error:
            raise _rejected(part.id, limit, error) from None
        return size, digest.hexdigest()

    def _unwrap(self, part: PartId) -> Callable[[JweHeader, bytes], bytes]:
        def unwrap(header: JweHeader, encrypted_key: bytes) -> bytes:
            content_key = self._keys.unwrap(header.kid, encrypted_key, owner=self._destination.id)
            self.content_keys[part] = content_key
            return content_key

        return unwrap


def _rejected(part: PartId, limit: int, error: DecryptionFailed | PlaintextTooLong) -> Rejected:
    instance = part if part in (METADATA, DATA) else f"attachment:{part}"
    if isinstance(error, PlaintextTooLong):
        return Rejected(PART_TOO_LARGE(instance=instance, what=instance, limit=limit))
    return Rejected(ENCRYPTION_ISSUE(instance=instance, what=instance))
