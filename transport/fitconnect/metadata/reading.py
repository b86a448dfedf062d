"""Reading a metadata set: strict JSON, then the version, then the model of its family, then one shape for both."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError

from amtsbote.errors import Problem, Rejected, table
from amtsbote.jose import MalformedJose
from amtsbote.jose.jwk import reply_channel
from amtsbote.model.content import ReplyChannel, SchemaRef
from amtsbote.model.directory import not_older
from amtsbote.model.ids import PartId
from amtsbote.model.strictjson import NotStrictJson, read_object
from transport.fitconnect.metadata import v1, v2
from transport.fitconnect.metadata.findings import MAX_FINDINGS, MetadataFinding, as_findings, path_of
from transport.fitconnect.metadata.members import Data

MAX_BYTES: Final = 1_000_000
INSTANCE: Final = "metadata"
FIT_CONNECT: Final = "fitConnect"
"""The reply channel that is this protocol."""

Document = v1.Document | v2.Document
MODELS: Final[dict[str, type[Document]]] = {"1": v1.Document, "2": v2.Document}
"""Major version → model. Versions without a published reference at hand use the model of their major."""
REFERENCES: Final = frozenset({v1.REFERENCE, v2.REFERENCE})
WITHOUT_SCHEMA: Final = v1.REFERENCE
"""What a set without `$schema` is: only 1.0.0 has none."""

_SCHEMA_URI: Final = re.compile(
    r"https://schema\.fitko\.de/fit-connect/metadata/(?P<version>(?P<major>\d{1,4})\.\d{1,4}\.\d{1,4})/metadata\.schema\.json",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class AttachmentEntry:
    """Ids are in lower case here, however the sender wrote them."""

    id: PartId
    sha512: str
    """Lower-case hex, over the whole plaintext, also when it comes in fragments."""
    purpose: str
    mime_type: str
    filename: str | None
    """As the sender wrote it: data only, never a path."""
    description: str | None
    fragments: tuple[PartId, ...] = ()
    """The parts it comes in, in order; empty when it comes as one."""

    @property
    def parts(self) -> tuple[PartId, ...]:
        """Ids of the parts that make it up, in order. Its own is among them only when a part bears it."""
        return self.fragments or (self.id,)


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """The portal's signature over the data, not yet decoded."""

    format: str
    """`cms`, `xml`, `pdf`, `asic` or `json`."""
    detached: bool
    content: str | None


@dataclass(frozen=True, slots=True)
class Metadata:
    """A metadata set of any version that satisfied its model."""

    version: str
    fully_validated: bool
    """False when there is no reference for this version and the nearest model of its major was used."""
    schema: SchemaRef | None
    """Declared schema of the data; None when there is no data (1.x only)."""
    data_hash: str | None
    """SHA-512 of the plaintext data, lower-case hex."""
    attachments: tuple[AttachmentEntry, ...]
    signature: SignatureEntry | None
    public_service: str | None
    """URN of the service (1.x only; 2.x names it in the submission)."""
    sender_reference: str | None
    answered_by: str | None = None
    """The channel the sender chose for replies, by its name on the wire; None means the post."""
    reply_channel: ReplyChannel | None = None
    """That channel, when it is `fitConnect`."""


def read_metadata(raw: bytes, *, supported: Sequence[str], oldest: str = WITHOUT_SCHEMA) -> Metadata:
    """The metadata set in `raw`. `supported` are the versions the destination lists, e.g. `1.0.0`; nothing older than
    `oldest` is taken.

    A version with a reference must be listed; one without is read when a version of its major is listed. Raises
    `Rejected` with one of METADATA_SYNTAX, METADATA_SCHEMA_MISSING, METADATA_SCHEMA_UNSUPPORTED, METADATA_INVALID.
    """
    try:
        content = read_object(raw, limit=MAX_BYTES)
    except NotStrictJson as error:
        raise Rejected(_unreadable(error)) from None
    taken = not_older(supported, oldest)
    version = _version(content, supported, taken)
    if not not_older([version], oldest):
        raise Rejected(_unsupported(version, taken))
    try:
        document = MODELS[_major(version)].model_validate(content)
    except ValidationError as error:
        findings = as_findings(error)
        raise Rejected(_invalid(version, findings)) from None
    metadata = replace(_normalised(document, version), **_replies(content, version))
    if beyond := _beyond_the_schema(metadata.attachments):
        raise Rejected(_invalid(version, beyond))
    return metadata


