"""Hamburg's portal, Leipzig's and Dresden's software as they use the Node client (`tests/interop/node`)."""

import uuid
from collections.abc import Callable
from typing import Any

from application_kit import CHEMNITZ as CHEMNITZ_REGION
from application_kit import PHOTO, SCHEMA, SITE_PLAN, TREE_FELLING, sample
from broker_kit import RunningBroker
from cryptography.hazmat.primitives.serialization import Encoding
from foreign_programs import Person, encoded
from given_replies import give_reply
from installation_kit import CHEMNITZ, LEIPZIG
from managed_destinations import REGION as DRESDEN_REGION
from portal_kit import EVENTS, waited_for
from way_back_kit import REPLY_KEY, replies_of

from amtsbote.api.returnkit import Given
from amtsbote.model.ids import MessageId

LEIPZIG_REGION = "147130000000"
_REGIONS = {CHEMNITZ: CHEMNITZ_REGION, LEIPZIG: LEIPZIG_REGION}
"""Everything else lies in Dresden."""
Attachments = tuple[tuple[str, str, bytes], ...]
ATTACHMENTS: Attachments = (
    ("Eiche, Südseite.jpg", "image/jpeg", PHOTO),
    ("Lageplan.pdf", "application/pdf", SITE_PLAN),
)
PROBLEM = {
    "type": f"{EVENTS}problems/schema-violation",
    "title": "Fachdaten nicht valide",
    "detail": "Das Pflichtfeld fehlt.",
    "instance": "data",
}
Jwk = dict[str, Any]
Event = dict[str, Any]


def portal_of(broker: RunningBroker, node_client: Callable[..., Person]) -> Person:
    return node_client("hamburg-portal", root=broker.keys.root.public_bytes(Encoding.PEM).decode())


def software_of(broker: RunningBroker, node_client: Callable[..., Person]) -> Person:
    return node_client(
        "leipzig-software",
        destinationId=LEIPZIG,
        decryptionKey=private_half(broker, "leipzig-encryption", "RSA-OAEP-256", "unwrapKey"),
        signingKey=private_half(broker, "leipzig-signing", "PS512", "sign"),
    )


def content_of(
    data: bytes | None = None,
    attachments: Attachments = (),
    fragment_size: int = 0,
    described: tuple[str, str] = (SCHEMA, "application/xml"),
) -> dict[str, Any]:
    """What every message has: data of a schema and media type, and attachments, in fragments of so many bytes if
    wished. Without `data` the smallest valid application."""
    return {
        "schema": described[0],
        "mimeType": described[1],
        "data": encoded(sample("gueltig-kleinster-antrag") if data is None else data),
        "attachments": [
            {
                "id": str(uuid.uuid4()),
                "name": name,
                "mimeType": mime_type,
                "content": encoded(content),
                "fragmentSize": fragment_size,
            }
            for name, mime_type, content in attachments
        ],
    }


def sends(
    sender: Person,
    destination: str,
    data: bytes | None = None,
    attachments: Attachments = (),
    fragment_size: int = 0,
    **about: Any,
) -> Any:
    """Announce, attach, submit by the client; its answer with ids and tags."""
    region = _REGIONS.get(destination, DRESDEN_REGION)
    where = {"destinationId": destination, "service": TREE_FELLING, "region": region}
    return sender("send", **where, **content_of(data, attachments, fragment_size), **about)


def ended(reader: Person, sent: Any) -> Event:
    """The accept or reject event of a submission or reply, when it has come."""

    def last() -> Event | None:
        event: Event = events_of(reader, sent)[-1]
        return event if event["name"].startswith(("accept-", "reject-")) else None

    return waited_for(last, f"an end of {sent}")


def events_of(reader: Person, sent: Any) -> list[Event]:
    """Those in the log of its case that are about this submission or reply."""
    ours = sent.get("replyId") or sent["submissionId"]
    return [event for event in reader("log", caseId=sent["caseId"]) if event["about"] == ours]


def decides(broker: RunningBroker, message: str, given: Given | None = None) -> Given:
    """What Chemnitz's software gives back through its folder, about a submission or reply."""
    given = given or Given()
    about = Given(MessageId(message), given.kind, given.subject, given.text, given.documents)
    give_reply(replies_of(broker) / f"Antwort {message}", about)
    return about


def reply_waiting(reader: Person, case: str) -> Any:
    """The reply in a case that waits for whoever reads, when it has come."""
    return waited_for(lambda: next((one for one in reader("replies") if one["caseId"] == case), None), "a reply")


def reply_key(broker: RunningBroker) -> Jwk:
    """The key Hamburg takes replies with; only its public half is ever sent."""
    return private_half(broker, REPLY_KEY, "RSA-OAEP-256", "unwrapKey")


def private_half(broker: RunningBroker, name: str, algorithm: str, operation: str) -> Jwk:
    """As somebody keeps it in a file."""
    key = broker.keys.jwk(name)
    members: Jwk = key.export_private(as_dict=True)
    return members | {"alg": algorithm, "key_ops": [operation], "kid": key.thumbprint()}
