"""What the fuzzer is told about a broker: who may ask what, and what is really there, so that it gets beyond 404.

Everything was made through the front door. `asks` writes it down as the fuzzer's configuration."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from application_kit import TREE_FELLING, Application, Enclosure, Sealed
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, DRESDEN, LEIPZIG
from managed_destinations import furnished, jwk, opened
from portal_kit import LEIKA, Client, Portal, Sent, Subscriber

from amtsbote.errors.oauth import INVALID_SCOPE
from amtsbote.errors.reasons import FORM, JSON
from amtsbote.errors.table import INVALID_FIELD, REGION_KEY

LEIPZIG_REGION = "147130000000"
PLAN = Enclosure(b"%PDF-1.7 plan", "plan.pdf", "application/pdf", "3f0d3c0e-5d0c-4a55-9d0f-0d7f0d6bf401")
"""In every message under the same id, which fits wherever one is asked for."""
NO_SECRET = INVALID_FIELD(field="callback.secret", reason="missing").detail("de")
UNSAID = (
    FORM["unique"][0],
    FORM["callback_url"][0],
    FORM["callback_secret"][0],
    FORM["too_old"][0],
    JSON["nul"][0],
    REGION_KEY.title_de,
    NO_SECRET,
    *(INVALID_FIELD(field=name, reason="missing").detail("de") for name in ("service", "ars")),
    INVALID_SCOPE.error,
)
"""Rules for requests that their description cannot express, as the refusal tells them."""
ALWAYS = """
[output.truncation]
enabled = false
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "410", "413", "422", "429"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "410", "413", "415", "422", "429"]
"""
"""What is described may be refused for what is there, but not as malformed; what is not described is never taken."""
SCOPES = "https://schema.fitko.de/fit-connect/oauth/scopes/"

FETCHING = ("listSubmissions", "getSubmission", "getSubmissionAttachment", "postEvent")
"""What only a subscriber may ask."""
MANAGING = (
    "listDestinations",
    "createDestination",
    "putDestination",
    "patchDestination",
    "deleteDestination",
    "postDestinationKey",
)
"""What only a subscriber may ask that manages destinations."""


Words = Mapping[str, Sequence[str]]
"""Address of a parameter or of a member of a body → what is there."""


@dataclass(frozen=True)
class Site:
    """A broker where something has happened."""

    broker: RunningBroker
    portal: Portal
    subscriber: Subscriber
    manager: Subscriber
    words: Words
    apt: Mapping[str, Words]
    """Of some operations, by id: what they may succeed with."""
    tokens: Sequence[str]
    """JWE and JWS for bodies that are nothing else."""
    keys: Sequence[Mapping[str, Any]]
    """JWKs that no destination has yet."""

    def told(self) -> str:
        """What cannot be said in the configuration (`schemathesis_hooks`)."""
        return json.dumps({"tokens": self.tokens, "keys": self.keys, "unsaid": UNSAID})


def site_at(broker: RunningBroker) -> Site:
    portal, subscriber, manager = broker.portal(), broker.subscriber(), broker.subscriber("dresden", DRESDEN)
    to_leipzig = Application(LEIPZIG, enclosures=(PLAN,), region=LEIPZIG_REGION)
    to_chemnitz = Application(CHEMNITZ, enclosures=(PLAN,))

    waiting = [portal.send(to_leipzig) for _ in range(4)]
    begun = [portal.begin(each) for each in (to_leipzig, to_leipzig, to_chemnitz)]
    done = portal.accepted(to_chemnitz)
    sealed = [done.sealed, waiting[0].sealed]
    to_accept, to_reject, answers = (
        [_reply(by, sent, sealed[1]) for sent in waiting[:2]] for by in (subscriber, subscriber, portal)
    )
    writing = [_begun_reply(portal, sent, sealed[1]) for sent in waiting[:2] * 2]
    places = [LEIPZIG, CHEMNITZ, DRESDEN, opened(broker, manager, "fuzzed"), furnished(broker, manager, "more")]
    everything = [*waiting, *begun, done]
    words = {
        "path.submissionId": [sent.submission for sent in everything],
        "path.replyId": [*to_accept, *to_reject, *answers],
        "path.caseId": [sent.case for sent in everything],
        "path.attachmentId": [PLAN.id],
        "path.destinationId": places,
        "path.kid": [broker.keys.jwk(name).thumbprint() for name in ("leipzig-encryption", "more-signing")],
        **_bodies(broker, sealed, [sent.case for sent in everything]),
    }
    tokens = [token for one in sealed for token in one.attachments.values()]
    tokens += [subscriber.acceptance(waiting[2]), subscriber.rejection(waiting[3])]
    named = (("third-encryption", "RSA-OAEP-256"), ("third-signing", "PS512"), ("fourth-encryption", "RSA-OAEP-256"))
    keys = [jwk(broker, name, alg) for name, alg in named]
    open_ones = {"path.submissionId": [sent.submission for sent in begun]}
    apt: dict[str, Words] = {
        "putSubmission": open_ones,
        "putSubmissionAttachment": open_ones,
        "putReply": {"path.replyId": writing},
        "putReplyAttachment": {"path.replyId": writing},
        "acceptReply": {"path.replyId": to_accept},
        "rejectReply": {"path.replyId": to_reject},
        "postEvent": {"path.caseId": [sent.case for sent in waiting[2:]]},
    }
    return Site(broker, portal, subscriber, manager, words, apt, tokens, keys)


def asks(site: Site, *, usually: bool) -> str:
    """schemathesis.toml. `usually`: whoever may asks; otherwise the other side does."""
    others = {FETCHING: site.subscriber, MANAGING: site.manager} if usually else {(*FETCHING, *MANAGING): site.portal}
    lines = ["request-timeout = 30", f"headers = {{ {_bearer(site.portal if usually else site.subscriber)} }}"]
    for operations, client in others.items():
        lines += ["[[operations]]", f"include-operation-id = {json.dumps(operations)}"]
        lines += [f"headers = {{ {_bearer(client)} }}"]
    for operation, words in site.apt.items():
        lines += ["[[operations]]", f'include-operation-id = "{operation}"', "[operations.parameters]"]
        lines += [_bound(place, operation) for place in words]
    lines += ["[parameters]", *(_bound(place, "") for place in site.words)]
    for operation, words in {"": site.words, **site.apt}.items():
        for place, values in words.items():
            lines += [f"[dictionaries.{_name(place, operation)}]", f"values = {json.dumps(values)}"]
    return "\n".join([*lines, ALWAYS])


def _bodies(broker: RunningBroker, sealed: Sequence[Sealed], cases: Sequence[str]) -> dict[str, Sequence[str]]:
    service = [LEIKA + TREE_FELLING]
    listed = {
        f"body.{field}[*].{member}": values
        for field in ("services", "publicServices")
        for member, values in (
            ("identifier", service),
            ("regions[*]", ["DE", "DE146120000000"]),
            ("submissionSchemas[*].mimeType", ["application/xml"]),
        )
    }
    client = "bremen-portal"
    return {
        "body.destinationId": [LEIPZIG, CHEMNITZ],
        "body.caseId": cases,
        "body.announcedAttachments[*]": [PLAN.id],
        "body.publicService.identifier": service,
        "body.serviceType.identifier": service,
        "body.region": [LEIPZIG_REGION, "145110000000"],
        "body.callback.url": ["https://127.0.0.1:9/fit-connect"],
        "body.encryptedMetadata": [one.metadata for one in sealed],
        "body.encryptedData": [one.data for one in sealed],
        "body.encryptionKid": [broker.keys.jwk(f"{name}-encryption").thumbprint() for name in ("fuzzed", "more")],
        "body.signatureKid": [broker.keys.jwk(f"{name}-signing").thumbprint() for name in ("fuzzed", "more")],
        **listed,
        "body.client_id": [client],
        "body.client_secret": [broker.installation.secret(client)],
        "body.scope": ["send:region:DE", f"{SCOPES}send-submissions", f"{SCOPES}subscribe-destinations"],
        "query.leikaKey": [TREE_FELLING],
        "query.ars": [LEIPZIG_REGION],
    }


def _reply(by: Client, sent: Sent, sealed: Sealed) -> str:
    """A complete one in the case of a submission, announced by either side."""
    reply = _begun_reply(by, sent, sealed)
    by.good("PUT", f"/v2/replies/{reply}", json=sealed.body)
    return reply


def _begun_reply(by: Client, sent: Sent, sealed: Sealed) -> str:
    """With its attachment, and not complete."""
    body = {"caseId": sent.case, "announcedAttachments": [PLAN.id]}
    reply = str(by.good("POST", "/v2/replies", json=body).json()["replyId"])
    headers = {"Content-Type": "application/jose"}
    by.good("PUT", f"/v2/replies/{reply}/attachments/{PLAN.id}", content=sealed.attachments[PLAN.id], headers=headers)
    return reply


def _bearer(client: Client) -> str:
    """A new token: it has to last for half an hour."""
    return f'Authorization = "Bearer {client.ask_token().json()["access_token"]}"'


def _bound(place: str, operation: str) -> str:
    return f'"{place}" = {{ dictionary = "{_name(place, operation)}", probability = 0.9 }}'


def _name(place: str, operation: str) -> str:
    """As the configuration allows it for a dictionary."""
    return "".join(letter if letter.isalnum() else "-" for letter in operation + place)
