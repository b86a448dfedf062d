"""The sender half of FIT-Connect v2: who is responsible, send, and what became of it (dossier 2.2 to 2.6, 4.4).

    route = await sender.find_route("99093003001002", ars="145110000000")
    destination = await sender.destination(route.destination)
    key = await sender.encryption_key(destination)
    sent = await sender.send(application, destination, key, signing_key=portal_key)
    events = await sender.events(sent)

Everything the service says is checked before it is used; what does not hold raises `SendingFailed`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from amtsbote.errors import Language
from amtsbote.jose import MalformedJose
from amtsbote.jose.jwk import PublicKey, keys_of_set
from amtsbote.jose.jws import JwsHeader
from amtsbote.model.directory import KeyPurpose
from amtsbote.model.formats import is_uuid
from amtsbote.model.ids import CaseId, DestinationId, KeyId, MessageId
from amtsbote.net import HttpClient
from transport.fitconnect.client.destinations import (
    certified_public_key,
    check_encryption_key,
    check_takes,
    read_destination,
)
from transport.fitconnect.client.eventlog import Signer, signer_of, verify_event
from transport.fitconnect.client.failures import Failure, SendingFailed
from transport.fitconnect.client.routes import SERVICE_URN, check_route, only_route
from transport.fitconnect.client.values import (
    Application,
    Credentials,
    DestinationView,
    EncryptionKey,
    Endpoints,
    FoundRoute,
    Sent,
    VerifiedEvent,
    World,
)
from transport.fitconnect.client.wire import Wire
from transport.fitconnect.packing import AttachmentInTransit, PackedAttachment, in_transit, pack, signer_with

PAGE: Final = 100
MOST_PAGES: Final = 50
REAL_WORLD: Final = World()


class Sender:
    def __init__(
        self,
        endpoints: Endpoints,
        credentials: Credentials,
        trust_anchors: Sequence[bytes],
        http: HttpClient,
        *,
        world: World = REAL_WORLD,
        language: Language = "de",
    ) -> None:
        """`trust_anchors`: the roots that destinations' certificates must end in, DER. The caller closes `http`.
        `language`: of the service's problems."""
        self.endpoints = endpoints
        self._anchors = trust_anchors
        self.world = world
        self.wire = Wire(http, endpoints.token, credentials, world, language)

    async def find_route(self, service: str, *, ars: str) -> FoundRoute:
        """Who is responsible for the service (LeiKa key) in the region, by a signature of the addressing issuer."""
        answer = await self.wire.get_publicly(f"{self.endpoints.routing}/v2/routes", {"leikaKey": service, "ars": ars})
        route = only_route(answer, service, ars)
        keys = await self._published_keys(self.endpoints.addressing_issuer, KeyPurpose.ADDRESSING)

        def key_for(header: JwsHeader) -> PublicKey | None:
            return keys.get(header.kid)

        return check_route(route, self.endpoints, key_for, service=service, ars=ars)

    async def destination(self, destination: DestinationId) -> DestinationView:
        return read_destination(await self.wire.get(self._destination_address(destination)), destination)

    async def encryption_key(self, destination: DestinationView) -> EncryptionKey:
        """The destination's current key, with its certificates checked now."""
        jwk = await self._key(destination.id, destination.encryption_kid)
        return check_encryption_key(jwk, destination, self._anchors, at=self.world.clock())

    async def send(
        self,
        application: Application,
        destination: DestinationView,
        key: EncryptionKey,
        *,
        signing_key: RSAPrivateKey | None = None,
        fragment_size: int | None = None,
    ) -> Sent:
        """Encrypt and send the application, signed over its data when `signing_key` is given. Attachments of more than
        `fragment_size` bytes go in fragments of that size. Returns when the service has confirmed that it keeps it."""
        check_takes(destination, application)
        if key.destination != destination.id:
            raise SendingFailed(Failure.KEY, reason="destination")
        transits = [in_transit(file, key, self.world.new_id, fragment_size) for file in application.attachments]
        submission, case = await self._announce(application, destination, transits)
        attachments = [await self._upload(submission, transit) for transit in transits]
        signer = None if signing_key is None else signer_with(signing_key)
        packed = await asyncio.to_thread(pack, application, attachments, key, signer)
        await self.wire.put(
            self._submission_address(submission),
            {
                "encryptedMetadata": packed.encrypted_metadata.decode("ascii"),
                "encryptedData": packed.encrypted_data.decode("ascii"),
            },
        )
        return Sent(submission, case, destination.id, packed.tags)

    async def events(self, sent: Sent) -> tuple[VerifiedEvent, ...]:
        """The whole event log of the case, oldest first, every entry verified."""
        tokens = await self._event_log(sent.case)
        keys = await self._keys_of({signer_of(token) for token in tokens}, sent)
        service, now = self.endpoints.submission, self.world.clock()
        return tuple(verify_event(token, keys, sent, service=service, now=now) for token in tokens)

    async def _announce(
        self, application: Application, destination: DestinationView, transits: Sequence[AttachmentInTransit]
    ) -> tuple[MessageId, CaseId]:
        answer = await self.wire.post(
            f"{self.endpoints.submission}/v2/submissions",
            {
                "destinationId": destination.id,
                "announcedAttachments": [part for transit in transits for part in transit.parts],
                "publicService": {
                    "name": application.service_name,
                    "identifier": SERVICE_URN + application.service,
                },
                "region": application.region,
            },
        )
        return MessageId(_uuid(answer, "submissionId")), CaseId(_uuid(answer, "caseId"))

    async def _upload(self, submission: MessageId, transit: AttachmentInTransit) -> PackedAttachment:
        for part, token in transit.ciphertexts():
            await self.wire.put_token(f"{self._submission_address(submission)}/attachments/{part}", token)
        return transit.packed()

    async def _event_log(self, case: CaseId) -> tuple[str, ...]:
        tokens: list[str] = []
        for _ in range(MOST_PAGES):
            page = await self.wire.get(
                f"{self.endpoints.submission}/v2/cases/{case}/events",
                {"offset": str(len(tokens)), "limit": str(PAGE)},
            )
            found = page.get("eventLog")
            if not isinstance(found, list) or not all(isinstance(token, str) for token in found):
                raise SendingFailed(Failure.UNEXPECTED, reason="eventLog")
            tokens += found
            if len(found) < PAGE:
                return tuple(tokens)
        raise SendingFailed(Failure.UNEXPECTED, reason="eventLog")

    async def _keys_of(self, signers: set[Signer], sent: Sent) -> Mapping[Signer, PublicKey]:
        """Keys of the service and of the case's destination; other issuers have none and fail later. The service's
        address is ours, not one that a token names."""
        own = {signer for signer in signers if signer.issuer == self.endpoints.submission}
        published = await self._published_keys(self.endpoints.submission, KeyPurpose.EVENTS) if own else {}
        keys = {signer: published[signer.kid] for signer in own if signer.kid in published}
        others = {signer for signer in signers if signer.issuer == sent.destination}
        jwks = {kid: await self._key(sent.destination, kid) for kid in {signer.kid for signer in others}}
        return keys | {signer: self._signature_key(jwks[signer.kid], signer) for signer in others}

    async def signature_key(self, destination: DestinationId, kid: KeyId, at: datetime) -> RSAPublicKey:
        """A key of the destination, certified at that time. Raises `SendingFailed`."""
        jwk = await self._key(destination, kid)
        return certified_public_key(jwk, kid, KeyPurpose.SIGNATURE, self._anchors, at=at)

    def _signature_key(self, jwk: Mapping[str, Any], signer: Signer) -> PublicKey:
        """Certified at the time of the event: an event log outlives certificates."""
        at = datetime.fromtimestamp(signer.issued_at, UTC)
        return certified_public_key(jwk, signer.kid, KeyPurpose.SIGNATURE, self._anchors, at=at)

    async def _published_keys(self, issuer: str, purpose: KeyPurpose) -> Mapping[KeyId, PublicKey]:
        answer = await self.wire.get_publicly(f"{issuer}/.well-known/jwks.json")
        try:
            return keys_of_set(answer, purpose)
        except MalformedJose:
            raise SendingFailed(Failure.UNEXPECTED, reason="keys") from None

    async def _key(self, destination: DestinationId, kid: KeyId) -> Mapping[str, Any]:
        return await self.wire.get_publicly(f"{self._destination_address(destination)}/keys/{quote(kid, safe='')}")

    def _destination_address(self, destination: DestinationId) -> str:
        if not is_uuid(destination):
            raise SendingFailed(Failure.UNEXPECTED, reason="destinationId")
        return f"{self.endpoints.submission}/v2/destinations/{destination}"

    def _submission_address(self, submission: MessageId) -> str:
        return f"{self.endpoints.submission}/v2/submissions/{submission}"


def _uuid(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not is_uuid(value):
        raise SendingFailed(Failure.UNEXPECTED, reason=name)
    return value.lower()
