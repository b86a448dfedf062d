"""Reading a destination and checking its keys (dossier 2.4, 3.2, 3.3)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amtsbote.jose import MalformedJose
from amtsbote.jose.certificates import CertificateRefused, check_chain
from amtsbote.jose.jwk import chain_of_jwk, public_key_from_jwk
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.ids import DestinationId, KeyId
from transport.fitconnect.client.failures import Bilingual, Failure, SendingFailed, readable
from transport.fitconnect.client.routes import SERVICE_URN
from transport.fitconnect.client.values import Application, DestinationView, EncryptionKey, OfferedSchemas
from transport.fitconnect.packing import METADATA_VERSION


class _Schema(BaseModel):
    schema_uri: str = Field(alias="schemaUri")
    mime_type: str = Field(alias="mimeType")


class _Service(BaseModel):
    identifier: str
    submission_schemas: list[_Schema] = Field(default_factory=list, alias="submissionSchemas")
    regions: list[str] = Field(default_factory=list)


class _Destination(BaseModel):
    model_config = ConfigDict(strict=True)

    destination_id: str = Field(alias="destinationId")
    name: str = ""
    status: str
    encryption_kid: str = Field(alias="encryptionKid")
    metadata_versions: list[str] = Field(default_factory=list, alias="metadataVersions")
    public_services: list[_Service] = Field(default_factory=list, alias="publicServices")


def read_destination(answer: Mapping[str, Any], asked: DestinationId) -> DestinationView:
    """Raises `SendingFailed` when the answer is about another destination or not as agreed."""
    try:
        found = _Destination.model_validate(answer)
    except ValidationError:
        raise SendingFailed(Failure.UNEXPECTED, reason="destination") from None
    if found.destination_id.lower() != asked.lower():
        raise SendingFailed(Failure.UNEXPECTED, reason="destinationId")
    services = tuple(
        OfferedSchemas(
            offered.identifier,
            tuple(SchemaRef(schema.schema_uri, schema.mime_type) for schema in offered.submission_schemas),
            tuple(offered.regions),
        )
        for offered in found.public_services
    )
    return DestinationView(
        asked,
        readable(found.name),
        readable(found.status),
        KeyId(found.encryption_kid),
        tuple(found.metadata_versions),
        services,
    )


def check_takes(destination: DestinationView, application: Application) -> None:
    """Find out before sending what would be rejected afterwards. Raises `SendingFailed`."""
    if destination.status != "active":
        raise SendingFailed(Failure.DESTINATION, reason=f"status {destination.status}")
    if destination.metadata_versions and METADATA_VERSION not in destination.metadata_versions:
        raise SendingFailed(Failure.DESTINATION, reason=f"metadata {METADATA_VERSION}")
    offered = [entry for entry in destination.services if entry.service == SERVICE_URN + application.service]
    if not offered:
        raise SendingFailed(Failure.DESTINATION, reason=f"service {application.service}")
    if not any(application.schema in entry.schemas for entry in offered):
        raise SendingFailed(Failure.DESTINATION, reason=f"schema {application.schema.uri}")


def check_encryption_key(
    jwk: Mapping[str, Any], destination: DestinationView, anchors: Sequence[bytes], *, at: datetime
) -> EncryptionKey:
    """Raises `SendingFailed`. Revocation is not checked."""
    public = certified_public_key(jwk, destination.encryption_kid, KeyPurpose.ENCRYPTION, anchors, at=at)
    return EncryptionKey(destination.id, destination.encryption_kid, public)


def certified_public_key(
    jwk: Mapping[str, Any], kid: KeyId, purpose: KeyPurpose, anchors: Sequence[bytes], *, at: datetime
) -> RSAPublicKey:
    """A destination's key with this id, certified for this purpose up to one of our anchors."""
    if jwk.get("kid") != kid:
        raise SendingFailed(Failure.KEY, reason="kid")
    try:
        public = public_key_from_jwk(jwk, purpose)
        check_chain(public, chain_of_jwk(jwk), anchors, at=at, purpose=purpose)
    except MalformedJose as error:
        raise SendingFailed(Failure.KEY, reason=error.reason) from None
    except CertificateRefused as error:
        why = Bilingual(error.reason, error.de.removesuffix("."), error.en.removesuffix("."))
        raise SendingFailed(Failure.KEY, reason=why) from None
    return public
