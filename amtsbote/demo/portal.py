"""The simulated Hamburg portal, a process of its own: `python -m amtsbote.demo.portal SETTINGS APPLICATION`.

It is the sender half of `transport.fitconnect.client` with a settings file; of the broker it knows an address and the
root certificate. What it does it says in JSON lines on standard output, one object each, named by `said`.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ConfigDict, TypeAdapter

from amtsbote.api.answer import ANSWER_SCHEMA
from amtsbote.demo.application import REGION, SCHEMA, SERVICE, SERVICE_NAME, application_xml, enclosures
from amtsbote.errors import Misconfigured
from amtsbote.jose.certificates import read_chain
from amtsbote.jose.jwk import channel_of
from amtsbote.model.content import ReplyChannel
from amtsbote.net import HttpClient
from amtsbote.text.catalogue import say
from transport.fitconnect.client import (
    Application,
    AttachmentFile,
    Credentials,
    Endpoints,
    Sender,
    SendingFailed,
    Sent,
    VerifiedEvent,
    World,
)

FINAL: Final = frozenset({"accept-submission", "reject-submission"})
PATIENCE: Final = 30.0
"""Seconds until the event log has to come to an end."""
PAUSE: Final = 0.1
"""Seconds between two looks into the event log."""

Tell = Callable[..., None]
_SENT: Final = TypeAdapter(Sent)


class PortalSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    broker: str
    """Its public address."""
    client_id: str
    secret_file: Path
    signing_key: Path
    trust_anchor: Path
    outbox: Path
    """Where a copy of everything sent is kept, one folder per application."""
    reply_key: Path
    """The private key that replies are encrypted to."""
    cases: Path
    """What the portal remembers of everything sent, one file per application."""
    mailbox: Path
    """What citizens find in their mailbox, one folder per application."""

    @property
    def endpoints(self) -> Endpoints:
        base = self.broker
        return Endpoints(f"{base}/auth/token", f"{base}/submission-api", f"{base}/routing-api")

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.client_id, self.secret_file.read_text("ascii").strip())

    def private_key(self) -> RSAPrivateKey:
        return _private_key(self.signing_key)

    def reply_private_key(self) -> RSAPrivateKey:
        return _private_key(self.reply_key)

    def remember(self, name: str, sent: Sent) -> None:
        self.cases.mkdir(exist_ok=True)
        (self.cases / f"{name}.json").write_bytes(_SENT.dump_json(sent))

    def sent(self, name: str) -> Sent:
        return _SENT.validate_json((self.cases / f"{name}.json").read_bytes())


def _private_key(file: Path) -> RSAPrivateKey:
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise Misconfigured(f"{file}: not an RSA key")
    return key


@dataclass(frozen=True, slots=True)
class Written:
    """An application in the outbox, with the ids its attachments shall have."""

    application: Application
    folder: Path
    attachments: tuple[str, ...]


async def apply(settings: PortalSettings, name: str, tell: Tell) -> None:
    """Send the application `name` and follow its event log to the end. Raises `SendingFailed`."""
    channel = channel_of(settings.reply_private_key().public_key(), (ANSWER_SCHEMA.uri,))
    written = write_application(name, settings.outbox, datetime.now(UTC), channel)
    anchors = read_chain(settings.trust_anchor.read_bytes())
    world = World(new_id=iter(written.attachments).__next__)
    async with HttpClient() as http:
        sender = Sender(settings.endpoints, settings.credentials, anchors, http, world=world)
        sent = await send(sender, written, settings, tell)
        await asyncio.to_thread(settings.remember, name, sent)
        async with asyncio.timeout(PATIENCE):
            async for event in follow(sender, sent):
                tell("event", **shown(event))
    tell("done")


async def send(sender: Sender, written: Written, settings: PortalSettings, tell: Tell) -> Sent:
    route = await sender.find_route(SERVICE, ars=REGION)
    issuer = settings.endpoints.addressing_issuer
    tell("route", destination=route.destination, service=route.service, region=route.region, issuer=issuer)
    destination = await sender.destination(route.destination)
    key = await sender.encryption_key(destination)
    tell("key", name=destination.name, kid=key.kid, bits=key.public.key_size)
    files = [(str(file.content), file.mime_type) for file in written.application.attachments]
    tell("application", folder=str(written.folder), attachments=files)
    sent = await sender.send(written.application, destination, key, signing_key=settings.private_key())
    tell("sent", submission=sent.submission, case=sent.case, parts=len(sent.tags))
    return sent


async def follow(sender: Sender, sent: Sent) -> AsyncIterator[VerifiedEvent]:
    """Every event of the case once, verified, until one says how it ended."""
    seen = 0
    while True:
        events = await sender.events(sent)
        for event in events[seen:]:
            yield event
        if events and events[-1].name in FINAL:
            return
        seen = len(events)
        await asyncio.sleep(PAUSE)


def write_application(name: str, outbox: Path, at: datetime, channel: ReplyChannel | None = None) -> Written:
    """Exactly these files are sent."""
    folder = outbox / name
    folder.mkdir(parents=True)
    enclosed = enclosures()
    ids = tuple(str(uuid4()) for _ in enclosed)
    data = application_xml(name, message_id=str(uuid4()), attachments=ids, at=at)
    (folder / "antrag.xml").write_bytes(data)
    for enclosure in enclosed:
        (folder / enclosure.filename).write_bytes(enclosure.content)
    files = [AttachmentFile(folder / one.filename, one.filename, one.mime_type) for one in enclosed]
    about = (SERVICE, SERVICE_NAME, REGION, SCHEMA)
    return Written(Application(*about, data, files, f"HH-{name}", channel), folder, ids)


def shown(event: VerifiedEvent) -> Mapping[str, Any]:
    claims = event.claims
    return {
        "name": event.name,
        "issuer": claims.issuer,
        "at": claims.at.isoformat(),
        "problems": [dict(problem) for problem in claims.problems],
    }


def tell_in_json(said: str, **values: object) -> None:
    sys.stdout.write(json.dumps({"said": said, **values}) + "\n")
    sys.stdout.flush()


def run(arguments: Sequence[str]) -> int:
    """`SETTINGS APPLICATION`; 0 when the event log came to an end, whatever the end."""
    file, name = arguments
    settings = PortalSettings.model_validate_json(Path(file).read_bytes())
    return told(apply(settings, name, tell_in_json))


def told(work: Coroutine[Any, Any, None]) -> int:
    """Do it, and say why it failed."""
    try:
        asyncio.run(work)
    except SendingFailed as error:
        tell_in_json("failed", de=error.de, en=error.en)
        return 1
    except TimeoutError:
        de, en = (say("demo.failed.no-end", language, seconds=int(PATIENCE)) for language in ("de", "en"))
        tell_in_json("failed", de=de, en=en)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
