"""A town that answers, and the portal's mailbox: both written from the documentation alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwcrypto.jwk
from application_kit import ANSWER_SCHEMA, Application
from broker_kit import RunningBroker
from given_replies import give_reply
from installation_kit import CHEMNITZ, Installation, destination
from portal_kit import Event, Portal, Sent
from reply_kit import OpenedReply, open_reply, signer_of

from amtsbote.api.returnkit import Given
from amtsbote.model.ids import MessageId

CHANNELS = f'reply_channels = {{ fitConnect = {{ processStandards = ["{ANSWER_SCHEMA}"] }} }}'
"""Of a destination, as a declaration has them."""
REPLY_KEY = "hamburg-replies"


def let_answer(installation: Installation) -> None:
    """Chemnitz's destination answers over FIT-Connect, its target takes what the software gives back."""
    options = f'{{ path = "{installation.target("chemnitz")}", replies = "antworten" }}'
    target = f'[[targets]]\nid = "chemnitz"\ntenant = "chemnitz"\nadapter = "folder"\noptions = {options}\n'
    more = f'authority = "chemnitz-gba"\n{CHANNELS}'
    installation.apply(target + destination(CHEMNITZ, "chemnitz", "broker", "direct", '"145110000000"', more))


class Mailbox:
    """Of the Hamburg portal."""

    def __init__(self, broker: RunningBroker, portal: Portal) -> None:
        self.portal = portal
        self.key = broker.keys.jwk(REPLY_KEY)

    def application(self, **changes: Any) -> Application:
        """That may be answered."""
        public = jwcrypto.jwk.JWK(**self.key.export_public(as_dict=True))
        return Application(CHEMNITZ, reply_key=public).but(**changes)

    def waiting(self, case: str) -> list[str]:
        listed = self.portal.good("GET", "/v2/replies?limit=500").json()
        return [one["replyId"] for one in listed["replies"] if one["caseId"] == case]

    def open(self, reply: str) -> OpenedReply:
        """Fetched by its parts; tags as the event log has them, every hash compared, the signature verified."""
        fetched = self.portal.good("GET", f"/v2/replies/{reply}").json()
        tokens = {"metadata": fetched["encryptedMetadata"], "data": fetched["encryptedData"]}
        for part in fetched["attachments"]:
            tokens[part] = self.portal.good("GET", f"/v2/replies/{reply}/attachments/{part}").text
        [submit] = [one for one in self.events(fetched["caseId"], reply) if one.name == "submit-reply"]
        tags: Mapping[str, Any] = submit.body["authenticationTags"]
        named = {"metadata": tags["metadata"], "data": tags["data"], **tags["attachments"]}
        assert named == {part: token.rsplit(".", 1)[1] for part, token in tokens.items()}
        return open_reply({part: token.encode() for part, token in tokens.items()}, self.key, self._signing_key(tokens))

    def accept(self, reply: str) -> None:
        self.portal.good("PUT", f"/v2/replies/{reply}/accept")

    def reject(self, reply: str, detail: str) -> None:
        problem = {"type": "urn:x", "title": "Prüfung", "detail": detail, "instance": "data"}
        self.portal.good("PUT", f"/v2/replies/{reply}/reject", json={"problems": [problem]})

    def events(self, case: str, reply: str) -> list[Event]:
        return [event for event in self.portal.events(case) if event.claims["sub"] == f"reply:{reply}"]

    def _signing_key(self, tokens: Mapping[str, str]) -> jwcrypto.jwk.JWK:
        """Named by the signature, published by the destination."""
        return self.portal.key(CHEMNITZ, signer_of(tokens["metadata"], self.key))


def give(broker: RunningBroker, sent: Sent, name: str = "Bescheid 1", given: Given | None = None) -> Given:
    """What Chemnitz's software puts into its folder, about an application."""
    given = given or Given()
    about = Given(MessageId(sent.submission), given.kind, given.subject, given.text, given.documents)
    give_reply(replies_of(broker) / name, about)
    return about


def replies_of(broker: RunningBroker) -> Path:
    return broker.installation.target("chemnitz") / "antworten"


def receipts(broker: RunningBroker) -> dict[str, Any]:
    """By reply."""
    files = (replies_of(broker) / "quittungen").glob("[!.]*.json")
    return {said["replyId"]: said for said in (json.loads(file.read_bytes()) for file in files)}
