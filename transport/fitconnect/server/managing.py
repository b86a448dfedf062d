"""Subscribers manage their destinations and keys: Submission API v1 and Destination API v2 (dossier 2.2, 2.4, 2.5).

Members nobody knows are passed over; both names of the list of services are read in both versions.
"""

from collections.abc import Mapping
from dataclasses import replace as with_changes
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from amtsbote.errors import RequestRefused
from amtsbote.errors.table import INVALID_FIELD
from amtsbote.mailroom import NO_CALLBACK, CallbackWish, DestinationWish
from amtsbote.model.channels import CHANNELS, misfit
from amtsbote.model.content import SchemaRef
from amtsbote.model.directory import OfferedService, Status
from amtsbote.model.ids import KeyId
from transport.fitconnect.server.announcing import CallbackSecret, CallbackUrl
from transport.fitconnect.server.answers import answer, concerns
from transport.fitconnect.server.bodies import SMALL_BODY, read_json, read_model, read_page
from transport.fitconnect.server.callers import anyone, manager
from transport.fitconnect.server.destinations import destination_id, jwk, own_view
from transport.fitconnect.server.front import Front
from transport.fitconnect.server.naming import region_key, service_key
from transport.fitconnect.server.scopes import Right
from transport.fitconnect.server.versions import SERVICES_FIELD, Version, version_of

_LARGEST: Final = 1024 * 1024
"""Bytes of a description: some thousand services or regions."""
_MOST: Final = 10_000
_MOST_STANDARDS: Final = 100
_LONGEST: Final = 500
"""Characters of a word."""


Words = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST)]
Kid = Annotated[str, StringConstraints(min_length=8, max_length=64)]
MetadataVersion = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")]
MimeType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.+-]+$", max_length=255)]


class SchemaBody(BaseModel):
    model_config = ConfigDict(strict=True)

    schema_uri: Words = Field(alias="schemaUri")
    mime_type: MimeType = Field(alias="mimeType")


class ServiceBody(BaseModel):
    model_config = ConfigDict(strict=True)

    identifier: str = Field(max_length=255)
    name: str = Field("", max_length=500)
    submission_schemas: list[SchemaBody] = Field(alias="submissionSchemas", min_length=1, max_length=100)
    regions: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=_MOST)
    """None at all: everywhere."""


