"""Checking a route: that the addressing authority really said this destination is responsible (dossier 2.6)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from amtsbote.jose import MalformedJose
from amtsbote.jose.jws import KeyFor, KeyUnknown, SignatureInvalid, verify_compact
from amtsbote.model.formats import is_uuid
from amtsbote.model.ids import DestinationId
from amtsbote.model.routing import within
from amtsbote.model.strictjson import NotStrictJson, read_object
from transport.fitconnect.client.failures import Failure, SendingFailed, readable
from transport.fitconnect.client.values import Endpoints, FoundRoute

SERVICE_URN: Final = "urn:de:fim:leika:leistung:"
REGION_URN: Final = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:"
LIMIT: Final = 256 * 1024
"""Characters of one `destinationSignature`; it may name everything the destination offers."""


def only_route(answer: Mapping[str, Any], service: str, region: str) -> Mapping[str, Any]:
    """The one route of an answer. Raises `SendingFailed` when there is none or several destinations are named."""
    routes = answer.get("routes")
    if not isinstance(routes, list) or not all(isinstance(route, dict) for route in routes):
        raise SendingFailed(Failure.UNEXPECTED, reason="routes")
    destinations = {str(route.get("destinationId")) for route in routes}
    if not destinations:
        raise SendingFailed(Failure.NOBODY, service=service, region=region)
    if len(destinations) > 1:
        raise SendingFailed(Failure.SEVERAL, service=service, region=region)
    first: Mapping[str, Any] = routes[0]
    return first


def check_route(
    route: Mapping[str, Any], endpoints: Endpoints, key_for: KeyFor, *, service: str, ars: str
) -> FoundRoute:
    """`key_for` knows the keys of the addressing issuer. Raises `SendingFailed`."""
    destination, signature = route.get("destinationId"), route.get("destinationSignature")
    if not isinstance(destination, str) or not is_uuid(destination) or not isinstance(signature, str):
        raise SendingFailed(Failure.UNEXPECTED, reason="routes")
    claims = _verified(signature, key_for)
    expected = {
        "iss": endpoints.addressing_issuer,
        "destinationId": destination,
        "submissionHost": urlsplit(endpoints.submission).netloc,
    }
    for name, value in expected.items():
        if claims.get(name) != value:
            raise SendingFailed(Failure.ROUTE, reason=name)
    if not _covers(claims.get("services"), service, ars):
        raise SendingFailed(Failure.ROUTE, reason="services")
    return FoundRoute(DestinationId(destination), readable(route.get("destinationName")), service, ars)


def _verified(signature: str, key_for: KeyFor) -> Mapping[str, Any]:
    try:
        _header, payload = verify_compact(signature, key_for, alg="PS512", typ=None, limit=LIMIT)
        return read_object(payload, limit=LIMIT)
    except (MalformedJose, KeyUnknown, SignatureInvalid, NotStrictJson):
        raise SendingFailed(Failure.ROUTE, reason="destinationSignature") from None


def _covers(services: object, service: str, ars: str) -> bool:
    """One entry must name the service together with the region or a larger one that contains it."""
    entries = services if isinstance(services, list) else []
    return any(
        SERVICE_URN + service in _texts(entry, "leistungIDs")
        and any(_contains(region, ars) for region in _texts(entry, "gebietIDs"))
        for entry in entries
    )


def _contains(region: str, ars: str) -> bool:
    key = region.removeprefix(REGION_URN)
    return region.startswith(REGION_URN) and key != "" and within(ars, key)


def _texts(entry: object, name: str) -> Sequence[str]:
    values = entry.get(name) if isinstance(entry, dict) else None
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
