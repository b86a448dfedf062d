"""End-to-end destinations: the broker holds no key, the subscriber fetches, decrypts and decides. And who sees what."""

import json
import uuid
from collections.abc import Callable

import pytest
from acceptance_words import refused
from application_kit import Application, cut_off, photo_and_plan, sample
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, DRESDEN, LEIPZIG
from portal_kit import EVENTS, Portal, Sent, Subscriber

TO_LEIPZIG = Application(LEIPZIG, sample("ungueltig-datum"), photo_and_plan(), region="147130000000")
"""Not even valid: the broker cannot know."""


@pytest.fixture(scope="session")
def dresden(broker: RunningBroker) -> Subscriber:
    return broker.subscriber("dresden", DRESDEN)


@pytest.fixture
def sent(portal: Portal) -> Sent:
    return portal.send(TO_LEIPZIG)


def test_the_subscriber_fetches_and_opens_what_the_portal_sent(
    portal: Portal, subscriber: Subscriber, sent: Sent
) -> None:
    assert sent.submission in subscriber.waiting()

    fetched = subscriber.fetch(sent.submission)

    assert fetched["submissionId"] == sent.submission
    assert fetched["caseId"] == sent.case
    assert fetched["publicService"]["identifier"].endswith("99093003001002")
    assert (fetched["encryptedMetadata"], fetched["encryptedData"]) == (sent.sealed.metadata, sent.sealed.data)
    assert subscriber.decrypt(fetched["encryptedData"]) == TO_LEIPZIG.data
    metadata = json.loads(subscriber.decrypt(fetched["encryptedMetadata"]))
    assert [entry["attachmentId"] for entry in metadata["contentStructure"]["attachments"]] == fetched["attachments"]
    for enclosure in TO_LEIPZIG.enclosures:
        token = subscriber.fetch_attachment(sent.submission, enclosure.id)
        assert token == sent.sealed.attachments[enclosure.id]
        assert subscriber.decrypt(token) == enclosure.content


def test_the_first_version_of_the_protocol_names_the_service_differently(subscriber: Subscriber, sent: Sent) -> None:
    fetched = subscriber.good("GET", f"/v1/submissions/{sent.submission}").json()

    assert fetched["serviceType"]["identifier"].endswith("99093003001002")
    assert "publicService" not in fetched


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_the_subscribers_decision_is_the_portals_last_event(
    portal: Portal, subscriber: Subscriber, sent: Sent, decision: str
) -> None:
    token = subscriber.acceptance(sent) if decision == "accept" else subscriber.rejection(sent)

    assert subscriber.write(sent.case, token).status_code == 204

    event = portal.ends_with(sent, f"{decision}-submission")
    assert event.issuer == LEIPZIG
    if decision == "accept":
        assert event.body["authenticationTags"] == sent.sealed.tags()
    else:
        assert event.problems == [("schema-violation", "data")]
    assert sent.submission not in subscriber.waiting()
    log = portal.good("GET", f"/v2/cases/{sent.case}/events").json()["eventLog"]
    assert log[-1] == token


def test_the_first_decision_stands(portal: Portal, subscriber: Subscriber, sent: Sent) -> None:
    token = subscriber.rejection(sent)
    assert subscriber.write(sent.case, token).status_code == 204

    assert subscriber.write(sent.case, token).status_code == 204, "the very same event again is fine"
    refused(subscriber.write(sent.case, subscriber.acceptance(sent)), 409, "event-not-possible")
    refused(subscriber.write(sent.case, subscriber.rejection(sent)), 409, "event-not-possible")

    assert len(portal.events(sent.case)) == 3
    portal.ends_with(sent, "reject-submission")


def wrong_tags(sent: Sent) -> dict[str, object]:
    return {EVENTS + "accept-submission": {"authenticationTags": sent.sealed.tags() | {"data": "A" * 22}}}


