"""A portal and an end-to-end subscriber, written from the protocol's documentation with jwcrypto and httpx alone."""

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import jwcrypto.jwe
import jwcrypto.jwk
import jwcrypto.jws
from application_kit import UNSPOILT, Application, Sealed, Spoil, decode, seal, sign
from cryptography import x509
from openapi_oracle import judging
from patience import PATIENCE

EVENTS = "https://schema.fitko.de/fit-connect/events/"
LEIKA = "urn:de:fim:leika:leistung:"
T = TypeVar("T")


@dataclass(frozen=True)
class Event:
    """A verified entry of the event log."""

    name: str
    issuer: str
    submission: str
    claims: Mapping[str, Any]
    body: Mapping[str, Any]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Last segment of the type, and the instance."""
        return [(problem["type"].rsplit("/", 1)[1], problem["instance"]) for problem in self.body["problems"]]


@dataclass(frozen=True)
class Sent:
    submission: str
    case: str
    destination: str
    sealed: Sealed


class Client:
    """An OAuth client of the broker at `base`."""

    def __init__(self, base: str, client_id: str, secret: str) -> None:
        self.base = base
        self.http = judging()
        self._credentials = {"client_id": client_id, "client_secret": secret}
        self._token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def token(self) -> str:
        if not self._token:
            answer = self.ask_token()
            assert answer.status_code == 200, answer.text
            self._token = answer.json()["access_token"]
        return self._token

    def ask_token(self, **changes: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", **self._credentials, **changes}
        return self.http.post(f"{self.base}/auth/token", data=form)

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request to the submission API with the client's token."""
        headers = {"Authorization": f"Bearer {self.token()}"} | options.pop("headers", {})
        return self.http.request(method, f"{self.base}/submission-api{path}", headers=headers, **options)

    def good(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self.call(method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def key(self, destination: str, kid: str) -> jwcrypto.jwk.JWK:
        """A key of a destination; also answered without a token."""
        answer = self.http.get(f"{self.base}/submission-api/v2/destinations/{destination}/keys/{kid}")
        assert answer.status_code == 200, answer.text
        return jwcrypto.jwk.JWK(**answer.json())

    def events(self, case: str) -> list[Event]:
        """The event log of a case, every entry verified: form, exactly one event, key by issuer, signature."""
        log = self.good("GET", f"/v2/cases/{case}/events?limit=500").json()
        assert log["totalCount"] == log["count"] == len(log["eventLog"])
        return [self._verified(token, case) for token in log["eventLog"]]

    def _verified(self, token: str, case: str) -> Event:
        jws = jwcrypto.jws.JWS()
        jws.allowed_algs = ["PS512"]
        jws.deserialize(token)
        header = jws.jose_header
        assert (header["typ"], header["alg"]) == ("secevent+jwt", "PS512")
        unverified = json.loads(decode(token.split(".")[1]))
        jws.verify(self._issuers_key(unverified["iss"], header["kid"]))
        claims = json.loads(jws.payload)
        assert claims.keys() >= {"$schema", "jti", "iss", "iat", "sub", "txn", "events"}
        assert claims["txn"] == f"case:{case}"
        assert isinstance(claims["iat"], int)
        assert str(uuid.UUID(claims["jti"])) == claims["jti"]
        [(uri, body)] = claims["events"].items()
        assert uri.startswith(EVENTS)
        return Event(uri.removeprefix(EVENTS), claims["iss"], claims["sub"].removeprefix("submission:"), claims, body)

    def _issuers_key(self, issuer: str, kid: str) -> jwcrypto.jwk.JWK:
        if not issuer.startswith("http"):
            return self.key(issuer, kid)
        keys = self.http.get(f"{issuer}/.well-known/jwks.json").json()["keys"]
        return jwcrypto.jwk.JWK(**next(key for key in keys if key["kid"] == kid))


class Portal(Client):
    """A sender."""

    def __init__(
        self, base: str, client_id: str, secret: str, signing_key: jwcrypto.jwk.JWK | None, root: x509.Certificate
    ) -> None:
        super().__init__(base, client_id, secret)
        self.signing_key = signing_key
        self._root = root
        self._encryption_keys: dict[str, jwcrypto.jwk.JWK] = {}

    def route(self, service: str, **region: str) -> list[Mapping[str, Any]]:
        """Who is responsible; the signature of every answer is verified."""
        query = {"leikaKey": service, **region}
        answer = self.http.get(f"{self.base}/routing-api/v2/routes", params=query)
        assert answer.status_code == 200, answer.text
        routes = answer.json()["routes"]
        for route in routes:
            claims = self._addressing(route["destinationSignature"])
            assert claims["destinationId"] == route["destinationId"]
            assert claims["services"][0]["leistungIDs"] == [LEIKA + service]
            assert claims["submissionHost"] in self.base
        return list(routes)

    def encryption_key(self, destination: str) -> jwcrypto.jwk.JWK:
        """The destination's key, its certificate checked against the root this portal trusts."""
        if destination not in self._encryption_keys:
            kid = self.good("GET", f"/v2/destinations/{destination}").json()["encryptionKid"]
            key = self.key(destination, kid)
            self._check_certificate(key)
            self._encryption_keys[destination] = key
        return self._encryption_keys[destination]

    def seal(self, application: Application, spoil: Spoil = UNSPOILT) -> Sealed:
        return seal(application, self.encryption_key(application.destination), self.signing_key, spoil)

    def announce(self, application: Application, **changes: Any) -> httpx.Response:
        service = {"name": "Baumfällgenehmigung", "identifier": LEIKA + application.service}
        body = {
            "destinationId": application.destination,
            "announcedAttachments": application.parts,
            ("serviceType" if application.version == "v1" else "publicService"): service,
        }
        if application.region is not None:
            body["region"] = application.region
        return self.call("POST", f"/{application.version}/submissions", json=body | changes)

    def attach(self, submission: str, attachment: str, token: str | Iterator[bytes], **options: Any) -> httpx.Response:
        headers = {"Content-Type": "application/jose"} | options.pop("headers", {})
        version = options.pop("version", "v2")
        path = f"/{version}/submissions/{submission}/attachments/{attachment}"
        return self.call("PUT", path, content=token, headers=headers, **options)

    def submit(self, submission: str, sealed: Sealed) -> httpx.Response:
        return self.call("PUT", f"/{sealed.application.version}/submissions/{submission}", json=sealed.body)

    def judged(self, document: bytes) -> dict[str, Any]:
        """What the preflight says of an XML document that nobody sends."""
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/xml"}
        answer = self.http.post(f"{self.base}/preflight-api/v1/check", content=document, headers=headers)
        assert answer.status_code == 200, answer.text
        judged: dict[str, Any] = answer.json()
        return judged

    def begin(self, application: Application, spoil: Spoil = UNSPOILT, **changes: Any) -> Sent:
        """Everything but the final PUT."""
        sealed = self.seal(application, spoil)
        created = self.announce(application, **changes)
        assert created.status_code == 201, created.text
        view = created.json()
        sent = Sent(view["submissionId"], view["caseId"], application.destination, sealed)
        for attachment, token in sealed.attachments.items():
            answer = self.attach(sent.submission, attachment, token, version=application.version)
            assert answer.status_code == 204, answer.text
        return sent

    def send(self, application: Application, spoil: Spoil = UNSPOILT, **changes: Any) -> Sent:
        """Announce, attach, submit; every answer is the documented one."""
        sent = self.begin(application, spoil, **changes)
        answer = self.submit(sent.submission, sent.sealed)
        assert answer.status_code == 200, answer.text
        assert answer.json()["submissionId"] == sent.submission
        return sent

    def ends_with(self, sent: Sent, name: str, seconds: float = PATIENCE) -> Event:
        """Wait for the last event of a submission, which has to be `name`."""
        terminal = {"accept-submission", "reject-submission", "delete-submission"}

        def ended() -> Event | None:
            last = [event for event in self.events(sent.case) if event.submission == sent.submission][-1]
            return last if last.name in terminal else None

        event = waited_for(ended, f"an end of {sent.submission}", seconds)
        assert event.name == name, event
        return event

    def accepted(self, application: Application) -> Sent:
        """Send and wait for acceptance."""
        sent = self.send(application)
        self.ends_with(sent, "accept-submission")
        return sent

    def _addressing(self, token: str) -> Mapping[str, Any]:
        jws = jwcrypto.jws.JWS()
        jws.allowed_algs = ["PS512"]
        jws.deserialize(token)
        issuer = json.loads(decode(token.split(".")[1]))["iss"]
        jws.verify(self._issuers_key(issuer, jws.jose_header["kid"]))
        claims: Mapping[str, Any] = json.loads(jws.payload)
        return claims

    def _check_certificate(self, key: jwcrypto.jwk.JWK) -> None:
        members = json.loads(key.export_public())
        chain = [x509.load_der_x509_certificate(decode_padded(entry)) for entry in members["x5c"]]
        assert chain[-1] == self._root
        for certificate, by in zip(chain, [*chain[1:], chain[-1]], strict=True):
            certificate.verify_directly_issued_by(by)
        assert jwcrypto.jwk.JWK.from_pyca(chain[0].public_key()).thumbprint() == key.thumbprint() == members["kid"]
        assert members["key_ops"] == ["wrapKey"]
        assert len(members["n"]) >= 683


class Subscriber(Client):
    """The software behind an end-to-end destination: it alone holds the keys."""

    def __init__(
        self, base: str, client_id: str, secret: str, destination: str, keys: tuple[jwcrypto.jwk.JWK, jwcrypto.jwk.JWK]
    ) -> None:
        super().__init__(base, client_id, secret)
        self.destination = destination
        self.decryption_key, self.signing_key = keys

    def waiting(self) -> list[str]:
        listed = self.good("GET", f"/v2/submissions?destinationId={self.destination}&limit=500").json()
        assert listed["totalCount"] == len(listed["submissions"])
        return [entry["submissionId"] for entry in listed["submissions"]]

    def fetch(self, submission: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.good("GET", f"/v2/submissions/{submission}").json()
        return found

    def fetch_attachment(self, submission: str, attachment: str) -> str:
        answer = self.good("GET", f"/v2/submissions/{submission}/attachments/{attachment}")
        assert answer.headers["content-type"] == "application/jose"
        return answer.text

    def decrypt(self, token: str) -> bytes:
        jwe = jwcrypto.jwe.JWE()
        jwe.deserialize(token, key=self.decryption_key)
        return bytes(jwe.payload)

    def write(self, case: str, token: str, **options: Any) -> httpx.Response:
        headers = {"Content-Type": "application/jose"} | options.pop("headers", {})
        return self.call("POST", f"/v2/cases/{case}/events", content=token, headers=headers, **options)

    def event(self, name: str, sent: Sent, body: Mapping[str, Any], **changes: Any) -> str:
        """A signed event about a submission. `changes` to the claims; `header` and `key` change the signature."""
        header = {"typ": "secevent+jwt", "alg": "PS512", "kid": self.signing_key.thumbprint()}
        header |= changes.pop("header", {})
        key = changes.pop("key", self.signing_key)
        claims = {
            "$schema": "https://schema.fitko.de/fit-connect/set-payload/1.2.2/set-payload.schema.json",
            "jti": str(uuid.uuid4()),
            "iss": self.destination,
            "iat": int(time.time()),
            "sub": f"submission:{sent.submission}",
            "txn": f"case:{sent.case}",
            "events": {EVENTS + name: body},
        }
        claims |= changes
        raw = json.dumps({name: value for name, value in claims.items() if value is not None})
        return sign(raw.encode(), header, key)

    def acceptance(self, sent: Sent, **changes: Any) -> str:
        return self.event("accept-submission", sent, {"authenticationTags": sent.sealed.tags()}, **changes)

    def rejection(self, sent: Sent, **changes: Any) -> str:
        problem = {
            "type": f"{EVENTS}problems/schema-violation",
            "title": "Fachdaten nicht valide",
            "detail": "Das Pflichtfeld fehlt.",
            "instance": "data",
        }
        return self.event("reject-submission", sent, {"problems": [problem]}, **changes)


def waited_for(found: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """Ask again, a little later each time, until there is an answer."""
    until, pause = time.monotonic() + seconds, 0.005
    while (answer := found()) is None:
        assert time.monotonic() < until, f"waited {seconds} s for {what}"
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    return answer


def decode_padded(content: str) -> bytes:
    """`x5c` is plain base64, not base64url (RFC 7517, 4.7)."""
    return base64.b64decode(content, validate=True)
