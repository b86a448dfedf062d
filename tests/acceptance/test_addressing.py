"""Who is competent: the routing API, direct and collecting destinations, and what goes to a person."""

from typing import Any

import pytest
from application_kit import CHEMNITZ as CHEMNITZ_REGION
from application_kit import TREE_FELLING, Application, Spoil, sample
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, LEIPZIG, SAXONY
from portal_kit import Portal, waited_for

BURGSTAEDT, PLAUEN, BAUTZEN = "145225102060", "145230320320", "146250020020"


def in_region(region: str) -> bytes:
    return sample("gueltig-kleinster-antrag").replace(CHEMNITZ_REGION.encode(), region.encode())


def held(broker: RunningBroker, submission: str) -> dict[str, Any]:
    """Waits until the submission is a Klärungsfall; its only dead letter as the operator sees it."""

    def opened() -> dict[str, Any] | None:
        shown: dict[str, Any] = broker.installation.good("submissions", "show", submission, "--json")
        return shown if shown["deadletters"] else None

    shown = waited_for(opened, "a dead letter")
    assert shown["submission"]["state"] == "held"
    [letter] = shown["deadletters"]
    found: dict[str, Any] = letter
    return found


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ({"ars": CHEMNITZ_REGION}, [CHEMNITZ]),
        ({"ags": "14511000"}, [CHEMNITZ]),
        ({"areaId": CHEMNITZ_REGION}, [CHEMNITZ]),
        ({"ars": "147130000000"}, [LEIPZIG]),
        ({"ars": BURGSTAEDT}, [SAXONY]),
        ({"ars": PLAUEN}, []),
        ({"ars": BAUTZEN}, []),
        ({"ars": "020000000000"}, []),
        ({"ags": "02000000"}, []),
    ],
)
def test_the_routing_api_names_the_destination_of_the_only_competent_authority(
    portal: Portal, region: dict[str, str], expected: list[str]
) -> None:
    assert [route["destinationId"] for route in portal.route(TREE_FELLING, **region)] == expected


def test_the_signature_of_a_route_is_made_once(portal: Portal) -> None:
    first, second = (portal.route(TREE_FELLING, ars=CHEMNITZ_REGION) for _ in range(2))

    assert first == second


def test_a_collecting_destination_finds_the_competent_authority(broker: RunningBroker, portal: Portal) -> None:
    to_saxony = portal.accepted(Application(SAXONY, in_region(BURGSTAEDT), region=BURGSTAEDT))
    to_chemnitz = portal.accepted(Application(SAXONY))

    [folder] = broker.delivered(to_saxony.submission, "saxony")
    assert folder.manifest["ids"]["authority"] == "saxony-gba"
    assert broker.delivered(to_saxony.submission, "chemnitz") == []
    [folder] = broker.delivered(to_chemnitz.submission, "chemnitz")
    assert folder.manifest["ids"]["destination"] == SAXONY


def test_the_trace_names_every_step_and_the_rule_that_decided(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.accepted(Application(CHEMNITZ))

    traced = broker.installation.good("submissions", "trace", sent.submission, "--json")

    primary = [step for step in traced["steps"] if step["step"] not in ("deliver", "confirm")]
    assert [step["step"] for step in primary] == ["open", "inspect", "address"]
    assert {"deliver", "confirm"} <= {step["step"] for step in traced["steps"]}
    assert all(step["verdict"] == "ok" and step["milliseconds"] >= 0 for step in traced["steps"])
    address = primary[2]["details"]
    assert address["authority"] == "chemnitz-gba"
    assert address["table version"] == "1"
    assert CHEMNITZ_REGION in address["rules"]


@pytest.mark.parametrize(
    ("application", "reason"),
    [
        (Application(SAXONY, in_region(PLAUEN), region=PLAUEN), "nobody-competent"),
        (Application(SAXONY, in_region("020000000000"), region=None), "nobody-competent"),
        (Application(SAXONY, in_region(BAUTZEN), region=BAUTZEN), "several-competent"),
        (Application(CHEMNITZ, region=BURGSTAEDT), "region-disagrees"),
        (Application(CHEMNITZ, in_region(BURGSTAEDT), region=None), "authority-disagrees"),
        (Application(SAXONY, in_region("147130000000"), region=None), "tenant-not-served"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_rule_decides_goes_to_a_person(
    broker: RunningBroker, portal: Portal, application: Application, reason: str
) -> None:
    sent = portal.send(application)

    letter = held(broker, sent.submission)

    assert letter["reason"] == reason
    assert letter["tenant"] == ("saxony" if application.destination == SAXONY else "chemnitz")
    assert [event.name for event in portal.events(sent.case)] == ["create-submission", "submit-submission"]
    assert [broker.delivered(sent.submission, target) for target in ("chemnitz", "saxony", "archive")] == [[], [], []]
    listed = broker.installation.good("submissions", "list", "--state", "held", "--limit", "1000", "--json")
    assert sent.submission in [entry["id"] for entry in listed["submissions"]]
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_several_candidates_are_named_to_the_operator(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.send(Application(SAXONY, in_region(BAUTZEN), region=BAUTZEN))

    letter = held(broker, sent.submission)

    assert set(letter["details"]["candidates"].split(", ")) == {"chemnitz-gba", "saxony-gba"}


@pytest.mark.parametrize("region", [None, "145110000000", "14511", "14", "DE14511"])
def test_a_region_named_more_coarsely_agrees_with_the_document(
    broker: RunningBroker, portal: Portal, region: str | None
) -> None:
    broker.takes_a_good_one(portal, Application(CHEMNITZ, region=region))


def test_an_unsigned_application_is_accepted_and_marked(broker: RunningBroker, portal: Portal) -> None:
    folder = broker.takes_a_good_one(portal, Application(CHEMNITZ, signed=False))

    assert folder.manifest["signature"] == {"verdict": "absent", "reason": "", "key": None, "marked": True}


def test_a_signature_by_a_registered_key_is_recorded_as_valid(broker: RunningBroker, portal: Portal) -> None:
    folder = broker.takes_a_good_one(portal, Application(CHEMNITZ))

    assert folder.manifest["signature"]["verdict"] == "valid"
    assert folder.manifest["signature"]["key"] == broker.keys.jwk("hamburg-signing").thumbprint()
    assert folder.manifest["signature"]["marked"] is False


def test_a_signature_by_an_unknown_key_goes_to_a_person(broker: RunningBroker, portal: Portal) -> None:
    stranger = broker.portal()
    stranger.signing_key = broker.keys.jwk("leipzig-signing")

    sent = stranger.send(Application(CHEMNITZ))

    letter = held(broker, sent.submission)
    assert letter["reason"] == "signature"
    assert letter["details"]["verdict"] == "not-verifiable"
    assert broker.delivered(sent.submission) == []
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_another_portals_key_proves_nothing(broker: RunningBroker) -> None:
    bremen = broker.portal("bremen")
    bremen.signing_key = broker.keys.jwk("hamburg-signing")

    sent = bremen.send(Application(CHEMNITZ))

    assert held(broker, sent.submission)["reason"] == "signature"


def test_an_invalid_signature_is_rejected(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.send(Application(CHEMNITZ), Spoil(signature=lambda token: token[:-6] + "AAAAAA"))

    event = portal.ends_with(sent, "reject-submission")
    assert event.problems == [("invalid-signature", "data")]
    assert broker.delivered(sent.submission) == []