WRONG: dict[str, Callable[[Subscriber, Sent], str]] = {
    "not a token": lambda *_: "x",
    "truncated": lambda who, sent: cut_off(6)(who.acceptance(sent)),
    "without signature": lambda who, sent: who.acceptance(sent).rpartition(".")[0] + ".",
    "another algorithm": lambda who, sent: who.acceptance(sent, header={"alg": "RS256"}),
    "another type": lambda who, sent: who.acceptance(sent, header={"typ": "JWT"}),
    "an unknown key": lambda who, sent: who.acceptance(sent, header={"kid": "A" * 43}),
    "a critical extension": lambda who, sent: who.acceptance(sent, header={"crit": ["b64"], "b64": True}),
    "signed by the encryption key": lambda who, sent: who.acceptance(sent, key=who.decryption_key),
    "another destination's name": lambda who, sent: who.acceptance(sent, iss=DRESDEN),
    "the service's name": lambda who, sent: who.acceptance(sent, iss=f"{who.base}/submission-api"),
    "another case": lambda who, sent: who.acceptance(sent, txn=f"case:{uuid.uuid4()}"),
    "a reply": lambda who, sent: who.acceptance(sent, sub=f"reply:{sent.submission}"),
    "no subject": lambda who, sent: who.acceptance(sent, sub=None),
    "no time": lambda who, sent: who.acceptance(sent, iat=None),
    "time as text": lambda who, sent: who.acceptance(sent, iat="now"),
    "an id that is none": lambda who, sent: who.acceptance(sent, jti="1"),
    "a schema of another kind": lambda who, sent: who.acceptance(sent, **{"$schema": "https://example.org/set.json"}),
    "two events": lambda who, sent: who.acceptance(
        sent, events=wrong_tags(sent) | {EVENTS + "reject-submission": {"problems": []}}
    ),
    "no event": lambda who, sent: who.acceptance(sent, events={}),
    "an unknown event": lambda who, sent: who.event("praise-submission", sent, {}),
    "an event of the service": lambda who, sent: who.event("submit-submission", sent, {"authenticationTags": {}}),
    "a deletion": lambda who, sent: who.event("delete-submission", sent, {}),
    "wrong tags": lambda who, sent: who.acceptance(sent, events=wrong_tags(sent)),
    "no tags": lambda who, sent: who.event("accept-submission", sent, {}),
    "no problems": lambda who, sent: who.event("reject-submission", sent, {}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_event_is_refused_and_a_right_one_still_possible(
    portal: Portal, subscriber: Subscriber, sent: Sent, name: str
) -> None:
    refused(subscriber.write(sent.case, WRONG[name](subscriber, sent)), 422, "invalid-set")

    assert len(portal.events(sent.case)) == 2
    assert subscriber.write(sent.case, subscriber.acceptance(sent)).status_code == 204


def test_an_event_about_another_submission_is_not_found(subscriber: Subscriber, sent: Sent) -> None:
    about_nothing = subscriber.acceptance(sent, sub=f"submission:{uuid.uuid4()}")

    refused(subscriber.write(sent.case, about_nothing), 404, "submission-not-found")


def test_an_event_of_another_content_type_or_size_is_refused(subscriber: Subscriber, sent: Sent) -> None:
    token = subscriber.acceptance(sent)

    refused(
        subscriber.write(sent.case, token, headers={"Content-Type": "application/json"}), 415, "unsupported-media-type"
    )
    refused(subscriber.write(sent.case, token + "A" * 300_000), 413, "content-too-large")
    assert subscriber.write(sent.case, token).status_code == 204


def test_another_subscriber_sees_nothing_of_it(dresden: Subscriber, sent: Sent) -> None:
    [attachment, _] = sent.sealed.attachments

    assert sent.submission not in dresden.waiting()
    everything = dresden.good("GET", f"/v2/submissions?destinationId={LEIPZIG}").json()
    assert (everything["totalCount"], everything["submissions"]) == (0, [])
    for path in (f"/v2/submissions/{sent.submission}", f"/v2/submissions/{sent.submission}/attachments/{attachment}"):
        refused(dresden.call("GET", path), 404, "submission-not-found")
    refused(dresden.call("GET", f"/v2/cases/{sent.case}/events"), 404, "case-not-found")
    refused(dresden.write(sent.case, dresden.acceptance(sent)), 404, "submission-not-found")
    refused(dresden.write(sent.case, dresden.acceptance(sent, iss=LEIPZIG)), 404, "submission-not-found")


def test_another_portal_sees_nothing_of_it(broker: RunningBroker, portal: Portal) -> None:
    application = Application(CHEMNITZ, enclosures=photo_and_plan())
    sent = portal.begin(application)
    bremen = broker.portal("bremen")
    [attachment, _] = sent.sealed.attachments

    refused(bremen.submit(sent.submission, sent.sealed), 404, "submission-not-found")
    refused(bremen.attach(sent.submission, attachment, sent.sealed.data), 404, "submission-not-found")
    refused(bremen.call("GET", f"/v2/cases/{sent.case}/events"), 404, "case-not-found")
    refused(bremen.call("GET", f"/v2/submissions/{sent.submission}/events"), 404, "submission-not-found")
    refused(bremen.announce(application, caseId=sent.case), 404, "case-not-found")
    assert portal.submit(sent.submission, sent.sealed).status_code == 200
    portal.ends_with(sent, "accept-submission")


def test_a_case_does_not_change_its_destination(portal: Portal, sent: Sent) -> None:
    refused(portal.announce(Application(CHEMNITZ), caseId=sent.case), 422, "case-mismatch")


def test_each_role_keeps_to_its_own_calls(portal: Portal, subscriber: Subscriber, sent: Sent) -> None:
    refused(portal.call("GET", "/v2/submissions"), 403, "forbidden")
    refused(portal.call("GET", f"/v2/submissions/{sent.submission}"), 403, "forbidden")
    refused(
        portal.call("POST", f"/v2/cases/{sent.case}/events", content="x", headers={"Content-Type": "application/jose"}),
        403,
        "forbidden",
    )
    refused(subscriber.call("POST", "/v2/submissions", json={}), 403, "forbidden")
    refused(subscriber.call("PUT", f"/v2/submissions/{sent.submission}", json={}), 403, "forbidden")


def test_what_the_broker_opens_itself_is_not_for_subscribers(
    broker: RunningBroker, portal: Portal, subscriber: Subscriber
) -> None:
    sent = portal.accepted(Application(CHEMNITZ))

    refused(subscriber.call("GET", f"/v2/submissions/{sent.submission}"), 404, "submission-not-found")


def test_the_list_is_cut_into_pages(portal: Portal, subscriber: Subscriber) -> None:
    for _ in range(3):
        portal.send(Application(LEIPZIG, region=None))
    everything = subscriber.waiting()

    paged = [
        entry["submissionId"]
        for offset in range(0, len(everything), 2)
        for entry in subscriber.good("GET", f"/v2/submissions?offset={offset}&limit=2").json()["submissions"]
    ]

    assert paged == everything
    refused(subscriber.call("GET", "/v2/submissions?limit=0"), 400, "constraint-violation")
    for named in ("x", ""):
        refused(subscriber.call("GET", f"/v2/submissions?destinationId={named}"), 400, "constraint-violation")
