"""What the routing API publishes: the destination of the competent authority, signed once per table version."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Protocol

from amtsbote.jose.jws import compact, signing_input
from amtsbote.model.directory import Destination
from amtsbote.model.ids import KeyId
from amtsbote.model.report import Route
from amtsbote.model.routing import FoundArea
from transport.fitconnect.assumptions import ENDED_KEY
from transport.fitconnect.server.naming import REGION_URN, SERVICE_URN

LAENDER: Final = tuple(f"{number:02}" for number in range(1, 17))
"""What an offer without a restriction covers: a region of the signature cannot be empty."""
ORIGIN: Final = "Amtsbote"
"""`origin` of a route: the system that holds the tables it comes from."""


class Routes(Protocol):
    """What the daemon hands in: directory and routing registry at one moment. An answer is made from one of them."""

    @property
    def version(self) -> int: ...

    @property
    def signing_key(self) -> KeyId: ...

    def areas(self, terms: Sequence[str], at: datetime) -> tuple[FoundArea, ...]:
        """Those that every term fits; takes milliseconds, in the worst case some tens."""
        ...

    def route(self, service: str, region: str, at: datetime, facts: Mapping[str, str] = ...) -> Route:
        """`facts`: of the message, as far as they are known."""
        ...

    def former(self, region: str, at: datetime) -> Sequence[str]:
        """Keys that have ended and belong to the region today, without beginning with its key."""
        ...

    def regions_of_ags(self, ags: str, at: datetime) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class SignedTables:
    """A version of the routing tables as the signed file other nodes mirror."""

    version: int
    digest: str
    """SHA-256 of the tables, hexadecimal."""
    compressed: bytes
    """gzip."""


class SignatureShelf(Protocol):
    """Where signatures are kept, so that each is made once per table version."""

    async def get(self, version: int, subject: str) -> str | None: ...

    async def keep(self, version: int, subject: str, jws: str) -> str:
        """Returns the one that was kept first."""
        ...


@dataclass(frozen=True, slots=True)
class Published:
    routes: Callable[[], Routes]
    tables: Callable[[], Awaitable[SignedTables | None]]
    """None where they are not for everybody."""
    shelf: SignatureShelf
    sign: Callable[[KeyId, bytes], Awaitable[bytes]]
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    public_url: str
    _signing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _searching: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    """However many search, one search at a time takes computing time from those who send."""

    async def areas(self, terms: Sequence[str]) -> tuple[FoundArea, ...]:
        async with self._searching:
            return await asyncio.to_thread(self.routes().areas, terms, self.clock())

    async def by_ars(self, service: str, ars: str) -> list[dict[str, Any]]:
        """The route object of the Routing API (2.0.0); none when nobody is competent here."""
        route = await self._route(self.routes(), service, ars)
        return [] if route is None else [route]

    async def by_ags(self, service: str, ags: str) -> list[dict[str, Any]]:
        """The routes of all regions with this AGS, each once: it is a key of its own, never computed."""
        routes = self.routes()
        found = [await self._route(routes, service, ars) for ars in routes.regions_of_ags(ags, self.clock())]
        return list({route["destinationId"]: route for route in found if route is not None}.values())

    async def _route(self, routes: Routes, service: str, ars: str) -> dict[str, Any] | None:
        way = routes.route(service, ars, self.clock())
        if way.destination is None:
            return None
        return {
            "destinationId": way.destination.id,
            "destinationSignature": await self._signature(routes, way.destination),
            "destinationName": way.name,
            "origin": ORIGIN,
            **({} if way.became is None else {"customParameters": {ENDED_KEY.value: way.became}}),
        }

    async def _signature(self, routes: Routes, destination: Destination) -> str:
        """One for everything the destination offers: what strangers may ask costs one signature for each destination,
        however they ask. A new offer or a new key is another subject."""
        key, claims = routes.signing_key, self._claims(routes, destination)
        subject = f"{destination.id}|{sha256(json.dumps([key, claims]).encode()).hexdigest()}"
        if kept := await self.shelf.get(routes.version, subject):
            return kept
        async with self._signing:
            kept = await self.shelf.get(routes.version, subject)
            return kept or await self.shelf.keep(routes.version, subject, await self._signed(key, claims))

    def _claims(self, routes: Routes, destination: Destination) -> dict[str, Any]:
        """`destinationSignature` (dossier 2.6) without the moment."""
        return {
            "submissionHost": self.public_url.partition("://")[2].partition("/")[0],
            "iss": f"{self.public_url}/routing-api",
            "services": _offer(destination, lambda region: routes.former(region, self.clock())),
            "destinationId": destination.id,
        }

    async def _signed(self, key: KeyId, claims: dict[str, Any]) -> str:
        """Compact JWS, PS512, by the key at `<iss>/.well-known/jwks.json`."""
        dated = claims | {"iat": int(self.clock().timestamp()), "jti": self.new_id()}
        data = signing_input({"kid": key, "typ": "jwt", "alg": "PS512"}, json.dumps(dated).encode())
        return compact(data, await self.sign(key, data))


def _offer(destination: Destination, former: Callable[[str], Sequence[str]]) -> list[dict[str, list[str]]]:
    """Services with the same regions are one entry. A key that has ended stands beside the region it belongs to today:
    whoever asked with it finds it signed."""
    services: dict[tuple[str, ...], list[str]] = {}
    for offered in destination.services:
        regions = LAENDER if offered.covers("") else offered.regions
        services.setdefault(regions, []).append(SERVICE_URN + offered.service)
    return [
        {"gebietIDs": [REGION_URN + region for region in _with_former(regions, former)], "leistungIDs": keys}
        for regions, keys in services.items()
    ]


def _with_former(regions: Sequence[str], former: Callable[[str], Sequence[str]]) -> Sequence[str]:
    more = (ended for region in regions for ended in former(region))
    return list(dict.fromkeys([*regions, *more]))
