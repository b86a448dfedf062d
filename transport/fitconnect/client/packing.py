"""Packing an application: hashes, the portal's signature, the metadata set, and every part in a JWE of its own.

Attachments are read once, in constant memory: hash and authentication tag are taken while they stream away, so the
metadata set describes exactly the bytes that were sent.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from amtsbote.jose import base64url
from amtsbote.jose.jwe import encrypt, encrypt_stream
from amtsbote.jose.jwk import thumbprint
from amtsbote.jose.jws import compact, detach, sign_ps512, signing_input
from amtsbote.model.ids import PartId
from transport.fitconnect.client.destinations import METADATA_VERSION
from transport.fitconnect.client.values import Application, AttachmentFile, EncryptionKey

METADATA_SCHEMA: Final = f"https://schema.fitko.de/fit-connect/metadata/{METADATA_VERSION}/metadata.schema.json"
TAG_LENGTH: Final = 22
"""Characters of an authentication tag: 16 bytes in base64url."""


@dataclass(frozen=True, slots=True)
class PackedPart:
    """A part on its way: what metadata and event log will say about it."""

    id: PartId
    sha512: str
    """Of the plaintext, lower-case hex."""
    tag: str


@dataclass(slots=True)
class AttachmentInTransit:
    """One attachment being read, hashed and encrypted. `packed` is right once `ciphertext` has been used up."""

    id: PartId
    file: AttachmentFile
    key: EncryptionKey
    _digest: Any = field(default_factory=hashlib.sha512)
    _tail: bytes = b""

    def ciphertext(self) -> Iterator[bytes]:
        """The compact JWE. To be used once."""
        token = encrypt_stream(self._plaintext(), self.key.public, kid=self.key.kid, cty=self.file.mime_type)
        for chunk in token:
            self._tail = (self._tail + chunk)[-TAG_LENGTH:]
            yield chunk

    def packed(self) -> PackedPart:
        return PackedPart(self.id, self._digest.hexdigest(), self._tail.decode("ascii"))

    def _plaintext(self) -> Iterator[bytes]:
        for chunk in self.file.chunks():
            self._digest.update(chunk)
            yield chunk


@dataclass(frozen=True, slots=True)
class PackedApplication:
    """What the last request carries, with the tags of all parts."""

    encrypted_metadata: bytes
    encrypted_data: bytes
    tags: dict[PartId, str]


def pack(
    application: Application,
    attachments: Sequence[PackedPart],
    key: EncryptionKey,
    signing_key: RSAPrivateKey | None,
) -> PackedApplication:
    """Metadata and data, encrypted. `attachments` are in the order of the application's."""
    metadata = json.dumps(metadata_set(application, attachments, signing_key), ensure_ascii=False).encode()
    encrypted_metadata = encrypt(metadata, key.public, kid=key.kid, cty="application/json")
    encrypted_data = encrypt(application.data, key.public, kid=key.kid, cty=application.schema.mime_type)
    tags = {PartId("metadata"): tag_of(encrypted_metadata), PartId("data"): tag_of(encrypted_data)}
    return PackedApplication(encrypted_metadata, encrypted_data, tags | {part.id: part.tag for part in attachments})


def metadata_set(
    application: Application, attachments: Iterable[PackedPart], signing_key: RSAPrivateKey | None
) -> dict[str, Any]:
    """The metadata set, 2.1.0, as a JSON-ready object."""
    data: dict[str, Any] = {
        "hash": _hash(hashlib.sha512(application.data).hexdigest()),
        "submissionSchema": {"schemaUri": application.schema.uri, "mimeType": application.schema.mime_type},
    }
    if signing_key is not None:
        data["signature"] = {
            "signatureFormat": "json",
            "detachedSignature": True,
            "content": data_signature(application.data, signing_key),
        }
    described = [_described(file, part) for file, part in zip(application.attachments, attachments, strict=True)]
    metadata: dict[str, Any] = {
        "$schema": METADATA_SCHEMA,
        "contentStructure": {"data": data, "attachments": described},
    }
    if application.sender_reference is not None:
        metadata["additionalReferenceInfo"] = {"senderReference": application.sender_reference}
    return metadata


def data_signature(data: bytes, signing_key: RSAPrivateKey) -> str:
    """`signature.content`: base64url of a detached JWS over exactly these bytes (RFC 7515, appendix F)."""
    header = {"alg": "PS512", "kid": thumbprint(signing_key.public_key())}
    signed = signing_input(header, data)
    token = detach(compact(signed, sign_ps512(signing_key, signed)))
    return base64url.encode(token.encode("ascii"))


def tag_of(token: bytes) -> str:
    """The fifth segment of a compact JWE."""
    return token.rpartition(b".")[2].decode("ascii")


def _described(file: AttachmentFile, part: PackedPart) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "attachmentId": part.id,
        "hash": _hash(part.sha512),
        "purpose": file.purpose,
        "mimeType": file.mime_type,
        "filename": file.filename,
    }
    if file.description is not None:
        entry["description"] = file.description
    return entry


def _hash(sha512: str) -> dict[str, str]:
    return {"type": "sha512", "content": sha512}
