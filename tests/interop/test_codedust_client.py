"""The PyPI package `fitconnect` 0.4.2, v1: sends to a destination we open, fetches from one it opens itself."""

import base64
from typing import Any

import pytest
from application_kit import SCHEMA, SITE_PLAN, TREE_FELLING, Application, Sealed, sample
from broker_kit import RunningBroker
from foreign_programs import Codedust, Refused
from installation_kit import CHEMNITZ, LEIPZIG
from portal_kit import LEIKA, Portal, Sent, waited_for

NOBODY = "99999999-0000-4000-8000-999999999999"
SERVICE = LEIKA + TREE_FELLING
XML = sample("gueltig-kleinster-antrag")
JSON = {"$schema": SCHEMA, "baum": "Eiche", "straße": "Heidestraße"}


def test_what_it_sends_is_accepted_and_lies_in_the_folder(broker: RunningBroker, codedust: Codedust) -> None:
    sent = sends(broker, codedust, CHEMNITZ, data=XML.decode(), mimeType="application/xml", attachments=[SITE_PLAN])

    assert sent["destinationId"] == CHEMNITZ
    assert ended_with(broker.portal("bremen"), sent["caseId"]) == "accept-submission"
    [folder] = broker.delivered(sent["submissionId"])
    assert folder.data == XML
    assert folder.attachments == (SITE_PLAN,)
    assert folder.manifest["signature"]["verdict"] == "absent"


def test_what_it_sends_against_the_schema_is_rejected(broker: RunningBroker, codedust: Codedust) -> None:
    data = sample("ungueltig-stammumfang-zu-gross").decode()

    sent = sends(broker, codedust, CHEMNITZ, data=data, mimeType="application/xml")

    assert ended_with(broker.portal("bremen"), sent["caseId"]) == "reject-submission"
    assert broker.delivered(sent["submissionId"]) == []


@pytest.mark.parametrize("attachments", [[], [SITE_PLAN]], ids=["alone", "with an attachment"])
def test_it_lists_fetches_and_decrypts_until_the_subscriber_accepts(
    broker: RunningBroker, codedust: Codedust, attachments: list[bytes]
) -> None:
    sent = sends(broker, codedust, LEIPZIG, data=JSON, mimeType="application/json", attachments=attachments)
    ours = {"submissionId": sent["submissionId"], "caseId": sent["caseId"], "destinationId": LEIPZIG}

    assert ours in software(broker, codedust, "list")
    key = private_half(broker)
    found = software(broker, codedust, "retrieve", submission=sent["submissionId"], key=key)

    assert found["data_json"] == JSON
    assert [base64.b64decode(content) for content in found["attachments"].values()] == attachments
    assert found["serviceType"]["identifier"] == SERVICE
    accepts(broker, found)
    assert ours not in software(broker, codedust, "list")


def test_it_understands_why_it_is_refused(broker: RunningBroker, codedust: Codedust) -> None:
    key = private_half(broker)

    with pytest.raises(Refused, match="destination does not exist"):
        sends(broker, codedust, NOBODY, data=JSON, mimeType="application/json")
    with pytest.raises(Refused, match="Submission not found"):
        software(broker, codedust, "retrieve", submission=NOBODY, key=key)
    with pytest.raises(Refused, match="Missing or invalid client authentication"):
        codedust.ask("leipzig-software", "wrong", "list")


def sends(broker: RunningBroker, codedust: Codedust, destination: str, **about: Any) -> Any:
    attachments = [base64.b64encode(each).decode() for each in about.pop("attachments", [])]
    about |= {"destination": destination, "service": SERVICE, "schema": SCHEMA, "attachments": attachments}
    return codedust.ask("bremen-portal", broker.installation.secret("bremen-portal"), "send", **about)


def software(broker: RunningBroker, codedust: Codedust, does: str, **about: Any) -> Any:
    return codedust.ask("leipzig-software", broker.installation.secret("leipzig-software"), does, **about)


def private_half(broker: RunningBroker) -> Any:
    return broker.keys.jwk("leipzig-encryption").export_private(as_dict=True)


def accepts(broker: RunningBroker, found: Any) -> None:
    """The library knows no events, so another subscriber program of the same client writes this one."""
    subscriber = broker.subscriber()
    tokens = {each: subscriber.fetch_attachment(found["submissionId"], each) for each in found["attachments"]}
    sealed = Sealed(Application(LEIPZIG), found["encryptedMetadata"], found["encryptedData"], tokens)
    sent = Sent(found["submissionId"], found["caseId"], LEIPZIG, sealed)
    answer = subscriber.write(sent.case, subscriber.acceptance(sent))
    assert answer.status_code == 204, answer.text


def ended_with(portal: Portal, case: str) -> str:
    def ended() -> str | None:
        name = portal.events(case)[-1].name
        return name if name.split("-")[0] in ("accept", "reject") else None

    return waited_for(ended, f"an end of case {case}")
