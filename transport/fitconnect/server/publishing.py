"""What the routing API publishes: the destination of the competent authority, signed once per table version."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from amtsbote.jose.jws import compact, signing_input
from amtsbote.model.directory import Destination, Directory, KeyPurpose
from amtsbote.model.ids import KeyId

SERVICE_URN: Final = "urn:de:fim:leika:leistung:"
REGION_URN: Final = "urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs:"


class Routes(Protocol):
    """What the daemon hands in: the routing registry at one version."""

    @property
    def version(self) -> int: ...

    def destination(self, service: str, region: str, at: datetime) -> Destination | None: ...

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

    async def route(self, service: str, *, ars: str) -> dict[str, Any] | None:
        """The route object of the Routing API (2.0.0), or None when nobody is competent here."""
        routes = self.routes()
        found = routes.destination(service, ars, self.clock())
        if found is None:
            return None
        return {
            "destinationId": found.id,
            "destinationSignature": await self._signature(routes.version, found, service, ars),
            "destinationName": found.name,
            "origin": "Amtsbote",
        }

    async def by_ags(self, service: str, ags: str) -> list[dict[str, Any]]:
        """The routes of all regions with this AGS: it is a key of its own, never computed."""
        found = [await self.route(service, ars=ars) for ars in self.routes().regions_of_ags(ags, self.clock())]
        return [route for route in found if route is not None]

    async def _signature(self, version: int, destination: Destination, service: str, region: str) -> str:
        subject = f"{destination.id}|{service}|{region}"
        kept = await self.shelf.get(version, subject)
        return kept or await self.shelf.keep(version, subject, await self._signed(destination, service, region))

    async def _signed(self, destination: Destination, service: str, region: str) -> str:
        """`destinationSignature` (dossier 2.6): compact JWS, PS512, by the key at `<iss>/.well-known/jwks.json`."""
        claims = {
            "submissionHost": self.public_url.partition("://")[2].partition("/")[0],
            "iss": f"{self.public_url}/routing-api",
            "services": [{"gebietIDs": [REGION_URN + region], "leistungIDs": [SERVICE_URN + service]}],
            "destinationId": destination.id,
            "iat": int(self.clock().timestamp()),
            "jti": self.new_id(),
        }
        key = self.directory().service_key(KeyPurpose.ADDRESSING)
        data = signing_input({"kid": key, "typ": "jwt", "alg": "PS512"}, json.dumps(claims).encode())
        return compact(data, await self.sign(key, data))
