"""A town tries out its destination before it goes live: by the front door, the commands and the folders."""

from acceptance_words import NewBroker
from application_kit import CHEMNITZ as REGION
from application_kit import TREE_FELLING, Application
from installation_kit import CHEMNITZ, SAXONY
from portal_kit import waited_for

TRYING_OUT = """
[[portals]]
id = "hamburg"
name = "Onlinedienst Hamburg"
signing_certificates = ["keys/hamburg-signing.pem"]
[[portals.clients]]
id = "hamburg-portal"
test = true
[[targets]]
id = "trial"
tenant = "chemnitz"
adapter = "folder"
stage = "test"
options = {{ path = "{trial}" }}
[[authorities]]
id = "chemnitz-gba"
tenant = "chemnitz"
name = "Grünflächenamt Chemnitz"
targets = ["chemnitz", "archive", "trial"]
"""
APPLICATION = Application(CHEMNITZ)


def test_a_test_arrives_in_the_test_folder_counts_nowhere_and_live_begins_with_one_command(
    new_broker: NewBroker,
) -> None:
    broker = new_broker()
    portal, installation = broker.portal(), broker.installation
    trial = installation.target("trial")
    trial.mkdir()
    installation.apply(TRYING_OUT.format(trial=trial))
    waited_for(lambda: portal.announce(APPLICATION).status_code == 422 or None, "the test client to be refused")
    installation.good("destinations", "stage", CHEMNITZ, "test")

    tried = portal.accepted(APPLICATION)

    [folder] = broker.delivered(tried.submission, "trial")
    assert folder.manifest["test"] is True
    assert broker.folder("chemnitz") == broker.folder("archive") == []
    assert [route["destinationId"] for route in portal.route(TREE_FELLING, ars=REGION)] == [SAXONY]
    counted = broker.metrics()
    assert counted['amtsbote_test_deliveries_total{outcome="delivered",target="trial"}'] == 1
    assert not [name for name in counted if name.startswith("amtsbote_deliveries_total{")]

    installation.apply(TRYING_OUT.format(trial=trial).replace("test = true\n", ""))
    installation.good("destinations", "stage", CHEMNITZ, "live")
    live = portal.accepted(APPLICATION)

    waited_for(lambda: broker.delivered(live.submission, "archive") or None, "the copy")
    [folder] = broker.delivered(live.submission, "chemnitz")
    assert folder.manifest["test"] is False
    assert broker.delivered(live.submission, "trial") == []
    for stage, sent in (("test", tried), ("live", live)):
        for noun, name in (("submissions", "id"), ("deliveries", "message")):
            listed = installation.good(noun, "list", "--stage", stage, "--json")[noun]
            assert sent.submission in {one[name] for one in listed}
            assert {one["stage"] for one in listed} == {stage}
    assert installation.good("deadletters", "list", "--all", "--stage", "test", "--json")["total"] == 0
