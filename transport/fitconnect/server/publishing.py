"""What the routing API publishes: the destination of the competent authority, signed once per table version."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Protocol

from amtsbote.jose.jws import compact, signing_input
from amtsbote.model.directory import Destination, Directory, KeyPurpose
from amtsbote.model.ids import KeyId
from amtsbote.model.report import Route
from transport.fitconnect.server.naming import REGION_URN, SERVICE_URN

LAENDER: Final = tuple(f"{number:02}" for number in range(1, 17))
"""What an offer without a restriction covers: a region of the signature cannot be empty."""


class Routes(Protocol):
    """What the daemon hands in: the routing registry at one version."""

    @property
    def version(self) -> int: ...

    def route(self, service: str, region: str, at: datetime) -> Route: ...

    def regions_of_ags(self, ags: str, at: datetime) -> tuple[str, ...]: ...


class SignatureShelf(Protocol):
    """Where signatures are kept, so that each is made once per table version."""

    async def get(self, version: int, subject: str) -> str | None: ...

    async def keep(self, version: int, subject: str, jws: str) -> str:
        """Returns the one that was kept first."""
        ...


@dataclass(frozen=True, slots=True)
class Published:
    routes: Callable[[], Routes]
    shelf: SignatureShelf
    directory: Callable[[], Directory]
    sign: Callable[[KeyId, bytes], Awaitable[bytes]]
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    public_url: str
    _signing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def route(self, service: str, *, ars: str) -> dict[str, Any] | None:
        """The route object of the Routing API (2.0.0), or None when nobody is competent here."""
        routes = self.routes()
        found = routes.route(service, ars, self.clock()).destination
        if found is None:
            return None
        return {
            "destinationId": found.id,
            "destinationSignature": await self._signature(routes.version, found),
            "destinationName": found.name,
            "origin": "Amtsbote",
        }

    async def by_ags(self, service: str, ags: str) -> list[dict[str, Any]]:
        """The routes of all regions with this AGS, each once: it is a key of its own, never computed."""
        found = [await self.route(service, ars=ars) for ars in self.routes().regions_of_ags(ags, self.clock())]
        return list({route["destinationId"]: route for route in found if route is not None}.values())

    async def _signature(self, version: int, destination: Destination) -> str:
        """One for everything the destination offers: what strangers may ask costs one signature for each destination,
        however they ask. A new offer or a new key is another subject."""
        key = self.directory().service_key(KeyPurpose.ADDRESSING)
        claims = self._claims(destination)
        subject = f"{destination.id}|{sha256(json.dumps([key, claims]).encode()).hexdigest()}"
        if kept := await self.shelf.get(version, subject):
            return kept
        async with self._signing:
            kept = await self.shelf.get(version, subject)
            return kept or await self.shelf.keep(version, subject, await self._signed(key, claims))

    def _claims(self, destination: Destination) -> dict[str, Any]:
        """`destinationSignature` (dossier 2.6) without the moment."""
        return {
            "submissionHost": self.public_url.partition("://")[2].partition("/")[0],
            "iss": f"{self.public_url}/routing-api",
            "services": _offer(destination),
            "destinationId": destination.id,
        }

    async def _signed(self, key: KeyId, claims: dict[str, Any]) -> str:
        """Compact JWS, PS512, by the key at `<iss>/.well-known/jwks.json`."""
        dated = claims | {"iat": int(self.clock().timestamp()), "jti": self.new_id()}
        data = signing_input({"kid": key, "typ": "jwt", "alg": "PS512"}, json.dumps(dated).encode())
        return compact(data, await self.sign(key, data))


def _offer(destination: Destination) -> list[dict[str, list[str]]]:
    """Services with the same regions are one entry."""
    services: dict[tuple[str, ...], list[str]] = {}
    for offered in destination.services:
        regions = LAENDER if offered.covers("") else offered.regions
        services.setdefault(regions, []).append(SERVICE_URN + offered.service)
    return [
        {"gebietIDs": [REGION_URN + region for region in regions], "leistungIDs": keys}
        for regions, keys in services.items()
    ]