def _replies(content: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The two members that say where replies go. Read from the document itself: the model of a key drops what does not
    belong into it, such as its private half."""
    chosen: Mapping[str, Any] = content.get("replyChannel", {})
    named = next(iter(chosen), None)
    if named != FIT_CONNECT or _major(version) == "1":
        return {"answered_by": named}
    said = chosen[FIT_CONNECT]
    try:
        channel = reply_channel(said["encryptionPublicKey"], said["processStandards"])
    except MalformedJose:
        where = path_of(("replyChannel", FIT_CONNECT, "encryptionPublicKey"))
        raise Rejected(_invalid(version, (MetadataFinding("reply_key", where),))) from None
    return {"answered_by": named, "reply_channel": channel}


def _version(content: dict[str, Any], supported: Sequence[str], taken: Sequence[str]) -> str:
    """`taken`: the supported ones a sender is told of."""
    if "$schema" not in content:
        if WITHOUT_SCHEMA not in supported:
            raise Rejected(table.METADATA_SCHEMA_MISSING(instance=INSTANCE))
        return WITHOUT_SCHEMA
    declared = content["$schema"]
    found = _SCHEMA_URI.fullmatch(declared) if isinstance(declared, str) else None
    if found is None:
        raise Rejected(_unsupported("?", taken))
    version = found["version"]
    if not _is_read(version, supported):
        raise Rejected(_unsupported(version, taken))
    return version


def _is_read(version: str, supported: Sequence[str]) -> bool:
    if version in supported:
        return _major(version) in MODELS
    majors = {_major(listed) for listed in supported} & MODELS.keys()
    return version not in REFERENCES and _major(version) in majors


def _major(version: str) -> str:
    return version.partition(".")[0]


def _beyond_the_schema(attachments: Sequence[AttachmentEntry]) -> tuple[MetadataFinding, ...]:
    """A rule of ours that the schema does not express: a part belongs to one attachment, and an id names one thing,
    in whatever letters it is written."""
    seen: set[PartId] = set()
    findings = []
    for position, entry in enumerate(attachments):
        where = ("contentStructure", "attachments", position)
        if entry.id in seen:
            findings.append(MetadataFinding("same_attachment", path_of((*where, "attachmentId")), (entry.id,)))
        if doubled := _doubled(entry.fragments, seen):
            findings.append(MetadataFinding("same_fragment", path_of((*where, "fragments")), doubled))
        seen |= {entry.id, *entry.fragments}
    return tuple(findings)


def _doubled(fragments: Sequence[PartId], seen: set[PartId]) -> tuple[PartId, ...]:
    """Those that name a part of an earlier attachment, or the same part twice."""
    here = Counter(fragments)
    return tuple(fragment for fragment, times in here.items() if times > 1 or fragment in seen)


def _normalised(document: Document, version: str) -> Metadata:
    data = document.content_structure.data
    info = document.additional_reference_info
    service = document.public_service_type if isinstance(document, v1.Document) else None
    return Metadata(
        version=version,
        fully_validated=version in REFERENCES,
        schema=SchemaRef(data.submission_schema.schema_uri, data.submission_schema.mime_type) if data else None,
        data_hash=data.hash.content if data else None,
        attachments=tuple(_entry(attachment) for attachment in document.content_structure.attachments),
        signature=_signature(data),
        public_service=service.identifier if service else None,
        sender_reference=info.sender_reference if info else None,
    )


def _entry(attachment: v1.Attachment | v2.Attachment) -> AttachmentEntry:
    fragments = attachment.fragments if isinstance(attachment, v2.Attachment) else None
    return AttachmentEntry(
        id=_part(attachment.attachment_id),
        sha512=attachment.hash.content,
        purpose=attachment.purpose,
        mime_type=attachment.mime_type,
        filename=attachment.filename,
        description=attachment.description,
        fragments=tuple(map(_part, fragments or ())),
    )


def _part(identifier: str) -> PartId:
    return PartId(identifier.lower())


def _signature(data: Data | None) -> SignatureEntry | None:
    if data is None or data.signature is None:
        return None
    signature = data.signature
    return SignatureEntry(signature.signature_format, signature.detached_signature, signature.content)


def _unreadable(error: NotStrictJson) -> Problem:
    reason = f"{error.reason} {error.place}".strip()
    sentence = {"path": "$", "de": error.de, "en": error.en}
    return table.METADATA_SYNTAX(instance=INSTANCE, reason=reason, extensions={"findings": [sentence]})


def _unsupported(version: str, supported: Sequence[str]) -> Problem:
    return table.METADATA_SCHEMA_UNSUPPORTED(instance=INSTANCE, schema=version, supported=", ".join(supported))


def _invalid(version: str, findings: Sequence[MetadataFinding]) -> Problem:
    return table.METADATA_INVALID(
        instance=INSTANCE,
        schema=version,
        count=len(findings),
        extensions={"findings": [finding.on_the_wire() for finding in findings[:MAX_FINDINGS]]},
    )
