"""The same request again is the same answer, whatever has become of the submission; other bytes change nothing."""

import hashlib
import uuid
from dataclasses import replace

import httpx
import pytest
from acceptance_words import refused
from application_kit import Application, Enclosure, Sealed, Spoil, sample
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, LEIPZIG
from portal_kit import Portal, Sent, Subscriber

MISSING, UNKNOWN = "attachment-not-found", "submission-not-found"
VERSIONS = pytest.mark.parametrize("version", ["v1", "v2"])
PLAN = Enclosure(b"%PDF-1.7 plan" * 9000, "plan.pdf", "application/pdf", "3f0d3c0e-5d0c-4a55-9d0f-0d7f0d6bf101")
WITH_PLAN = Application(CHEMNITZ, enclosures=(PLAN,))
ENDS = {
    "accept-submission": WITH_PLAN,
    "reject-submission": WITH_PLAN.but(data=sample("ungueltig-stammumfang-zu-gross")),
}


def first_answer(portal: Portal, application: Application) -> tuple[Sent, httpx.Response]:
    sent = portal.begin(application)
    return sent, portal.submit(sent.submission, sent.sealed)


@VERSIONS
@pytest.mark.parametrize("end", ENDS)
def test_the_same_again_after_the_end_is_answered_as_the_first_time_and_anything_else_is_not(
    broker: RunningBroker, portal: Portal, version: str, end: str
) -> None:
    application = ENDS[end].but(version=version)
    sent, first = first_answer(portal, application)
    portal.ends_with(sent, end)
    log, other = portal.events(sent.case), portal.seal(application)
    [(attachment, token)] = sent.sealed.attachments.items()

    for spoken in ("v1", "v2"):
        again = portal.submit(sent.submission, _in(spoken, sent.sealed))
        assert (again.status_code, again.json()) == (200, first.json())
        assert portal.attach(sent.submission, attachment, token, version=spoken).status_code == 204
        mixed = Sealed(application.but(version=spoken), sent.sealed.metadata, other.data, {})
        refused(portal.submit(sent.submission, mixed), 409, "submission-already-submitted")
        changed = portal.attach(sent.submission, attachment, other.attachments[attachment], version=spoken)
        refused(changed, 409, "submission-already-submitted")
        late = portal.attach(sent.submission, str(uuid.uuid4()), token, version=spoken)
        refused(late, 422, "attachment-not-announced")

    assert portal.events(sent.case) == log
    assert len(broker.delivered(sent.submission)) == (end == "accept-submission")


@VERSIONS
def test_what_a_subscriber_fetches_is_what_was_submitted_first(
    portal: Portal, subscriber: Subscriber, version: str
) -> None:
    sent, first = first_answer(portal, WITH_PLAN.but(destination=LEIPZIG, region=None, version=version))
    refused(portal.submit(sent.submission, portal.seal(sent.sealed.application)), 409, "submission-already-submitted")
    assert subscriber.write(sent.case, subscriber.acceptance(sent)).status_code == 204

    assert portal.submit(sent.submission, sent.sealed).json() == first.json()
    fetched = subscriber.fetch(sent.submission)
    assert (fetched["encryptedMetadata"], fetched["encryptedData"]) == (sent.sealed.metadata, sent.sealed.data)


def _in(version: str, sealed: Sealed) -> Sealed:
    return Sealed(sealed.application.but(version=version), sealed.metadata, sealed.data, sealed.attachments)


# ---- without data


def without_data(portal: Portal, destination: str, version: str = "v1") -> Sent:
    """Metadata 1.0.0 that describes no data; announced, and not submitted yet."""
    application = Application(destination, metadata="1.0.0", version=version, region=None)
    spoil = Spoil(before={"metadata": lambda document: document | {"contentStructure": {"attachments": []}}})
    sent = portal.begin(application, spoil)
    return replace(sent, sealed=replace(sent.sealed, data=""))


