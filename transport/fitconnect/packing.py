"""Packing a message for its receiver: hashes, a signature, the metadata set, and every part in a JWE of its own.

Portals pack their applications with it, and the broker the answers of authorities.

Attachments are read once, in constant memory: hash and authentication tags are taken while they stream away, so the
metadata set describes exactly the bytes that were sent. A large one can go in fragments (dossier 5.3).
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from amtsbote.api.envelope import Signer
from amtsbote.jose import base64url
from amtsbote.jose.jwe import encrypt, encrypt_stream
from amtsbote.jose.jwk import reply_jwk, thumbprint
from amtsbote.jose.jws import compact, detach, sign_ps512, signing_input
from amtsbote.model.content import ReplyChannel, SchemaRef
from amtsbote.model.ids import KeyId, PartId

METADATA_VERSION: Final = "2.1.0"
"""What we write."""
METADATA_SCHEMA: Final = f"https://schema.fitko.de/fit-connect/metadata/{METADATA_VERSION}/metadata.schema.json"
TAG_LENGTH: Final = 22
"""Characters of an authentication tag: 16 bytes in base64url."""


class File(Protocol):
    """An attachment before it is packed."""

    @property
    def filename(self) -> str: ...
    @property
    def mime_type(self) -> str: ...
    @property
    def purpose(self) -> str:
        """`form`, `attachment`, `report` or `data`."""
        ...

    @property
    def description(self) -> str | None: ...
    @property
    def size(self) -> int: ...
    @property
    def chunks(self) -> Callable[[], Iterator[bytes]]: ...


class Contents(Protocol):
    """What is packed."""

    @property
    def schema(self) -> SchemaRef: ...
    @property
    def data(self) -> bytes: ...
    @property
    def attachments(self) -> Sequence[File]: ...
    @property
    def sender_reference(self) -> str | None: ...
    @property
    def reply_channel(self) -> ReplyChannel | None:
        """Where its sender takes replies."""
        ...


class Key(Protocol):
    """The receiver's."""

    @property
    def kid(self) -> KeyId: ...
    @property
    def public(self) -> RSAPublicKey: ...


@dataclass(frozen=True, slots=True)
class PackedAttachment:
    """An attachment that has been sent: what metadata and event log will say about it."""

    id: PartId
    sha512: str
    """Of the whole plaintext, lower-case hex."""
    tags: Mapping[PartId, str]
    """Of each part it was sent in, in order."""
    fragments: tuple[PartId, ...] = ()
    """Those parts; empty when it was sent as one."""


@dataclass(slots=True)
class AttachmentInTransit:
    """One attachment being read, hashed and encrypted, as one part or in fragments. `packed` is right once all of
    `ciphertexts` has been used up."""

    id: PartId
    file: File
    key: Key
    fragments: tuple[PartId, ...] = ()
    fragment_size: int = 0
    """Bytes of plaintext in each fragment; the last one has what is left."""
    _digest: Any = field(default_factory=hashlib.sha512)
    _tags: dict[PartId, str] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[PartId, ...]:
        return self.fragments or (self.id,)

    def ciphertexts(self) -> Iterator[tuple[PartId, Iterator[bytes]]]:
        """The compact JWE of each part in order, once; each is to be used up before the next."""
        source = _Source(self._plaintext())
        *whole, last = self.parts
        for part in whole:
            yield part, self._ciphertext(part, source.take(self.fragment_size))
        yield last, self._ciphertext(last, source.rest())

    def packed(self) -> PackedAttachment:
        return PackedAttachment(self.id, self._digest.hexdigest(), dict(self._tags), self.fragments)

    def _ciphertext(self, part: PartId, plaintext: Iterator[bytes]) -> Iterator[bytes]:
        tail = b""
        for chunk in encrypt_stream(plaintext, self.key.public, kid=self.key.kid, cty=self.file.mime_type):
            tail = (tail + chunk)[-TAG_LENGTH:]
            yield chunk
        self._tags[part] = tail.decode("ascii")

    def _plaintext(self) -> Iterator[bytes]:
        for chunk in self.file.chunks():
            self._digest.update(chunk)
            yield chunk


