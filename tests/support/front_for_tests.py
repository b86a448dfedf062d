"""The FIT-Connect server over a house of tests, asked without sockets."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
from application_kit import CHEMNITZ, TREE_FELLING, Application, Sealed
from house_for_tests import DIRECT, HOST, PORTAL, SECRET, TABLES, House, a_gazetteer, a_resolver
from openapi_oracle import judged_async

from amtsbote.daemon.publishing import RouteSignatures, nothing_published
from amtsbote.daemon.snapshot import PublishedRoutes, Snapshot
from amtsbote.mailroom import Managing
from amtsbote.model.ids import ClientId, KeyId
from amtsbote.model.report import CheckReport
from routing.former import FormerKeys
from transport.fitconnect.server import Admission, Front, Gate, ServerLimits, application
from transport.fitconnect.server.publishing import Published
from transport.fitconnect.server.rates import Rate, Rates
from transport.fitconnect.server.slowdown import SlowDown
from transport.fitconnect.server.sources import Sources
from transport.fitconnect.server.tokens import Tokens

MIB = 1024 * 1024
JOSE = "application/jose"
NOBODY = "99999999-0000-4000-8000-999999999999"


@dataclass
class Asked:
    """A client of the server, and what stands behind it."""

    house: House
    front: Front
    http: httpx.AsyncClient

    @property
    def watched(self) -> "Watched":
        assert isinstance(self.front.watch, Watched)
        return self.front.watch

    @asynccontextmanager
    async def at(self, front: Front, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
        """Asks another front of the same house, from another address."""
        transport = httpx.ASGITransport(application(front, self.house.ids), False, client=(address, 1))
        hooks = {"response": [judged_async]}
        async with httpx.AsyncClient(transport=transport, base_url=HOST, event_hooks=hooks) as http:
            yield http

    def bearer(self, client: ClientId = PORTAL) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.front.tokens.issue(self.house.client(client))}"}

    async def get(self, path: str, client: ClientId | None = PORTAL, **more: Any) -> httpx.Response:
        return await self.http.get(path, headers=self.bearer(client) if client else {}, **more)

    async def send(
        self,
        method: str,
        path: str,
        client: ClientId = PORTAL,
        *,
        type: str = "",  # noqa: A002
        **more: Any,
    ) -> httpx.Response:
        headers = self.bearer(client) | ({"Content-Type": type} if type else {}) | more.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **more)

    async def token(self, client: ClientId = PORTAL, secret: str = SECRET, **more: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret, **more}
        return await self.http.post("/auth/token", data=form)


@dataclass
class Watched:
    """What was counted, in order."""

    statuses: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def answered(self, status: int) -> None:
        self.statuses.append(status)

    def refused(self, code: str) -> None:
        self.codes.append(code)

    def token(self, outcome: str) -> None:
        self.tokens.append(outcome)


def a_gate(
    house: House, *, client: int = 0, address: int = 0, proxies: Sequence[str] = (), basic: bool = False
) -> Gate:
    rates = Rates(Rate(client, house.clock), Rate(address, house.clock))
    return Gate(rates, Sources(proxies), SlowDown(5, timedelta(minutes=1), house.clock), basic)


def a_front(house: House) -> Front:
    async def sign(key: KeyId, data: bytes) -> bytes:
        return await house.computing(house.keystore.sign, key, data)

    directory = lambda: house.directory  # noqa: E731
    resolver, gazetteer = a_resolver(), a_gazetteer()
    former = FormerKeys(resolver)
    return Front(
        sending=house.sending,
        receiving=house.receiving,
        cases=house.cases,
        managing=Managing(house.desk, house.registry),
        parts=house.parts,
        tokens=Tokens(directory, house.keystore.sign, house.clock, house.ids, f"{HOST}/auth"),
        published=Published(
            routes=lambda: PublishedRoutes(Snapshot(house.directory, resolver, gazetteer, former)),
            tables=nothing_published,
            shelf=RouteSignatures(house.store),
            sign=sign,
            clock=house.clock,
            new_id=house.ids,
            public_url=HOST,
        ),
        directory=directory,
        limits=ServerLimits(MIB, 4 * MIB, 8 * MIB),
        admission=Admission(64 * MIB),
        gate=a_gate(house),
        watch=Watched(),
        clock=house.clock,
        check=no_helpers,
    )


async def no_helpers(document: bytes, mime_type: str, schema: str) -> CheckReport:
    """Helper processes are the business of whoever asks them."""
    raise AssertionError((len(document), mime_type, schema))


@asynccontextmanager
async def asking(house: House, **changed: Any) -> AsyncIterator[Asked]:
    tables = {name: "\n".join(rows).encode() for name, rows in TABLES.items()}
    await house.store.write(lambda tx: tx.routing.add(tables, at=house.clock(), author="system"))
    front = replace(a_front(house), **changed)
    transport = httpx.ASGITransport(app=application(front, house.ids), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HOST, event_hooks={"response": [judged_async]}) as http:
        yield Asked(house, front, http)


def creation(destination: str = DIRECT, version: str = "v2", **more: Any) -> dict[str, Any]:
    service = {"identifier": f"urn:de:fim:leika:leistung:{TREE_FELLING}", "name": "Baum"}
    name = "publicService" if version == "v2" else "serviceType"
    return {"destinationId": destination, "announcedAttachments": [], name: service, "region": CHEMNITZ, **more}


async def sent(asked: Asked, application: Application, version: str = "v2") -> tuple[dict[str, str], Sealed]:
    """Create, attach, submit; the view of the submission and what was sent."""
    ready = asked.house.sealed(application)
    api = f"/submission-api/{version}/submissions"
    body = creation(application.destination, version, announcedAttachments=list(ready.attachments))
    created = await asked.send("POST", api, json=body)
    assert created.status_code == 201, created.text
    view: dict[str, str] = created.json()
    for name, token in ready.attachments.items():
        path = f"{api}/{view['submissionId']}/attachments/{name}"
        attached = await asked.send("PUT", path, type=JOSE, content=token)
        assert (attached.status_code, attached.content) == (204, b"")
    final = {"encryptedMetadata": ready.metadata, "encryptedData": ready.data}
    submitted = await asked.send("PUT", f"{api}/{view['submissionId']}", json=final)
    assert submitted.status_code == 200, submitted.text
    assert submitted.json() == view
    return view, ready
