"""Klärungsfälle as an operator settles them: assigned, repaired and retried, rejected; over the socket of a daemon."""

from typing import Any

from acceptance_words import NewBroker
from application_kit import CHEMNITZ as CHEMNITZ_REGION
from application_kit import Application, sample
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, SAXONY
from portal_kit import Portal, waited_for

PLAUEN = "145230320320"
SOON = {"WORK__FIRST_RETRY": "PT0.1S", "WORK__LONGEST_RETRY": "PT0.3S", "WORK__ATTEMPTS": "2"}
IN_PLAUEN = sample("gueltig-kleinster-antrag").replace(CHEMNITZ_REGION.encode(), PLAUEN.encode())
NOBODYS = Application(SAXONY, IN_PLAUEN, region=PLAUEN)


def letter_of(broker: RunningBroker, submission: str) -> str:
    """Waits until the submission has an open letter; its id."""

    def opened() -> str | None:
        listed = broker.installation.good("deadletters", "list", "--limit", "1000", "--json")["deadletters"]
        return next((one["id"] for one in listed if one["submission"] == submission), None)

    return waited_for(opened, "a dead letter")


def said(broker: RunningBroker, *words: str) -> Any:
    return broker.installation.good("deadletters", *words, "--json")


def test_what_nobody_is_competent_for_arrives_where_a_person_assigns_it(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.send(NOBODYS)
    letter = letter_of(broker, sent.submission)
    said(broker, "hand-over", letter, "Team Bau")
    said(broker, "note", letter, "Landesamt hat am Telefon zugestimmt")

    answer = said(broker, "assign", letter, "--authority", "saxony-gba", "--reason", "nach Rücksprache")

    portal.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission, "saxony")
    assert folder.manifest["ids"]["authority"] == "saxony-gba"
    assert answer["deadletter"]["settlement"] == "assigned"
    actions = [entry["action"] for entry in answer["deadletter"]["history"]]
    assert actions == ["handed-over", "noted", "assigned"]
    traced = broker.installation.good("submissions", "trace", sent.submission, "--json")
    address = [step for step in traced["steps"] if step["step"] == "address"]
    assert [step["verdict"] for step in address] == ["held", "ok"]
    assert "nach Rücksprache" not in str(traced)
    assert address[1]["details"]["assigned by"].startswith("uid:")
    shown = broker.installation.good("submissions", "show", sent.submission)
    for word in (letter, "nobody-competent", "Team Bau", "Landesamt hat am Telefon zugestimmt"):
        assert word in shown
    assert broker.installation.command("deadletters", "retry", letter).returncode == 1


def test_a_corrected_region_is_what_the_tables_are_asked_with(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.send(NOBODYS)

    said(broker, "assign", letter_of(broker, sent.submission), "--region", CHEMNITZ_REGION, "--reason", "Tippfehler")

    portal.ends_with(sent, "accept-submission")
    assert len(broker.delivered(sent.submission, "chemnitz")) == 1


def test_a_dead_target_is_repaired_and_retried_and_the_effect_is_there_once(new_broker: NewBroker) -> None:
    broker = new_broker(**SOON)
    portal = broker.portal()
    broker.installation.target("chemnitz").rename(broker.installation.folder / "gone")
    sent = portal.send(Application(CHEMNITZ))
    letter = letter_of(broker, sent.submission)
    assert broker.metrics()['amtsbote_dead_letters{reason="attempts-used-up"}'] == 1
    assert broker.metrics()["amtsbote_dead_letter_oldest_seconds"] > 0
    (broker.installation.folder / "gone").rename(broker.installation.target("chemnitz"))

    said(broker, "retry", letter)

    portal.ends_with(sent, "accept-submission")
    assert len(broker.delivered(sent.submission)) == 1
    assert (broker.dead_letters(), broker.metrics()["amtsbote_dead_letter_oldest_seconds"]) == (0, 0)


def test_a_rejected_case_shows_its_reason_in_the_event_log_of_the_portal(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.send(NOBODYS)
    letter = letter_of(broker, sent.submission)

    said(broker, "reject", letter, "--reason", "Für Plauen bitte an die Stadt wenden.")

    event = portal.ends_with(sent, "reject-submission")
    assert event.problems == [("rejected-by-person", "submission")]
    assert (
        broker.installation.good("submissions", "show", sent.submission, "--json")["submission"]["state"] == "rejected"
    )
    again = broker.installation.command("deadletters", "reject", letter, "--reason", "noch einmal")
    assert (again.returncode, "has been settled since" in again.stderr) == (1, True)


def test_what_is_settled_without_a_daemon_goes_on_when_it_starts(new_broker: NewBroker) -> None:
    broker = new_broker()
    portal = broker.portal()
    rejected, assigned = portal.send(NOBODYS), portal.send(NOBODYS)
    letters = [letter_of(broker, sent.submission) for sent in (rejected, assigned)]
    assert broker.stop() == 0

    said(broker, "reject", letters[0], "--reason", "nicht zuständig")
    said(broker, "assign", letters[1], "--target", "saxony", "--reason", "einziges Ziel")
    broker.start()

    event = portal.ends_with(rejected, "reject-submission")
    assert event.problems == [("rejected-by-person", "submission")]
    portal.ends_with(assigned, "accept-submission")
    assert len(broker.delivered(assigned.submission, "saxony")) == 1
