"""A gap in the routing tables, from the submission that waits to the authority that gets it, while the broker runs."""

from acceptance_words import NewBroker
from application_kit import CHEMNITZ as CHEMNITZ_REGION
from application_kit import TREE_FELLING, Application, sample
from installation_kit import SAXONY
from portal_kit import waited_for

PLAUEN = "145230320320"


def test_a_gap_is_found_closed_and_what_waited_goes_on(new_broker: NewBroker) -> None:
    broker = new_broker()
    good, portal = broker.installation.good, broker.portal()
    data = sample("gueltig-kleinster-antrag").replace(CHEMNITZ_REGION.encode(), PLAUEN.encode())
    sent = portal.send(Application(SAXONY, data, region=PLAUEN))
    waiting = waited_for(lambda: good("deadletters", "list", "--json")["deadletters"], "a Klärungsfall")
    covered = good("routes", "coverage", "--service", TREE_FELLING, "--land", PLAUEN, "--json")
    assert covered["lands"]["14"]["gap"] == 1

    table = broker.installation.folder / "zustaendigkeiten.csv"
    with table.open("a") as file:
        file.write(f"gba;{PLAUEN};saxony-gba;;;;\n")
    draft = good("routes", "propose", str(table), "--reason", "Plauen: Landesamt", "--json")["draft"]
    [moved] = good("routes", "what-if", str(draft), "--json")["moved"]
    assert (moved["id"], moved["after"]["authorities"]) == (sent.submission, ["saxony-gba"])
    assert portal.route(TREE_FELLING, ars=PLAUEN) == []

    assert good("routes", "release", str(draft), "--json")["version"] == 2
    assert [route["destinationId"] for route in portal.route(TREE_FELLING, ars=PLAUEN)] == [SAXONY]
    good("deadletters", "retry", waiting[0]["id"])
    assert portal.ends_with(sent, "accept-submission")
    assert len(broker.delivered(sent.submission, "saxony")) == 1
