"""A message of a registered standard, from the portal to the folder: registered while the broker runs, then offered."""

from pathlib import Path

from acceptance_words import NewBroker
from application_kit import Application
from installation_kit import CHEMNITZ, destination
from standards_kit import KENNUNG, PLAIN, VALID, published

URI = f"{KENNUNG}_1.0#anmeldung.hund.0100"


def test_a_standard_registered_while_the_broker_runs_is_offered_taken_and_judged(
    new_broker: NewBroker, tmp_path: Path
) -> None:
    broker = new_broker()
    portal = broker.portal()
    declared = destination(CHEMNITZ, "chemnitz", "broker", "direct", '"145110000000"', 'authority = "chemnitz-gba"')
    offering = declared.replace(
        'schemas = [{ uri = "', f'schemas = [{{ uri = "{URI}", mime_type = "application/xml" }}, {{ uri = "'
    )
    (broker.installation.folder / "offering.toml").write_text(offering)
    refused = broker.installation.command("apply", str(broker.installation.folder / "offering.toml"), "--yes")
    assert (refused.returncode, URI in refused.stderr + refused.stdout) == (1, True)

    broker.installation.good("schemas", "add", str(published(tmp_path / "xhund", PLAIN)))
    broker.installation.apply(offering)
    dog = Application(CHEMNITZ, VALID.encode(), schema=URI)
    sent = portal.accepted(dog)
    wrong = portal.send(dog.but(data=dog.data.replace(b"name>", b"nome>")))
    rejected = portal.ends_with(wrong, "reject-submission")

    [folder] = broker.delivered(sent.submission)
    assert folder.data == dog.data
    assert folder.manifest["schema"]["uri"] == URI
    assert rejected.problems == [("schema-violation", "data")]
    assert [found["code"] for found in rejected.body["problems"][0]["findings"]] == ["XSD-UNEXPECTED"]
    assert broker.delivered(wrong.submission) == []
    assert portal.accepted(Application(CHEMNITZ)), "what the package knows is taken as before"
