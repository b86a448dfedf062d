"""What clients that exist do beside the specification (dossier 7), each survived."""

from typing import Any

import pytest
from application_kit import Application, Enclosure, Spoil
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, LEIPZIG
from portal_kit import LEIKA, Portal, Subscriber

PLAN = Enclosure(b"%PDF-1.7 plan" * 900, "plan.pdf", "application/pdf", "3f0d3c0e-5d0c-4a55-9d0f-0d7f0d6bf201")
OLD = Application(CHEMNITZ, enclosures=(PLAN,), version="v1", metadata="1.0.0", signed=False, region=None)
METADATA = "https://schema.fitko.de/fit-connect/metadata/{}/metadata.schema.json"


def rewritten(**members: Any) -> Spoil:
    """Members of the metadata set instead of ours; None takes one away."""

    def changed(document: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in (document | members).items() if value is not None}

    return Spoil(before={"metadata": changed})


class Forgetful(Portal):
    """Asks for a token before every single call, as the Python client of v1 does."""

    def token(self) -> str:
        self._token = ""
        return super().token()


def test_the_python_client_of_v1_with_all_its_habits(broker: RunningBroker) -> None:
    """A token for each call; metadata names 1.0.0 and a date that is nowhere defined; everything compressed and called
    JSON; one attachment announced several times; the answer to the last PUT is read as JSON."""
    usual = broker.portal("bremen")
    client = Forgetful(usual.base, "bremen-portal", broker.installation.secret("bremen-portal"), None, broker.keys.root)
    info = {"senderReference": "HB 1", "submissionDate": "2026-02-03"}
    metadata = rewritten(**{"$schema": METADATA.format("1.0.0"), "additionalReferenceInfo": info})
    header = {"cty": "application/json", "zip": "DEF"}
    spoil = Spoil(before=metadata.before, header=dict.fromkeys(("metadata", "data", "attachment"), header))

    with client:
        sent = client.begin(OLD.but(compressed=True), spoil, announcedAttachments=[PLAN.id] * 4)
        answer = client.submit(sent.submission, sent.sealed)

        assert answer.json()["submissionId"] == sent.submission
        client.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission)
    assert folder.attachments == (PLAN.content,)
    assert folder.manifest["metadata"] == {"version": "1.0.0", "fullyValidated": True}


def test_a_type_in_the_header_of_every_part_is_passed_over(broker: RunningBroker, portal: Portal) -> None:
    header = {"typ": "JWE", "zip": "DEF"}
    spoil = Spoil(header=dict.fromkeys(("metadata", "data", "attachment"), header))

    sent = portal.send(OLD.but(compressed=True), spoil)

    portal.ends_with(sent, "accept-submission")
    assert len(broker.delivered(sent.submission)) == 1


def test_a_key_is_had_without_a_token_and_under_its_thumbprint(broker: RunningBroker, portal: Portal) -> None:
    for version in ("v1", "v2"):
        about = portal.good("GET", f"/{version}/destinations/{CHEMNITZ}").json()
        address = f"{broker.base}/submission-api/{version}/destinations/{CHEMNITZ}/keys/{about['encryptionKid']}"

        key = portal.http.get(address, headers={"User-Agent": ""})

        assert key.status_code == 200
        assert portal.key(CHEMNITZ, about["encryptionKid"]).thumbprint() == about["encryptionKid"] == key.json()["kid"]


@pytest.mark.parametrize("declared", ["1.0.0", "1.3.0", "2.0.0", "2.1.0", None])
def test_metadata_of_every_version_that_is_in_use_is_taken(
    broker: RunningBroker, portal: Portal, declared: str | None
) -> None:
    family = "2.1.0" if declared in ("2.0.0", "2.1.0") else "1.0.0"
    spoil = rewritten(**{"$schema": METADATA.format(declared) if declared else None})

    sent = portal.send(Application(CHEMNITZ, metadata=family), spoil)

    portal.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission)
    assert folder.manifest["metadata"]["version"] == (declared or "1.0.0")
    assert folder.manifest["metadata"]["fullyValidated"] == (declared in ("1.0.0", "2.1.0", None))


@pytest.mark.parametrize("content_type", ["application/json", "application/octet-stream", "text/x-anything", None])
def test_an_attachment_is_called_what_its_sender_likes(
    broker: RunningBroker, portal: Portal, content_type: str | None
) -> None:
    sent = portal.send(Application(CHEMNITZ, enclosures=(PLAN,)), Spoil(header={"attachment": {"cty": content_type}}))

    portal.ends_with(sent, "accept-submission")
    assert broker.delivered(sent.submission)[0].attachments == (PLAN.content,)


@pytest.mark.parametrize("service", ["publicService", "serviceType"])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_what_may_be_left_out_or_called_otherwise(portal: Portal, version: str, service: str) -> None:
    """No region, no list of attachments, no name of the service, and the service under the name of either version."""
    body = {"destinationId": CHEMNITZ, service: {"identifier": f"{LEIKA}99093003001002"}}

    created = portal.call("POST", f"/{version}/submissions", json=body)

    assert created.status_code == 201, created.text
    sealed = portal.seal(Application(CHEMNITZ, version=version))
    assert portal.submit(created.json()["submissionId"], sealed).status_code == 200


def test_the_region_is_taken_as_the_destination_writes_it(broker: RunningBroker, portal: Portal) -> None:
    for version, services in (("v1", "services"), ("v2", "publicServices")):
        about = portal.good("GET", f"/{version}/destinations/{CHEMNITZ}").json()
        [offered] = about[services]

        sent = portal.send(Application(CHEMNITZ, version=version), region=offered["regions"][0])

        portal.ends_with(sent, "accept-submission")
        assert broker.delivered(sent.submission)[0].manifest["region"] == "145110000000"


def test_parameters_of_a_type_and_letters_of_any_size_do_no_harm(portal: Portal, subscriber: Subscriber) -> None:
    application = Application(LEIPZIG, enclosures=(PLAN,), region=None)
    sealed = portal.seal(application)
    created = portal.announce(application)
    submission = created.json()["submissionId"].upper()

    attached = portal.attach(
        submission, PLAN.id.upper(), sealed.attachments[PLAN.id], headers={"Content-Type": "Application/JOSE; a=b"}
    )
    kind = {"Content-Type": "application/json; charset=UTF-8"}
    submitted = portal.call("PUT", f"/v2/submissions/{submission}", json=sealed.body, headers=kind)

    assert (attached.status_code, submitted.status_code) == (204, 200)
    assert submitted.json() == created.json()
    for path in (submission, f"{submission}/attachments/{PLAN.id.upper()}"):
        assert subscriber.call("GET", f"/v2/submissions/{path}").status_code == 200


@pytest.mark.parametrize("agent", ["", "x" * 500, "Mozilla/5.0 (kein Browser)"])
def test_any_user_agent_or_none_is_served(portal: Portal, agent: str) -> None:
    sent = portal.begin(Application(CHEMNITZ))

    answer = portal.call(
        "PUT", f"/v2/submissions/{sent.submission}", json=sent.sealed.body, headers={"User-Agent": agent}
    )

    assert answer.status_code == 200
