"""Applications as a portal makes them: metadata, encryption and signature with jwcrypto alone, and ways to spoil each.

Written from the protocol's documentation. Nothing of the broker is imported here.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jwcrypto.jwe
import jwcrypto.jwk
import jwcrypto.jws

TREE_FELLING = "99093003001002"
CHEMNITZ = "145110000000"
SCHEMA = "urn:amtsbote:standard:baumfaellgenehmigung_1.0#baumfaellung.antrag.0100"
SAMPLES = Path(__file__).resolve().parents[2] / "schemas" / "packages" / "baumfaellgenehmigung" / "1.0" / "samples"
METADATA_2 = "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json"
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 400
SITE_PLAN = b"%PDF-1.7 site plan " + bytes(range(255, -1, -1)) * 40

Change = Callable[[Any], Any]


def sample(name: str) -> bytes:
    """A sample document of the tree felling package, by the name of its file without `.xml`."""
    return (SAMPLES / f"{name}.xml").read_bytes()


@dataclass(frozen=True)
class Enclosure:
    """An attachment: what the applicant adds."""

    content: bytes
    name: str
    mime_type: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    split: int = 0
    """Bytes of each fragment; 0 sends it as a whole."""

    @property
    def pieces(self) -> dict[str, bytes]:
        """What is encrypted and sent, by the id of the part."""
        if not self.split:
            return {self.id: self.content}
        starts = range(0, len(self.content), self.split)
        return {self.fragment(start): self.content[start : start + self.split] for start in starts}

    def fragment(self, start: int) -> str:
        """Id of the fragment that begins at this byte."""
        return str(uuid.uuid5(uuid.UUID(self.id), str(start)))


def photo_and_plan() -> tuple[Enclosure, ...]:
    return (
        Enclosure(PHOTO, "Eiche, Südseite.jpg", "image/jpeg"),
        Enclosure(SITE_PLAN, "Lageplan.pdf", "application/pdf"),
    )


@dataclass(frozen=True)
class Application:
    """What is sent, and how."""

    destination: str
    data: bytes = field(default_factory=lambda: sample("gueltig-kleinster-antrag"))
    enclosures: tuple[Enclosure, ...] = ()
    service: str = TREE_FELLING
    region: str | None = CHEMNITZ
    version: str = "v2"
    metadata: str = "2.1.0"
    schema: str = SCHEMA
    data_type: str = "application/xml"
    compressed: bool = False
    signed: bool = True
    reply_key: jwcrypto.jwk.JWK | None = None
    """Public half of the key the portal takes replies with."""

    @property
    def parts(self) -> list[str]:
        """Ids to announce."""
        return [part for enclosure in self.enclosures for part in enclosure.pieces]

    def but(self, **changes: Any) -> "Application":
        return replace(self, **changes)


@dataclass(frozen=True)
class Spoil:
    """What goes wrong on the way. Parts are `metadata`, `data` and `attachment` (the first part of the
    first one)."""

    before: Mapping[str, Change] = field(default_factory=dict)
    """Changes the plaintext of a part after the metadata has named its hash; for `metadata` the JSON document."""
    header: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Members of the JWE header before encryption; None takes one away."""
    after: Mapping[str, Change] = field(default_factory=dict)
    """Changes the compact JWE."""
    signature: Change = lambda token: token
    """Changes the detached JWS."""
    key: Mapping[str, jwcrypto.jwk.JWK] = field(default_factory=dict)
    """Encrypts a part with another key, under the header of the right one."""


UNSPOILT = Spoil()


@dataclass(frozen=True)
class Sealed:
    """An application ready for the wire."""

    application: Application
    metadata: str
    data: str
    """Empty: none is sent."""
    attachments: Mapping[str, str]

    @property
    def body(self) -> dict[str, str]:
        """What the final PUT carries."""
        return {"encryptedMetadata": self.metadata} | ({"encryptedData": self.data} if self.data else {})

    def tags(self) -> dict[str, Any]:
        """Authentication tags: the fifth segment of each JWE."""
        attachments = {name: token.rsplit(".", 1)[1] for name, token in self.attachments.items()}
        own = {"metadata": self.metadata, "data": self.data}
        return {name: token.rsplit(".", 1)[1] for name, token in own.items() if token} | {"attachments": attachments}


def seal(
    application: Application,
    key: jwcrypto.jwk.JWK,
    signing_key: jwcrypto.jwk.JWK | None,
    spoil: Spoil = UNSPOILT,
) -> Sealed:
    """Write the metadata, sign the data, encrypt every part."""

    def encrypted(part: str, plaintext: bytes, content_type: str) -> str:
        header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": key["kid"], "cty": content_type}
        if application.compressed:
            header["zip"] = "DEF"
        header |= spoil.header.get(part, {})
        token = encrypt(plaintext, {k: v for k, v in header.items() if v is not None}, spoil.key.get(part, key))
        return str(spoil.after.get(part, _same)(token))

    signature = None
    if application.signed and signing_key is not None:
        signature = spoil.signature(detached_signature(application.data, signing_key))
    metadata = spoil.before.get("metadata", _same)(metadata_of(application, signature))
    raw = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
    attachments: dict[str, str] = {}
    for enclosure in application.enclosures:
        for name, content in enclosure.pieces.items():
            part = "" if attachments else "attachment"
            attachments[name] = encrypted(part, spoil.before.get(part, _same)(content), enclosure.mime_type)
    data = spoil.before.get("data", _same)(application.data)
    return Sealed(
        application,
        encrypted("metadata", raw, "application/json"),
        encrypted("data", data, application.data_type),
        attachments,
    )


