"""The case this product exists for: Hamburg's portal sends, Chemnitz receives, Hamburg learns it."""

import hashlib

import pytest
from application_kit import CHEMNITZ as REGION
from application_kit import TREE_FELLING, Application, decode, photo_and_plan, sample
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ
from portal_kit import Portal, waited_for

FULL = "gueltig-hamburg-chemnitz"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_application_with_two_attachments_arrives_validated_and_complete(
    broker: RunningBroker, portal: Portal, version: str
) -> None:
    [route] = portal.route(TREE_FELLING, ars=REGION)
    application = Application(route["destinationId"], sample(FULL), photo_and_plan(), version=version)

    sent = portal.accepted(application)

    [folder] = broker.delivered(sent.submission)
    assert folder.data == application.data
    assert folder.attachments == tuple(each.content for each in application.enclosures)
    assert set(folder.files) == {"manifest.json", "fertig", "daten.xml", "anlage-01.jpg", "anlage-02.pdf"}
    assert folder.manifest["ids"] | {"delivery": ""} == {
        "message": sent.submission,
        "case": sent.case,
        "delivery": "",
        "destination": CHEMNITZ,
        "authority": "chemnitz-gba",
        "target": "chemnitz",
        "portal": "hamburg",
    }
    assert folder.manifest["service"]["key"] == TREE_FELLING
    assert folder.manifest["region"] == REGION
    assert folder.manifest["signature"]["verdict"] == "valid"
    assert folder.manifest["data"]["sha512"] == hashlib.sha512(application.data).hexdigest()
    named = [(entry["originalName"], entry["sha512"]) for entry in folder.manifest["attachments"]]
    assert named == [(each.name, hashlib.sha512(each.content).hexdigest()) for each in application.enclosures]


def test_the_event_log_tells_the_whole_way_with_authentication_tags(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.accepted(Application(CHEMNITZ, enclosures=photo_and_plan()))

    events = portal.events(sent.case)

    assert [event.name for event in events] == ["create-submission", "submit-submission", "accept-submission"]
    service = f"{broker.base}/submission-api"
    assert [event.issuer for event in events] == [service, service, CHEMNITZ]
    assert {event.submission for event in events} == {sent.submission}
    assert [event.body for event in events] == [
        {},
        {"authenticationTags": sent.sealed.tags()},
        {"authenticationTags": sent.sealed.tags()},
    ]
    of_the_submission = portal.good("GET", f"/v2/submissions/{sent.submission}/events").json()
    assert len(of_the_submission["eventLog"]) == 3


def test_a_copy_reaches_the_second_target(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.accepted(Application(CHEMNITZ))

    [copy] = waited_for(lambda: broker.delivered(sent.submission, "archive") or None, "the copy")
    assert copy.data == sent.sealed.application.data


def test_an_error_against_the_schema_comes_back_as_findings_a_person_can_read(
    broker: RunningBroker, portal: Portal
) -> None:
    data = sample("ungueltig-stammumfang-zu-gross")

    sent = portal.send(Application(CHEMNITZ, data))

    event = portal.ends_with(sent, "reject-submission")
    assert event.problems == [("schema-violation", "data")]
    [problem] = event.body["problems"]
    [finding] = problem["findings"]
    assert finding["path"] == "/bf:baumfaellung.antrag.0100/antrag/baum/stammumfang"
    assert finding["code"] == "XSD-RANGE"
    assert finding["line"] > 1
    assert finding["de"] != finding["en"]
    assert problem["detail"] != problem["detailEn"]
    assert "1 Befund" in problem["detail"]
    assert broker.delivered(sent.submission) == []


@pytest.mark.parametrize("name", ["ungueltig-zeichen", "ungueltig-datum", "ungueltig-unbekanntes-element"])
def test_no_value_of_the_application_stands_in_a_rejection_or_a_log(
    broker: RunningBroker, portal: Portal, name: str
) -> None:
    marked = sample(name).replace(b"<ort>Hamburg</ort>", b"<ort>Geheimdorf</ort>")
    assert b"Geheimdorf" in marked
    words = {word for word in (b"Mustermann", b"Heidestra\xc3\x9fe", b"Geheimdorf") if word in marked}

    sent = portal.send(Application(CHEMNITZ, marked))
    portal.ends_with(sent, "reject-submission")

    log = portal.good("GET", f"/v2/cases/{sent.case}/events").json()["eventLog"]
    told = b"".join(decode(token.split(".")[1]) for token in log) + broker.logs().encode()
    trace = broker.installation.good("submissions", "trace", sent.submission, "--json")
    shown = broker.installation.good("submissions", "show", sent.submission, "--json")
    told += repr((trace, shown)).encode()
    assert not [word for word in words if word in told]


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize(("version", "metadata"), [("v1", "1.0.0"), ("v1", "2.1.0"), ("v2", "1.0.0"), ("v2", "2.1.0")])
def test_every_version_of_wire_and_metadata_is_taken(
    broker: RunningBroker, portal: Portal, version: str, metadata: str, compressed: bool
) -> None:
    application = Application(
        CHEMNITZ, enclosures=photo_and_plan(), version=version, metadata=metadata, compressed=compressed
    )

    folder = broker.takes_a_good_one(portal, application)

    assert folder.data == application.data
    assert folder.attachments == tuple(each.content for each in application.enclosures)


def test_two_submissions_may_share_a_case(portal: Portal) -> None:
    first = portal.accepted(Application(CHEMNITZ))

    second = portal.send(Application(CHEMNITZ), caseId=first.case)

    portal.ends_with(second, "accept-submission")
    assert second.case == first.case
    assert len(portal.events(first.case)) == 6
