"""Messages of what an operator brings, from the portal to the folder: a registered standard, and an own package."""

import shutil
from pathlib import Path

from acceptance_words import NewBroker
from application_kit import Application
from installation_kit import CHEMNITZ, destination
from portal_kit import waited_for
from standards_kit import KENNUNG, PLAIN, VALID, published, registered

from schemas.package import BUNDLED
from schemas.standards.library import Library

URI = f"{KENNUNG}_1.0#anmeldung.hund.0100"


def offered() -> str:
    """The declaration of a destination that takes messages of the registered standard, too."""
    declared = destination(CHEMNITZ, "chemnitz", "broker", "direct", '"145110000000"', 'authority = "chemnitz-gba"')
    return declared.replace(
        'schemas = [{ uri = "', f'schemas = [{{ uri = "{URI}", mime_type = "application/xml" }}, {{ uri = "'
    )


def test_a_standard_registered_while_the_broker_runs_is_offered_taken_and_judged(
    new_broker: NewBroker, tmp_path: Path
) -> None:
    broker = new_broker()
    portal = broker.portal()
    offering = offered()
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


def test_what_a_damaged_standard_could_not_judge_is_delivered_once_it_is_whole_again(
    new_broker: NewBroker, tmp_path: Path
) -> None:
    broker = new_broker(WORK__FIRST_RETRY="PT0.1S", WORK__LONGEST_RETRY="PT0.3S", WORK__ATTEMPTS="2")
    library = Library(broker.installation.folder / "site/schemas")
    files = published(tmp_path / "xhund", PLAIN)
    lock = registered(library, files)
    broker.installation.apply(offered())
    (linked,) = library.home(lock.identity).rglob("linked/**/*xhund-typen.xsd")
    linked.write_text(linked.read_text().replace("xs:string", "xs:strung"))

    sent = broker.portal().send(Application(CHEMNITZ, VALID.encode(), schema=URI))
    waited_for(
        lambda: broker.metrics().get('amtsbote_dead_letters{reason="processing-failed"}') == 1 or None, "a held message"
    )
    assert broker.delivered(sent.submission) == []

    library.remove(lock)
    registered(library, files)
    assert len(broker.installation.good("schemas", "recheck", "--json")["retried"]) == 1

    [folder] = waited_for(lambda: broker.delivered(sent.submission) or None, "the message to arrive")
    assert (folder.data, broker.dead_letters()) == (VALID.encode(), 0)


def test_an_operators_own_package_is_judged_and_names_the_role_where_the_tables_do_not(new_broker: NewBroker) -> None:
    broker = new_broker(started=False)
    installation = broker.installation
    own = Path(
        shutil.copytree(BUNDLED / "baumfaellgenehmigung" / "1.0", installation.folder / "site/packages/hecke/1.0")
    )
    for file in own.rglob("*"):
        if file.suffix in {".toml", ".xsd", ".xml"}:
            content = file.read_bytes().replace(b"standard:baumfaellgenehmigung", b"standard:hecke")
            file.write_bytes(content.replace(b"99093003001002", b"99093003009999"))
    installation.apply(
        destination(CHEMNITZ, "chemnitz", "broker", "direct", '"145110000000"', 'authority = "chemnitz-gba"')
        .replace("standard:baumfaellgenehmigung", "standard:hecke")
        .replace("99093003001002", "99093003009999")
    )
    broker.start()
    data = (own / "samples" / "gueltig-kleinster-antrag.xml").read_bytes()
    schema = "urn:amtsbote:standard:hecke_1.0#baumfaellung.antrag.0100"

    sent = broker.portal().accepted(Application(CHEMNITZ, data, service="99093003009999", schema=schema))

    [folder] = broker.delivered(sent.submission)
    assert folder.manifest["schema"]["uri"] == schema
    traced = installation.good("submissions", "trace", sent.submission, "--json")
    assert "packages" in str([step["details"] for step in traced["steps"] if step["step"] == "address"])