class CallbackBody(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    url: CallbackUrl
    secret: CallbackSecret | None = Field(None, repr=False)
    """Written, never read: without it the destination keeps the one it has."""


class ChangeBody(BaseModel):
    """What is left out stays as it is; `callback: null` takes the callback away."""

    model_config = ConfigDict(strict=True, populate_by_name=True)

    name: Words | None = None
    public_services: list[ServiceBody] | None = Field(None, alias="publicServices", max_length=_MOST)
    services: list[ServiceBody] | None = Field(None, max_length=_MOST)
    contact: dict[Words, Words] | None = Field(None, alias="contactInformation", max_length=20)
    reply_channels: dict[str, dict[str, Any]] | None = Field(None, alias="replyChannels")
    metadata_versions: list[MetadataVersion] | None = Field(None, alias="metadataVersions", min_length=1, max_length=50)
    callback: CallbackBody | None = None
    status: Annotated[Status, Field(strict=False)] | None = None
    encryption_kid: Kid | None = Field(None, alias="encryptionKid")
    signature_kid: Kid | None = Field(None, alias="signatureKid")


class WholeBody(ChangeBody):
    """What is left out takes its default. Status, keys and the secret of the callback stay where they are not named."""

    name: Words
    contact: dict[Words, Words] = Field(default_factory=dict, alias="contactInformation", max_length=20)
    reply_channels: dict[str, dict[str, Any]] = Field(default_factory=dict, alias="replyChannels")
    metadata_versions: list[MetadataVersion] = Field(
        default=["1.0.0", "2.1.0"], alias="metadataVersions", min_length=1, max_length=50
    )


async def listed(front: Front, request: Request) -> Response:
    """GET /{v}/destinations?offset&limit: the client's own."""
    page, version = read_page(request), version_of(request)
    total, found = await front.managing.own(anyone(front, request, Right.SUBSCRIBE, Right.MANAGE), page)
    shown = [own_view(one, version) for one in found]
    return answer(200, {"offset": page.offset, "count": len(shown), "totalCount": total, "destinations": shown})


async def create(front: Front, request: Request) -> Response:
    """POST /{v}/destinations → 201: `created`, without keys."""
    client, version = manager(front, request), version_of(request)
    body = await read_model(request, WholeBody, _LARGEST, front.limits)
    made = await front.managing.create(client, _whole(body, version))
    concerns(destination=made.id)
    return answer(201, own_view(made, version))


async def replace(front: Front, request: Request) -> Response:
    """PUT /{v}/destinations/{id} → 200."""
    client, name, version = manager(front, request), destination_id(request), version_of(request)
    body = await read_model(request, WholeBody, _LARGEST, front.limits)
    return answer(200, own_view(await front.managing.change(client, name, _whole(body, version)), version))


async def change(front: Front, request: Request) -> Response:
    """PATCH /{v}/destinations/{id} → 200: the members that are named."""
    client, name, version = manager(front, request), destination_id(request), version_of(request)
    body = await read_model(request, ChangeBody, _LARGEST, front.limits)
    return answer(200, own_view(await front.managing.change(client, name, _wish(body, version)), version))


async def remove(front: Front, request: Request) -> Response:
    """DELETE /{v}/destinations/{id} → 200 with what is left: `decommissioned`, or nothing of one never opened."""
    client, name = manager(front, request), destination_id(request)
    left = await front.managing.close(client, name)
    gone = {"destinationId": name, "status": "deleted"}
    return answer(200, gone if left is None else own_view(left, version_of(request)))


async def add_key(front: Front, request: Request) -> Response:
    """POST /{v}/destinations/{id}/keys, a JWK with `x5c` → 201. The same key again: the same answer."""
    client, name = manager(front, request), destination_id(request)
    body = await read_json(request, SMALL_BODY, front.limits)
    return answer(201, jwk(await front.managing.add_key(client, name, body)))


def _whole(body: WholeBody, version: Version) -> DestinationWish:
    """A description without services or callback says that there are none."""
    wish = _wish(body, version)
    said = body.model_fields_set
    services = () if wish.services is None else wish.services
    return with_changes(wish, services=services, callback=wish.callback if "callback" in said else NO_CALLBACK)


def _wish(body: ChangeBody, version: Version) -> DestinationWish:
    services = body.public_services if body.public_services is not None else body.services
    return DestinationWish(
        name=body.name,
        services=None if services is None else _offered(services, SERVICES_FIELD[version]),
        contact=body.contact,
        reply_channels=None if body.reply_channels is None else _channels(body.reply_channels),
        metadata_versions=None if body.metadata_versions is None else tuple(body.metadata_versions),
        callback=_callback(body),
        status=body.status,
        encryption_key=None if body.encryption_kid is None else KeyId(body.encryption_kid),
        signing_key=None if body.signature_kid is None else KeyId(body.signature_kid),
    )


def _callback(body: ChangeBody) -> CallbackWish | None:
    if "callback" not in body.model_fields_set:
        return None
    return NO_CALLBACK if body.callback is None else CallbackWish(body.callback.url, body.callback.secret)


def _offered(bodies: list[ServiceBody], field: str) -> tuple[OfferedService, ...]:
    """Raises `RequestRefused` also for a service that is named twice."""
    offered: dict[str, OfferedService] = {}
    for place, body in enumerate(bodies):
        key = service_key(body.identifier, f"{field}.{place}.identifier")
        if key in offered:
            raise RequestRefused(INVALID_FIELD(field=f"{field}.{place}.identifier", reason="unique"))
        regions = [region_key(region, f"{field}.{place}.regions") for region in body.regions]
        schemas = tuple(SchemaRef(schema.schema_uri, schema.mime_type) for schema in body.submission_schemas)
        offered[key] = OfferedService(key, body.name, tuple(dict.fromkeys(regions)), schemas)
    return tuple(offered.values())


def _channels(named: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, bool | tuple[str, ...]]]:
    """Members of a channel that nobody knows are passed over, a channel nobody knows is not."""
    read = {
        name: {member: _said(value) for member, value in members.items() if member in CHANNELS.get(name, {})}
        for name, members in named.items()
    }
    wrong = misfit(read)
    if wrong is not None:
        raise RequestRefused(INVALID_FIELD(field=f"replyChannels.{wrong}", reason="reply_channel"))
    return read


def _said(value: Any) -> Any:
    """A list of words as the model has it; whether it belongs there is for `misfit` to say."""
    if not isinstance(value, list) or len(value) > _MOST_STANDARDS:
        return value
    return tuple(value) if all(isinstance(one, str) and 0 < len(one) <= _LONGEST for one in value) else value
