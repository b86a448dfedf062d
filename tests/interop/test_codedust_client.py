"""The PyPI package `fitconnect` 0.4.2, v1: sends to a destination we open, fetches from one it opens itself, activates
one of its own. Everything it can do: it knows neither events nor replies."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from application_kit import PHOTO, SCHEMA, SITE_PLAN, TREE_FELLING, Application, Sealed, sample
from broker_kit import RunningBroker
from foreign_programs import Person, Refused
from installation_kit import CHEMNITZ, DRESDEN, LEIPZIG
from managed_destinations import furnished, seen_everywhere
from portal_kit import LEIKA, Portal, Sent, waited_for

CLIENT = "PyPI fitconnect 0.4.2, v1"
NOBODY = "99999999-0000-4000-8000-999999999999"
SERVICE = LEIKA + TREE_FELLING
XML = sample("gueltig-kleinster-antrag")
JSON = {"$schema": SCHEMA, "baum": "Eiche", "straße": "Heidestraße"}


@pytest.fixture
def bremen(codedust: Callable[..., Person]) -> Person:
    return codedust("bremen-portal")


@pytest.fixture
def leipzig(codedust: Callable[..., Person]) -> Person:
    return codedust("leipzig-software")


@pytest.fixture
def dresden(codedust: Callable[..., Person]) -> Person:
    return codedust("dresden-software")


@pytest.mark.parametrize("way", ["send", "send in steps", "send with own metadata"])
def test_what_it_sends_is_accepted_and_lies_in_the_folder(broker: RunningBroker, bremen: Person, way: str) -> None:
    sent = sends(bremen, CHEMNITZ, way, data=XML.decode(), mimeType="application/xml", attachments=[SITE_PLAN])

    assert sent["destinationId"] == CHEMNITZ
    assert ended_with(broker.portal("bremen"), sent["caseId"]) == "accept-submission"
    [folder] = broker.delivered(sent["submissionId"])
    assert folder.data == XML
    assert folder.attachments == (SITE_PLAN,)
    assert folder.manifest["signature"]["verdict"] == "absent"
    assert folder.manifest["senderReference"] == ("HB 1" if way == "send with own metadata" else None)


def test_several_attachments_to_which_it_gives_one_id_are_rejected_and_nobody_gets_half_of_them(
    broker: RunningBroker, bremen: Person
) -> None:
    """It announces `[uuid] * n`: the last content replaces the others, and the hash is that of the first."""
    both = [SITE_PLAN, PHOTO]
    sent = sends(bremen, CHEMNITZ, data=XML.decode(), mimeType="application/xml", attachments=both)

    assert ended_with(broker.portal("bremen"), sent["caseId"]) == "reject-submission"
    assert broker.delivered(sent["submissionId"]) == []


def test_what_it_sends_against_the_schema_is_rejected(broker: RunningBroker, bremen: Person) -> None:
    data = sample("ungueltig-stammumfang-zu-gross").decode()

    sent = sends(bremen, CHEMNITZ, data=data, mimeType="application/xml")

    assert ended_with(broker.portal("bremen"), sent["caseId"]) == "reject-submission"
    assert broker.delivered(sent["submissionId"]) == []


@pytest.mark.parametrize("attachments", [[], [SITE_PLAN]], ids=["alone", "with an attachment"])
def test_it_lists_fetches_and_decrypts_until_the_subscriber_accepts(
    broker: RunningBroker, bremen: Person, leipzig: Person, attachments: list[bytes]
) -> None:
    sent = sends(bremen, LEIPZIG, data=JSON, mimeType="application/json", attachments=attachments)
    ours = {"submissionId": sent["submissionId"], "caseId": sent["caseId"], "destinationId": LEIPZIG}

    assert ours in leipzig("list")
    found = leipzig("retrieve", submission=sent["submissionId"], key=private_half(broker))

    assert found["data_json"] == JSON
    assert [base64.b64decode(content) for content in found["attachments"].values()] == attachments
    assert found["serviceType"]["identifier"] == SERVICE
    accepts(broker, found)
    assert ours not in leipzig("list")


def test_it_reads_what_a_destination_offers(bremen: Person, leipzig: Person) -> None:
    for reader in (bremen, leipzig):
        found = reader("destination", destination=CHEMNITZ)
        assert (found["destinationId"], found["status"]) == (CHEMNITZ, "active")
        assert [one["identifier"] for one in found["services"]] == [SERVICE]
    assert bremen("destination", destination=NOBODY)["type"].endswith("/problems/destination-not-found")


def test_it_activates_its_destination_and_takes_what_comes_then(
    broker: RunningBroker, bremen: Person, dresden: Person
) -> None:
    manager = broker.subscriber("dresden", DRESDEN)
    place = furnished(broker, manager, "codedust")
    with pytest.raises(Refused, match="has not been actived yet"):
        sends(bremen, place, data=JSON, mimeType="application/json")

    done = dresden("activate", destination=place)

    assert (done["status"], done["body"]["status"]) == (200, "active")
    seen_everywhere(manager, place)
    sent = sends(bremen, place, data=JSON, mimeType="application/json", attachments=[SITE_PLAN])
    assert sent["submissionId"] in [one["submissionId"] for one in dresden("list")]
    found = dresden("retrieve", submission=sent["submissionId"], key=private_half(broker, "codedust-encryption"))
    assert found["data_json"] == JSON
    assert dresden("activate", destination=LEIPZIG)["body"]["type"].endswith("/problems/destination-not-found")


def test_it_understands_why_it_is_refused(broker: RunningBroker, bremen: Person, leipzig: Person) -> None:
    wrong = Person(leipzig.program, {**leipzig.identity, "secret": "wrong"})

    with pytest.raises(Refused, match="destination does not exist"):
        sends(bremen, NOBODY, data=JSON, mimeType="application/json")
    with pytest.raises(Refused, match="Submission not found"):
        leipzig("retrieve", submission=NOBODY, key=private_half(broker))
    with pytest.raises(Refused, match="Missing or invalid client authentication"):
        wrong("list")


def test_it_understands_that_a_subscriber_needs_a_destination(codedust: Callable[..., Person]) -> None:
    with pytest.raises(Refused, match="did you assign a destination"):
        codedust("goerlitz-software")("list")


def test_it_says_itself_that_it_reads_json_only(broker: RunningBroker, bremen: Person, leipzig: Person) -> None:
    sent = sends(bremen, LEIPZIG, data=XML.decode(), mimeType="application/xml")

    with pytest.raises(Refused, match="Expecting value"):
        leipzig("retrieve", submission=sent["submissionId"], key=private_half(broker))


def sends(sender: Person, destination: str, way: str = "send", **about: Any) -> Any:
    attachments = [base64.b64encode(each).decode() for each in about.pop("attachments", [])]
    known = {"destination": destination, "service": SERVICE, "schema": SCHEMA, "reference": "HB 1"}
    return sender(way, attachments=attachments, **known, **about)


def private_half(broker: RunningBroker, name: str = "leipzig-encryption") -> Any:
    return broker.keys.jwk(name).export_private(as_dict=True)


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
