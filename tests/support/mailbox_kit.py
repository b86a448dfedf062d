"""A delivery service that says what a test wants, with one reply in one case; parts are sealed with jwcrypto alone."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwcrypto.jwk
from application_kit import UNSPOILT, Application, Enclosure, Sealed, Spoil, reaction, seal, sign
from chains_for_tests import NOW, Wish, issue
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from http_peer import Peer, as_json, ok, running
from keyring_for_tests import as_jwk
from managing_kit import SIGNATURE, Pki
from patience import PATIENT

from amtsbote.model.ids import CaseId, DestinationId, MessageId, PartId
from amtsbote.net import HttpClient
from transport.fitconnect.client import Credentials, Endpoints, Mailbox, Sender, Sent, WaitingReply, World

EVENTS = "https://schema.fitko.de/fit-connect/events/"
SCHEMA = "https://schema.fitko.de/fit-connect/set-payload/1.2.2/set-payload.schema.json"
SENT = Sent(
    MessageId("50000000-0000-4000-8000-00000000000a"),
    CaseId("c0000000-0000-4000-8000-00000000000b"),
    DestinationId("d1d1d1d1-0000-4000-8000-000000000001"),
    {PartId("metadata"): "m" * 22, PartId("data"): "d" * 22},
)
REPLY = "90000000-0000-4000-8000-00000000000c"
EARLIER = "90000000-0000-4000-8000-00000000000d"
ELSEWHERE = "c0000000-0000-4000-8000-0000000000ff"
"""Another case."""
LETTER = Enclosure(
    b"%PDF-1.7 letter " * 3000, "Bescheid.pdf", "application/pdf", "a0000000-0000-4000-8000-00000000000e"
)


@dataclass(frozen=True)
class People:
    """Whose key is which: `portal` takes replies, `signing` is the destination's, `events` the service's."""

    rsa_key: Callable[[str], RSAPrivateKey]

    def jwk(self, name: str) -> jwcrypto.jwk.JWK:
        return _jwk(self.rsa_key, name)

    def published(self, name: str) -> dict[str, Any]:
        """With certificates up to the root this portal trusts."""
        return _published(self.rsa_key, name)

    def self_certified(self, name: str) -> dict[str, Any]:
        """By nobody this portal trusts."""
        wish = Wish(name, self.rsa_key(name), frozenset({"digital_signature"}))
        return Pki(self.rsa_key).jwk(name, SIGNATURE, chain=issue([wish]))

    def sealed(self, answer: Application | None = None, spoil: Spoil = UNSPOILT, signer: str = "signing") -> Sealed:
        """A decision with one document, for this portal. `signer` "": signed by nobody."""
        answer = answer or decision(LETTER)
        return seal(answer, self.jwk("portal"), self.jwk(signer) if signer else None, spoil)


@cache
def _jwk(rsa_key: Callable[[str], RSAPrivateKey], name: str) -> jwcrypto.jwk.JWK:
    key = as_jwk(rsa_key(name))
    return jwcrypto.jwk.JWK(**key.export(as_dict=True) | {"kid": key.thumbprint()})


@cache
def _published(rsa_key: Callable[[str], RSAPrivateKey], name: str) -> dict[str, Any]:
    return Pki(rsa_key).jwk(name, SIGNATURE)


def decision(*enclosures: Enclosure, answers: str = SENT.submission, **changes: Any) -> Application:
    said = {"kind": "bescheid", "subject": "Fällgenehmigung", "text": "Ihrem Antrag wird entsprochen."} | changes
    return reaction(SENT.destination, answers, *enclosures, **said)


class ReplyService(Peer):
    """`pages`: address → what is said there, as JSON, or bytes of a compact JWE. `log`: the case's event log."""

    def __init__(self, people: People) -> None:
        super().__init__(self._answering)
        self.people = people
        self.pages: dict[str, Any] = {}
        self.log: list[str] = []
        self.said: list[tuple[str, Any]] = []
        """What the portal said to replies: address, body."""

    def begin(self) -> None:
        """The case as it is before anybody answers. The address of the service is known by now."""
        tags = {"metadata": "m" * 22, "data": "d" * 22, "attachments": {}}
        self.log = [
            self.event("create-submission", f"submission:{SENT.submission}", {}),
            self.event("submit-submission", f"submission:{SENT.submission}", {"authenticationTags": tags}),
        ]
        own = self.people.jwk("events")
        public = own.export_public(as_dict=True) | {"alg": "PS512", "key_ops": ["verify"]}
        self.pages["/.well-known/jwks.json"] = {"keys": [public]}
        self.publish(self.people.published("signing"))

    def publish(self, jwk: Mapping[str, Any]) -> None:
        """As a key of the destination."""
        self.pages[f"/v2/destinations/{SENT.destination}/keys/{jwk['kid']}"] = jwk

    def offer(self, sealed: Sealed, reply: str = REPLY, **logged: Any) -> None:
        """A submitted reply. `logged`: `tags` that the event log names instead of the right ones, and what `event`
        takes."""
        about = f"reply:{reply}"
        tags = logged.pop("tags", sealed.tags())
        self.log.append(self.event("create-reply", about, {}))
        self.log.append(self.event("submit-reply", about, {"authenticationTags": tags}, **logged))
        self.pages[f"/v2/replies/{reply}"] = {
            **listed(reply),
            "attachments": list(sealed.attachments),
            "encryptedMetadata": sealed.metadata,
            "encryptedData": sealed.data,
        }
        for name, token in sealed.attachments.items():
            self.pages[f"/v2/replies/{reply}/attachments/{name}"] = token.encode()

    def event(
        self,
        name: str,
        about: str,
        body: Mapping[str, Any],
        *,
        key: str = "events",
        kid: str = "events",
        **changes: Any,
    ) -> str:
        """Signed with `key`, which it says to be `kid`."""
        claims = {
            "$schema": SCHEMA,
            "jti": str(uuid4()),
            "iss": self.url,
            "iat": int(NOW.timestamp()),
            "sub": about,
            "txn": f"case:{SENT.case}",
            "events": {EVENTS + name: body},
        }
        header = {"typ": "secevent+jwt", "alg": "PS512", "kid": self.people.jwk(kid).thumbprint()}
        return sign(json.dumps(claims | changes).encode(), header, self.people.jwk(key))

    def _answering(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        method, target, _ = head.decode().split(" ", 2)
        path = target.partition("?")[0]
        if path == "/token":
            return as_json({"access_token": "token", "token_type": "Bearer", "expires_in": 1800})
        if method == "PUT":
            self.said.append((path, json.loads(body)))
            return as_json({})
        found = {"eventLog": self.log} if path == f"/v2/cases/{SENT.case}/events" else self.pages.get(path)
        if found is None:
            return as_json(
                {"type": "urn:x", "title": "Nicht gefunden", "status": 404, "detail": "Das gibt es nicht."}, 404
            )
        return ok(found, "content-type: application/jose\r\n") if isinstance(found, bytes) else as_json(found)


def listed(reply: str = REPLY, **changes: Any) -> dict[str, Any]:
    """An entry of the list of replies."""
    return {"replyId": reply, "caseId": SENT.case, "destinationId": SENT.destination} | changes


@dataclass(frozen=True)
class PortalsMailbox:
    """The client under test, and the service it believes or not."""

    service: ReplyService
    mailbox: Mailbox
    folder: Path

    @property
    def waiting(self) -> WaitingReply:
        return WaitingReply(MessageId(REPLY), SENT.case, SENT.destination)

    @property
    def files(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.folder.iterdir()}


@asynccontextmanager
async def a_mailbox(rsa_key: Callable[[str], RSAPrivateKey], folder: Path) -> AsyncIterator[PortalsMailbox]:
    people = People(rsa_key)
    service = ReplyService(people)
    anchors = [issue([Pki(rsa_key).root])[0]]
    async with running(service), HttpClient(timeouts=PATIENT) as http:
        service.begin()
        endpoints = Endpoints(f"{service.url}/token", service.url, service.url)
        sender = Sender(endpoints, Credentials("portal", "secret"), anchors, http, world=World(clock=lambda: NOW))
        yield PortalsMailbox(service, Mailbox(sender, rsa_key("portal")), folder)
