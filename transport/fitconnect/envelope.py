"""The FIT-Connect envelope: every part a JWE of its own, described by the metadata set (dossier, sections 3 and 6)."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from amtsbote.api.envelope import Enclosure, KeyReader, Trust
from amtsbote.errors import Damaged, DecryptionFailed, Problem, Rejected
from amtsbote.errors.table import (
    ATTACHMENTS_MISMATCH,
    DATA_MISSING,
    ENCRYPTION_ISSUE,
    FRAGMENTS_MISMATCH,
    HASH_MISMATCH,
    PART_TOO_LARGE,
    REPLY_CHANNEL_UNSUPPORTED,
    SERVICE_MISMATCH,
)
from amtsbote.jose.jwe import JweHeader, PlaintextTooLong, decrypt_small, decrypt_stream
from amtsbote.jose.jws import compact, signing_input
from amtsbote.model.content import Attachment, Content, ReplyChannel, SchemaRef
from amtsbote.model.directory import Destination
from amtsbote.model.event import Event
from amtsbote.model.ids import KeyId, PartId
from amtsbote.model.message import DATA, METADATA, Message, SubmittedPart
from transport.fitconnect import events
from transport.fitconnect.metadata import AttachmentEntry, Metadata, read_metadata
from transport.fitconnect.portal_signature import check_signature
from transport.fitconnect.replying import ReplyPacking

CHANNELS: Final = frozenset({"eMail", "deMail", "fink", "elster", "fitConnect", "idBundDeMailbox"})
"""Names of reply channels that are ours to repeat."""
LEIKA: Final = "urn:de:fim:leika:leistung:"
_MOST_IDS: Final = 20
"""Of one kind in one problem: a sentence stays readable and an event small."""


@dataclass(frozen=True, slots=True)
class PlaintextLimits:
    """Bytes of decrypted parts."""

    metadata: int
    data: int
    attachment: int
    """One attachment that comes as one part, or one fragment."""
    attachments: int
    """All of them together."""


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
        attachments = tuple(self._attachments(opening, parts, metadata.attachments))
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
            reply_channel=metadata.reply_channel,
        )

    def pack(self, enclosures: Sequence[Enclosure], channel: ReplyChannel, new_id: Callable[[], str]) -> ReplyPacking:
        return ReplyPacking(enclosures, channel, new_id, self._limits.attachment)

    def reread(self, part: SubmittedPart, content_key: bytes) -> Iterator[bytes]:
        """Second pass with the kept content key."""
        try:
            yield from decrypt_stream(part.chunks(), lambda *_: content_key, limit=self._limit(part.id))
        except DecryptionFailed as error:
            raise Damaged(f"part {part.id} no longer decrypts") from error

    def event(self, event: Event) -> bytes:
        return events.payload(event, service_issuer=self._service_issuer)

    def reasons(self, payload: bytes) -> tuple[str, ...]:
        return events.reasons(payload)

    def signed(self, payload: bytes, key: KeyId, sign: Callable[[bytes], bytes]) -> str:
        data = signing_input({"typ": events.TYPE, "kid": key, "alg": "PS512"}, payload)
        return compact(data, sign(data))

    def _metadata(
        self, opening: "_Opening", part: SubmittedPart, message: Message, destination: Destination
    ) -> Metadata:
        raw = opening.whole(part, self._limits.metadata)
        metadata = read_metadata(
            raw, supported=destination.metadata_versions, oldest=destination.oldest_metadata_version
        )
        if metadata.public_service is not None and metadata.public_service != LEIKA + message.service:
            raise Rejected(SERVICE_MISMATCH(instance="metadata"))
        _must_be_offered(metadata.answered_by, destination)
        _must_agree({part for entry in metadata.attachments for part in entry.parts}, set(message.announced))
        return metadata

    def _data(self, opening: "_Opening", part: SubmittedPart | None, metadata: Metadata) -> tuple[SchemaRef, bytes]:
        if part is None or metadata.schema is None or metadata.data_hash is None:
            raise Rejected(DATA_MISSING(instance="data"))
        data = opening.whole(part, self._limits.data)
        if hashlib.sha512(data).hexdigest() != metadata.data_hash:
            raise Rejected(HASH_MISMATCH(instance="data", what="data"))
        return metadata.schema, data

    def _attachments(
        self, opening: "_Opening", parts: Mapping[PartId, SubmittedPart], entries: Sequence[AttachmentEntry]
    ) -> Iterator[Attachment]:
        room = self._limits.attachments
        for entry in entries:
            size, digest = self._measured(opening, parts, entry, room)
            if digest != entry.sha512:
                raise Rejected(_wrong_hash(entry))
            room -= size
            yield Attachment(
                id=entry.id,
                size=size,
                sha512=digest,
                mime_type=entry.mime_type,
                purpose=entry.purpose,
                filename=entry.filename,
                description=entry.description,
                fragments=entry.fragments,
            )

    def _measured(
        self, opening: "_Opening", parts: Mapping[PartId, SubmittedPart], entry: AttachmentEntry, room: int
    ) -> tuple[int, str]:
        """Size and SHA-512 of the whole plaintext, read once in constant memory and not kept. `room`: bytes that the
        attachments before have left."""
        size, digest, named = 0, hashlib.sha512(), f"attachment:{entry.id}"
        for part in entry.parts:
            what = f"{named} (fragment {part})" if entry.fragments else named
            for chunk in opening.chunks(parts[part], self._bound(named, what, room - size)):
                size += len(chunk)
                digest.update(chunk)
        return size, digest.hexdigest()

    def _bound(self, instance: str, what: str, room: int) -> "_Bound":
        most = self._limits.attachment
        if room >= most:
            return _bound(instance, what, most)
        too_long = PART_TOO_LARGE(instance=instance, what="attachments", limit=self._limits.attachments)
        return replace(_bound(instance, what, room), too_long=too_long)

    def _limit(self, part: PartId) -> int:
        return {METADATA: self._limits.metadata, DATA: self._limits.data}.get(part, self._limits.attachment)


class _Opening:
    """Decrypts the parts of one message and keeps their content keys."""

    def __init__(self, destination: Destination, keys: KeyReader) -> None:
        self._destination = destination
        self._keys = keys
        self.content_keys: dict[PartId, bytes] = {}

    def whole(self, part: SubmittedPart, limit: int) -> bytes:
        """Metadata or data, authenticated."""
        with _bound(part.id, part.id, limit).kept():
            return decrypt_small(b"".join(part.chunks()), self._unwrap(part.id), limit=limit)

    def chunks(self, part: SubmittedPart, bound: "_Bound") -> Iterator[bytes]:
        """The plaintext, not authenticated until it has ended."""
        with bound.kept():
            yield from decrypt_stream(part.chunks(), self._unwrap(part.id), limit=bound.limit)

    def _unwrap(self, part: PartId) -> Callable[[JweHeader, bytes], bytes]:
        def unwrap(header: JweHeader, encrypted_key: bytes) -> bytes:
            content_key = self._keys.unwrap(header.kid, encrypted_key, owner=self._destination.id)
            self.content_keys[part] = content_key
            return content_key

        return unwrap


@dataclass(frozen=True, slots=True)
class _Bound:
    """How long the plaintext of a part may be, and what its sender reads when it is longer or does not decrypt."""

    limit: int
    broken: Problem
    too_long: Problem

    @contextmanager
    def kept(self) -> Iterator[None]:
        try:
            yield
        except DecryptionFailed:
            raise Rejected(self.broken) from None
        except PlaintextTooLong:
            raise Rejected(self.too_long) from None


def _bound(instance: str, what: str, limit: int) -> _Bound:
    """`instance` names the part as the protocol does, `what` as a person needs it."""
    broken = ENCRYPTION_ISSUE(instance=instance, what=what)
    return _Bound(limit, broken, PART_TOO_LARGE(instance=instance, what=what, limit=limit))


def _must_agree(named: set[PartId], announced: set[PartId]) -> None:
    """Every part is named by the metadata, and everything that it names is here."""
    if named == announced:
        return
    missing, foreign = sorted(named - announced), sorted(announced - named)
    told = {"missing": missing[:_MOST_IDS], "foreign": foreign[:_MOST_IDS]}
    raise Rejected(
        ATTACHMENTS_MISMATCH(
            instance="submission",
            missing=", ".join(told["missing"]) or "–",
            foreign=", ".join(told["foreign"]) or "–",
            extensions=told,
        )
    )


def _must_be_offered(channel: str | None, destination: Destination) -> None:
    """A destination that names no channel at all has not said anything about them."""
    offered = destination.reply_channels
    if channel is None or not offered or channel in offered:
        return
    named = channel if channel in CHANNELS else "?"
    raise Rejected(REPLY_CHANNEL_UNSUPPORTED(instance="metadata", channel=named, offered=", ".join(offered)))


def _wrong_hash(entry: AttachmentEntry) -> Problem:
    instance = f"attachment:{entry.id}"
    if not entry.fragments:
        return HASH_MISMATCH(instance=instance, what=instance)
    fragments = entry.fragments[:_MOST_IDS]
    return FRAGMENTS_MISMATCH(
        instance=instance, what=instance, ids=", ".join(fragments), extensions={"fragments": list(fragments)}
    )
