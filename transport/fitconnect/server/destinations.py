"""Destinations, their keys, and the keys of this service (dossier 2.2, 2.4, 3.2)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import DESTINATION_NOT_FOUND, KEY_NOT_FOUND
from amtsbote.jose.jwk import public_jwk
from amtsbote.model.directory import Destination, KeyPurpose, OfferedService
from amtsbote.model.ids import DestinationId, KeyId
from transport.fitconnect.server.answers import answer
from transport.fitconnect.server.bodies import uuid_of
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.versions import NUMBER, SERVICES_FIELD, Version, version_of


async def info(_: Front, request: Request) -> Response:
    """GET /{v}/info."""
    return answer(200, {"version": NUMBER[version_of(request)]})


async def destination(front: Front, request: Request) -> Response:
    """GET /{v}/destinations/{id}, for senders and subscribers."""
    front.tokens.client_of(request.headers.get("authorization"))
    return answer(200, _view(_destination(front, request), version_of(request)))


async def key(front: Front, request: Request) -> Response:
    """GET /{v}/destinations/{id}/keys/{kid}, also without a token: encryption or signature key as JWK."""
    version_of(request)
    found = _destination(front, request)
    kid = KeyId(request.path_params["kid"])
    entry = front.directory().keys.get(kid)
    if entry is None or entry.owner != found.id:
        raise RequestRefused(KEY_NOT_FOUND(kid=kid[:64]))
    return answer(200, public_jwk(entry.public, entry.purpose, entry.chain))


def jwks(front: Front, purpose: KeyPurpose) -> Response:
    """GET /.well-known/jwks.json: the service's keys for one purpose."""
    keys = [entry for entry in front.directory().keys.values() if entry.purpose is purpose and not entry.owner]
    return answer(200, {"keys": [public_jwk(entry.public, entry.purpose) for entry in keys]})


def _destination(front: Front, request: Request) -> Destination:
    wanted = DestinationId(uuid_of(request.path_params["destination"], "destinationId"))
    found = front.directory().destinations.get(wanted)
    if found is None:
        raise RequestRefused(DESTINATION_NOT_FOUND(id=wanted))
    return found


def _view(found: Destination, version: Version) -> dict[str, Any]:
    return {
        "destinationId": found.id,
        "name": found.name,
        "status": found.status,
        "encryptionKid": found.encryption_key,
        "metadataVersions": list(found.metadata_versions),
        SERVICES_FIELD[version]: [_service(offered) for offered in found.services],
        "contactInformation": dict(found.contact),
        "replyChannels": {},
    }


def _service(offered: OfferedService) -> dict[str, Any]:
    schemas = [{"schemaUri": ref.uri, "mimeType": ref.mime_type} for ref in offered.schemas]
    return {
        "identifier": f"urn:de:fim:leika:leistung:{offered.service}",
        "name": offered.name,
        "submissionSchemas": schemas,
        "regions": list(offered.regions),
    }