def metadata_of(application: Application, signature: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "hash": _hash(application.data),
        "submissionSchema": {"schemaUri": application.schema, "mimeType": application.data_type},
    }
    if signature is not None:
        content = encode(signature.encode())
        data["signature"] = {"signatureFormat": "json", "detachedSignature": True, "content": content}
    attachments = [
        {
            "attachmentId": enclosure.id,
            "hash": _hash(enclosure.content),
            "purpose": "attachment",
            "mimeType": enclosure.mime_type,
            "filename": enclosure.name,
            **({"fragments": list(enclosure.pieces)} if enclosure.split else {}),
        }
        for enclosure in application.enclosures
    ]
    document: dict[str, Any] = {"contentStructure": {"attachments": attachments, "data": data}}
    if application.reply_key is not None:
        document["replyChannel"] = {"fitConnect": reply_channel(application.reply_key)}
    document["additionalReferenceInfo"] = {"senderReference": "HH-2026-0815"}
    if application.metadata == "1.0.0":
        identifier = f"urn:de:fim:leika:leistung:{application.service}"
        return document | {"publicServiceType": {"name": "Baumfällgenehmigung", "identifier": identifier}}
    return {"$schema": METADATA_2} | document


ANSWER_SCHEMA = "urn:amtsbote:standard:antwort:1.0"


def reaction(destination: str, answers: str, *enclosures: Enclosure, **changes: Any) -> Application:
    """What an applicant says to an authority's answer."""
    documents = [
        {
            "attachmentId": one.id,
            "name": one.name,
            "sha512": hashlib.sha512(one.content).hexdigest(),
        }
        for one in enclosures
    ]
    answer = {
        "format": "amtsbote-antwort",
        "version": 1,
        "answers": answers,
        "kind": "reaktion",
        "subject": "Ihre Rückfrage",
        "text": "Anbei das Foto.",
        "documents": documents,
    }
    data = json.dumps(answer | changes).encode()
    return Application(destination, data, enclosures, schema=ANSWER_SCHEMA, data_type="application/json")


def reply_channel(key: jwcrypto.jwk.JWK) -> dict[str, Any]:
    members = key.export_public(as_dict=True)
    jwk = {name: members[name] for name in ("kty", "n", "e")} | {"kid": key.thumbprint()}
    return {
        "processStandards": [ANSWER_SCHEMA],
        "encryptionPublicKey": jwk | {"alg": "RSA-OAEP-256", "key_ops": ["wrapKey"]},
    }


def encrypt(plaintext: bytes, header: Mapping[str, Any], key: jwcrypto.jwk.JWK) -> str:
    token = jwcrypto.jwe.JWE(plaintext, protected=json.dumps(header), recipient=key)
    return str(token.serialize(compact=True))


def detached_signature(content: bytes, key: jwcrypto.jwk.JWK) -> str:
    """`header..signature` over exactly these bytes (RFC 7515, appendix F)."""
    head, _, tail = sign(content, {"alg": "PS512", "kid": key.thumbprint()}, key).split(".")
    return f"{head}..{tail}"


def sign(content: bytes, header: Mapping[str, Any], key: jwcrypto.jwk.JWK) -> str:
    token = jwcrypto.jws.JWS(content)
    token.allowed_algs = [header["alg"]]
    token.add_signature(key, protected=json.dumps(header))
    return str(token.serialize(compact=True))


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(content: str) -> bytes:
    return base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))


def one_bit_of(segment: int) -> Change:
    """Flips one bit in the middle of a segment of the JWE: 1 encrypted key, 2 iv, 3 ciphertext, 4 tag."""

    def flipped(token: str) -> str:
        segments = token.split(".")
        content = bytearray(decode(segments[segment]))
        content[len(content) // 2] ^= 1
        segments[segment] = encode(bytes(content))
        return ".".join(segments)

    return flipped


def header_with(**members: Any) -> Change:
    """Writes another header over that of a finished JWE; None takes a member away."""

    def rewritten(token: str) -> str:
        first, rest = token.split(".", 1)
        header = json.loads(decode(first)) | members
        raw = json.dumps({name: value for name, value in header.items() if value is not None})
        return f"{encode(raw.encode())}.{rest}"

    return rewritten


def raw_header(raw: bytes) -> Change:
    return lambda token: f"{encode(raw)}.{token.split('.', 1)[1]}"


def cut_off(characters: int) -> Change:
    return lambda token: token[:-characters]


def _hash(content: bytes) -> dict[str, str]:
    return {"type": "sha512", "content": hashlib.sha512(content).hexdigest()}


def _same(value: Any) -> Any:
    return value
