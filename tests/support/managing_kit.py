"""A subscriber that manages its destinations over HTTP, and the keys and certificates it brings."""

from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import jwcrypto.jwk
from application_kit import SCHEMA, TREE_FELLING
from chains_for_tests import Wish, issue, issuer
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from front_for_tests import Asked, asking
from house_for_tests import STRANGER, SUBSCRIBER, House, with_entries

from amtsbote.api.persistence import AuditRow, Page
from amtsbote.model.directory import Destination
from amtsbote.model.ids import ClientId, DestinationId

V1, V2 = "/submission-api/v1", "/destination-api/v2"
_USES = {"RSA-OAEP-256": frozenset({"key_encipherment"}), "PS512": frozenset({"digital_signature"})}
_OPERATIONS = {"RSA-OAEP-256": "wrapKey", "PS512": "verify"}
ENCRYPTION, SIGNATURE = "RSA-OAEP-256", "PS512"


def offer(*regions: str, service: str = TREE_FELLING, schema: str = SCHEMA) -> dict[str, Any]:
    return {
        "identifier": f"urn:de:fim:leika:leistung:{service}",
        "name": "Baumfällgenehmigung",
        "submissionSchemas": [{"schemaUri": schema, "mimeType": "application/xml"}],
        "regions": list(regions or ("DE14713",)),
    }


def description(**more: Any) -> dict[str, Any]:
    return {"name": "Stadt Leipzig", "publicServices": [offer()], "contactInformation": {"legalName": "LPZ"}, **more}


@dataclass(frozen=True)
class Pki:
    """Who certifies: its root is the installation's anchor."""

    rsa_key: Callable[[str], RSAPrivateKey]

    @property
    def root(self) -> Wish:
        """Signed with PKCS #1 v1.5, so that it is the same bytes every time it is issued."""
        return issuer("Wurzel", self.rsa_key("root")).but(scheme=padding.PKCS1v15())

    def chain(self, wish: Wish, *issuers: Wish) -> list[bytes]:
        return issue([wish, *issuers, self.root])

    def jwk(self, name: str = "new", alg: str = ENCRYPTION, **changes: Any) -> dict[str, Any]:
        """A key as FIT-Connect wants it; `chain`: its certificates (DER). None takes a member away."""
        key = self.rsa_key(name)
        chain: Sequence[bytes] = changes.pop("chain", None) or self.chain(Wish(name, key, _USES[alg]))
        public = jwcrypto.jwk.JWK.from_pyca(key.public_key())
        made = {
            **public.export(as_dict=True),
            "kid": public.thumbprint(),
            "alg": alg,
            "key_ops": [_OPERATIONS[alg]],
            "x5c": [b64encode(certificate).decode() for certificate in chain],
            **changes,
        }
        return {member: value for member, value in made.items() if value is not None}


@dataclass
class Manager:
    asked: Asked
    pki: Pki
    client: ClientId = SUBSCRIBER
    api: str = V2

    async def call(self, method: str, path: str = "", json: Any = None) -> httpx.Response:
        return await self.asked.send(method, f"{self.api}/destinations{path}", self.client, json=json)

    async def good(self, method: str, path: str = "", json: Any = None) -> dict[str, Any]:
        answer = await self.call(method, path, json)
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def refused(self, method: str, path: str, json: Any, status: int, code: str) -> dict[str, Any]:
        """The problem, after which everything is as it was."""
        before = self.asked.house.directory, await self.audit()
        answer = await self.call(method, path, json)
        problem: dict[str, Any] = answer.json()
        assert (answer.status_code, problem.get("code")) == (status, code), answer.text
        assert (self.asked.house.directory, await self.audit()) == before
        return problem

    async def created(self, **more: Any) -> str:
        return str((await self.good("POST", json=description(**more)))["destinationId"])

    async def furnished(self, **more: Any) -> str:
        """With both keys, not open yet."""
        name = await self.created(**more)
        await self.good("POST", f"/{name}/keys", self.pki.jwk("encryption", ENCRYPTION))
        await self.good("POST", f"/{name}/keys", self.pki.jwk("signing", SIGNATURE))
        return name

    async def opened(self, **more: Any) -> str:
        name = await self.furnished(**more)
        await self.good("PATCH", f"/{name}", {"status": "active"})
        return name

    def entry(self, name: str) -> Destination:
        return self.asked.house.directory.destinations[DestinationId(name)]

    async def audit(self) -> tuple[AuditRow, ...]:
        return await self.asked.house.store.read(lambda tx: tx.audit.page(Page(0, 1000)))

    async def told(self) -> list[tuple[str, str, str]]:
        """Who did what to what, oldest first."""
        return [(row.actor, row.action, row.subject) for row in reversed(await self.audit())]


@asynccontextmanager
async def managing(house: House, rsa_key: Callable[[str], RSAPrivateKey]) -> AsyncIterator[Manager]:
    """The house lives in its store, and both subscribers may manage."""
    pki = Pki(rsa_key)
    house.anchors = (issue([pki.root])[0],)
    managers = [replace(house.client(name), manages=True) for name in (SUBSCRIBER, STRANGER)]
    house.directory = with_entries(house.directory, clients=managers)
    await house.move_in()
    async with asking(house) as asked:
        yield Manager(asked, pki)