class _Source:
    """A stream that is taken in portions."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""

    def take(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes, fewer at the end."""
        while size and (chunk := self._held or next(self._chunks, b"")):
            portion, self._held = chunk[:size], chunk[size:]
            size -= len(portion)
            yield portion

    def rest(self) -> Iterator[bytes]:
        """Also what a file has grown since its size was asked: nothing is cut off unseen."""
        yield self._held
        yield from self._chunks


def in_transit(file: File, key: Key, new_id: Callable[[], str], fragment_size: int | None) -> AttachmentInTransit:
    """How an attachment will be sent: in fragments when it is larger than `fragment_size` bytes."""
    identifier = PartId(new_id())
    if fragment_size is None or file.size <= fragment_size:
        return AttachmentInTransit(identifier, file, key)
    count = -(-file.size // fragment_size)
    fragments = tuple(PartId(new_id()) for _ in range(count))
    return AttachmentInTransit(identifier, file, key, fragments, fragment_size)


@dataclass(frozen=True, slots=True)
class Packed:
    """What the last request carries, with the tags of all parts."""

    encrypted_metadata: bytes
    encrypted_data: bytes
    tags: dict[PartId, str]


def pack(contents: Contents, attachments: Sequence[PackedAttachment], key: Key, signer: Signer | None) -> Packed:
    """Metadata and data, encrypted, the data signed by `signer`. `attachments` are in the order of the contents'."""
    metadata = json.dumps(metadata_set(contents, attachments, signer), ensure_ascii=False).encode()
    encrypted_metadata = encrypt(metadata, key.public, kid=key.kid, cty="application/json")
    encrypted_data = encrypt(contents.data, key.public, kid=key.kid, cty=contents.schema.mime_type)
    tags = {PartId("metadata"): tag_of(encrypted_metadata), PartId("data"): tag_of(encrypted_data)}
    for attachment in attachments:
        tags |= attachment.tags
    return Packed(encrypted_metadata, encrypted_data, tags)


def metadata_set(contents: Contents, attachments: Iterable[PackedAttachment], signer: Signer | None) -> dict[str, Any]:
    """The metadata set, 2.1.0, as a JSON-ready object."""
    data: dict[str, Any] = {
        "hash": _hash(hashlib.sha512(contents.data).hexdigest()),
        "submissionSchema": {"schemaUri": contents.schema.uri, "mimeType": contents.schema.mime_type},
    }
    if signer is not None:
        data["signature"] = {
            "signatureFormat": "json",
            "detachedSignature": True,
            "content": data_signature(contents.data, signer),
        }
    described = [_described(file, packed) for file, packed in zip(contents.attachments, attachments, strict=True)]
    metadata: dict[str, Any] = {
        "$schema": METADATA_SCHEMA,
        "contentStructure": {"data": data, "attachments": described},
    }
    if contents.reply_channel is not None:
        metadata["replyChannel"] = {"fitConnect": _channel(contents.reply_channel)}
    if contents.sender_reference is not None:
        metadata["additionalReferenceInfo"] = {"senderReference": contents.sender_reference}
    return metadata


def signer_with(private: RSAPrivateKey) -> Signer:
    return Signer(thumbprint(private.public_key()), lambda data: sign_ps512(private, data))


def data_signature(data: bytes, signer: Signer) -> str:
    """`signature.content`: base64url of a detached JWS over exactly these bytes (RFC 7515, appendix F)."""
    signed = signing_input({"alg": "PS512", "kid": signer.kid}, data)
    token = detach(compact(signed, signer.sign(signed)))
    return base64url.encode(token.encode("ascii"))


def tag_of(token: bytes) -> str:
    """The fifth segment of a compact JWE."""
    return token.rpartition(b".")[2].decode("ascii")


def _described(file: File, packed: PackedAttachment) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "attachmentId": packed.id,
        "hash": _hash(packed.sha512),
        "purpose": file.purpose,
        "mimeType": file.mime_type,
        "filename": file.filename,
    }
    if file.description is not None:
        entry["description"] = file.description
    if packed.fragments:
        entry["fragments"] = list(packed.fragments)
    return entry


def _channel(channel: ReplyChannel) -> dict[str, Any]:
    return {"processStandards": list(channel.standards), "encryptionPublicKey": reply_jwk(channel)}


def _hash(sha512: str) -> dict[str, str]:
    return {"type": "sha512", "content": sha512}
