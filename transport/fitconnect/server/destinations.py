"""Destinations, their keys, and the keys of this service (dossier 2.2, 2.4, 3.2)."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import DESTINATION_NOT_FOUND, KEY_NOT_FOUND
from amtsbote.jose.jwk import public_jwk
from amtsbote.mailroom import present_destination, published_keys
from amtsbote.mailroom.destinations import KEY_FIELDS
from amtsbote.model.directory import Destination, KeyEntry, KeyPurpose, OfferedService, Status
from amtsbote.model.ids import DestinationId, KeyId
from amtsbote.model.routing import german_day
from transport.fitconnect.server.answers import answer
from transport.fitconnect.server.bodies import uuid_of
from transport.fitconnect.server.callers import anyone
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.naming import SERVICE_URN, region_name
from transport.fitconnect.server.versions import NUMBER, SERVICES_FIELD, Version, version_of


async def info(_: Front, request: Request) -> Response:
    """GET /{v}/info."""
    return answer(200, {"version": NUMBER[version_of(request)]})


async def destination(front: Front, request: Request) -> Response:
    """GET /{v}/destinations/{id}, for senders and subscribers."""
    client, version = anyone(front, request), version_of(request)
    found = present_destination(front.directory(), destination_id(request), front.clock())
    own = found.subscriber == client.id
    return answer(200, own_view(found, version) if own else view(_taken_today(front, found), version))


async def keys(front: Front, request: Request) -> Response:
    """GET /{v}/destinations/{id}/keys, also without a token: those in use, first the one to encrypt to."""
    version_of(request)
    found = present_destination(front.directory(), destination_id(request), front.clock())
    return answer(200, {"keys": [jwk(entry) for entry in published_keys(front.directory(), found)]})


async def key(front: Front, request: Request) -> Response:
    """GET /{v}/destinations/{id}/keys/{kid}, also without a token: encryption or signature key as JWK. Also of a
    destination that is gone: what it signed stays to be verified."""
    version_of(request)
    name, kid = destination_id(request), KeyId(request.path_params["kid"])
    if name not in front.directory().destinations:
        raise RequestRefused(DESTINATION_NOT_FOUND(id=name))
    entry = front.directory().keys.get(kid)
    if entry is None or entry.owner != name:
        raise RequestRefused(KEY_NOT_FOUND(kid=kid[:64]))
    return answer(200, jwk(entry))


def jwk(entry: KeyEntry) -> dict[str, Any]:
    """A destination's key, by the name its owner gave it."""
    return public_jwk(entry.public, entry.purpose, entry.chain, entry.kid)


async def jwks(purpose: KeyPurpose, front: Front, _: Request) -> Response:
    """GET /.well-known/jwks.json: the service's keys for one purpose, former ones too: what they signed stays to be
    verified. Tokens end soon: their keys go once they are retired."""
    keys = [entry for entry in front.directory().keys.values() if entry.purpose is purpose and not entry.owner]
    if purpose is KeyPurpose.ACCESS_TOKEN:
        keys = [entry for entry in keys if entry.retired_at is None]
    return answer(200, {"keys": [public_jwk(entry.public, entry.purpose) for entry in keys]})


def destination_id(request: Request) -> DestinationId:
    return DestinationId(uuid_of(request.path_params["destination"], "destinationId"))


def _taken_today(front: Front, found: Destination) -> Destination:
    """As senders see it. Its subscriber, who writes back what it has read, sees every schema it lists."""
    directory, on = front.directory(), german_day(front.clock())
    services = (replace(one, schemas=directory.taken(found, one.service, on)) for one in found.services)
    return replace(found, services=tuple(services))


def own_view(found: Destination, version: Version) -> dict[str, Any]:
    """For its subscriber: where it is called back is nobody else's business, and the secret is told to nobody."""
    callback = {} if found.callback is None else {"callback": {"url": found.callback.url}}
    return {**view(found, version), **callback}


def view(found: Destination, version: Version) -> dict[str, Any]:
    """The current keys are named as soon as there are some."""
    kids = dict(zip(KEY_FIELDS.values(), found.key_pair, strict=True))
    return {
        "destinationId": found.id,
        "name": found.name,
        "status": _status(found),
        **{field: kid for field, kid in kids.items() if kid},
        "metadataVersions": list(found.taken_metadata_versions),
        SERVICES_FIELD[version]: [_service(offered) for offered in found.services],
        "contactInformation": dict(found.contact),
        "replyChannels": {name: dict(said) for name, said in found.reply_channels.items()},
    }


def _status(found: Destination) -> str:
    """For whoever sends, off is inactive, whoever switched it."""
    switched_off = found.status is Status.ACTIVE and not found.takes_new
    return Status.INACTIVE if switched_off else found.status


def _service(offered: OfferedService) -> dict[str, Any]:
    schemas = [{"schemaUri": ref.uri, "mimeType": ref.mime_type} for ref in offered.schemas]
    return {
        "identifier": SERVICE_URN + offered.service,
        "name": offered.name,
        "submissionSchemas": schemas,
        "regions": [region_name(region) for region in offered.regions or ("",)],
    }