def test_the_first_version_takes_a_submission_without_data_and_the_rejection_says_that_they_are_missing(
    broker: RunningBroker, portal: Portal
) -> None:
    sent = without_data(portal, CHEMNITZ)

    assert portal.submit(sent.submission, sent.sealed).status_code == 200

    event = portal.ends_with(sent, "reject-submission")
    assert event.problems == [("missing-data", "data")]
    assert "encryptedData" in event.body["problems"][0]["detail"]
    assert portal.events(sent.case)[1].body == {"authenticationTags": sent.sealed.tags()}
    assert "data" not in sent.sealed.tags()
    assert broker.delivered(sent.submission) == []
    assert portal.submit(sent.submission, sent.sealed).status_code == 200
    with_data = replace(sent.sealed, data=portal.seal(Application(CHEMNITZ)).data)
    refused(portal.submit(sent.submission, with_data), 409, "submission-already-submitted")


def test_data_that_metadata_does_not_describe_are_missing_too(portal: Portal) -> None:
    sent = without_data(portal, CHEMNITZ)
    undescribed = replace(sent.sealed, data=portal.seal(Application(CHEMNITZ)).data)

    assert portal.submit(sent.submission, undescribed).status_code == 200

    assert portal.ends_with(sent, "reject-submission").problems == [("missing-data", "data")]
    refused(portal.submit(sent.submission, sent.sealed), 409, "submission-already-submitted")


def test_the_second_version_asks_for_data_on_the_spot(portal: Portal) -> None:
    sent = without_data(portal, CHEMNITZ, "v2")

    problem = refused(portal.submit(sent.submission, sent.sealed), 400, "constraint-violation")

    assert "encryptedData" in problem["detail"]
    assert [event.name for event in portal.events(sent.case)] == ["create-submission"]


def test_a_subscriber_decides_itself_on_a_submission_without_data(portal: Portal, subscriber: Subscriber) -> None:
    sent = without_data(portal, LEIPZIG)
    assert portal.submit(sent.submission, sent.sealed).status_code == 200

    fetched = subscriber.fetch(sent.submission)

    assert fetched["encryptedMetadata"] == sent.sealed.metadata
    assert "encryptedData" not in fetched
    assert subscriber.write(sent.case, subscriber.acceptance(sent)).status_code == 204
    assert portal.ends_with(sent, "accept-submission").body == {"authenticationTags": sent.sealed.tags()}


# ---- ids


def test_an_id_that_another_submission_uses_means_another_attachment(
    broker: RunningBroker, portal: Portal, subscriber: Subscriber
) -> None:
    other = replace(PLAN, content=b"%PDF-1.7 another plan")
    first, second = portal.accepted(WITH_PLAN), portal.accepted(WITH_PLAN.but(enclosures=(other,)))
    third = portal.send(WITH_PLAN.but(destination=LEIPZIG, region=None))

    assert [broker.delivered(each.submission)[0].attachments for each in (first, second)] == [
        (PLAN.content,),
        (other.content,),
    ]
    token = subscriber.fetch_attachment(third.submission, PLAN.id)
    assert hashlib.sha512(subscriber.decrypt(token)).digest() == hashlib.sha512(PLAN.content).digest()
    refused(subscriber.call("GET", f"/v2/submissions/{third.submission}/attachments/{first.submission}"), 404, MISSING)
    refused(subscriber.call("GET", f"/v2/submissions/{first.submission}/attachments/{PLAN.id}"), 404, UNKNOWN)


def test_a_submission_may_call_its_attachment_like_itself(broker: RunningBroker, portal: Portal) -> None:
    """Ids of the sender and ids of the service are never mixed up."""
    first = portal.accepted(WITH_PLAN)
    namesake = replace(PLAN, id=first.submission)

    folder = broker.takes_a_good_one(portal, Application(CHEMNITZ, enclosures=(namesake,)))

    assert folder.attachments == (PLAN.content,)
