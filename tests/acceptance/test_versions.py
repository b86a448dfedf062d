"""One form in two versions and two formats: a Fachverfahren gets the one it takes, with what was sent beside it, until
the older one is over."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from acceptance_words import NewBroker
from application_kit import CHEMNITZ as REGION
from application_kit import Application
from installation_kit import CHEMNITZ, destination
from portal_kit import waited_for

PACKAGES = Path(__file__).resolve().parents[2] / "schemas" / "packages" / "hundesteueranmeldung"
DOG_TAX = "99102013104000"
OLD, NEW = (f"urn:amtsbote:standard:hundesteueranmeldung_1.{minor}#hundesteuer.anmeldung.0100" for minor in (0, 1))
JSON = "urn:amtsbote:datenschema:hundesteueranmeldung_1.1"
TAKES_DOGS = """
[[destinations.services]]
service = "{service}"
name = "Hundesteuer Anmeldung"
regions = ["{region}"]
schemas = [{schemas}]
[[targets]]
id = "chemnitz"
tenant = "chemnitz"
adapter = "folder"
options = {{ path = "{path}" }}
schemas = ["{wanted}", "{json}"]
[[targets]]
id = "archive"
tenant = "chemnitz"
adapter = "folder"
options = {{ path = "{archive}" }}
schemas = ["{old}", "{wanted}"]
[routes]
leistungen = "leistungen.csv"
rollen = "rollen.csv"
zustaendigkeiten = "zustaendigkeiten.csv"
"""
OVER = """
[[tenants]]
id = "chemnitz"
name = "Stadt Chemnitz"
land = "14"
four_eyes = false
schemas = [{{ uri = "{old}", valid_to = {end} }}]
"""
ROWS = {
    "leistungen": f"{DOG_TAX};Hundesteuer Anmeldung",
    "rollen": f"{DOG_TAX};kka;;",
    "zustaendigkeiten": f"kka;{REGION};chemnitz-gba;;;;",
}


def test_dogs_arrive_in_the_version_the_target_wants(new_broker: NewBroker) -> None:
    broker = new_broker()
    installation, portal = broker.installation, broker.portal()
    for table, row in ROWS.items():
        with (installation.folder / f"{table}.csv").open("a") as file:
            file.write(f"{row}\n")
    kinds = ((OLD, "application/xml"), (NEW, "application/xml"), (JSON, "application/json"))
    schemas = ", ".join(f'{{ uri = "{uri}", mime_type = "{kind}" }}' for uri, kind in kinds)
    town = destination(CHEMNITZ, "chemnitz", "broker", "direct", f'"{REGION}"', 'authority = "chemnitz-gba"')
    takes = {"service": DOG_TAX, "region": REGION, "schemas": schemas, "old": OLD, "wanted": NEW, "json": JSON}
    paths = {"path": installation.target("chemnitz"), "archive": installation.target("archive")}
    installation.apply(town + TAKES_DOGS.format(**takes, **paths))
    old, json = (PACKAGES / "1.0/samples/gueltig-ein-hund.xml", PACKAGES / "1.1/samples/gueltig-ein-hund.json")

    dog = Application(CHEMNITZ, old.read_bytes(), service=DOG_TAX, schema=OLD)
    sent = portal.accepted(dog)
    [folder] = broker.delivered(sent.submission)
    assert b"<bezeichnung>Beagle</bezeichnung>" in folder.files["daten.xml"]
    assert (folder.files["original.xml"], folder.manifest["schema"]["uri"]) == (dog.data, NEW)
    assert folder.manifest["package"] == "hundesteueranmeldung 1.1"
    waited_for(lambda: broker.delivered(sent.submission, "archive") or None, "the copy")
    [copy] = broker.delivered(sent.submission, "archive")
    assert (copy.files["daten.xml"], copy.original) == (dog.data, None)
    shown = installation.good("submissions", "trace", sent.submission, "--json")
    assert [step["verdict"] for step in shown["steps"] if step["step"] == "map"] == ["ok", "ok"]

    sent = portal.accepted(dog.but(data=json.read_bytes(), schema=JSON, data_type="application/json"))
    [folder] = broker.delivered(sent.submission)
    assert (folder.files["daten.json"], folder.original) == (json.read_bytes(), None)
    waited_for(lambda: broker.delivered(sent.submission, "archive") or None, "the copy")
    [copy] = broker.delivered(sent.submission, "archive")
    assert f"<nachrichtenUUID>{sent.submission}</nachrichtenUUID>".encode() in copy.files["daten.xml"]
    assert (copy.files["original.json"], copy.manifest["schema"]["uri"]) == (json.read_bytes(), NEW)

    end = (datetime.now(UTC) - timedelta(days=2)).date()
    installation.apply(OVER.format(old=OLD, end=end))
    asked = {"schemaUri": OLD, "service": DOG_TAX}
    address = f"{broker.base}/preflight-api/v1/destinations/{CHEMNITZ}/acceptance"

    def over() -> bool | None:
        answer = portal.http.get(address, params=asked).json()
        return (not answer["accepted"] and answer["validTo"] == end.isoformat()) or None

    waited_for(over, "the end of 1.0")
    event = portal.ends_with(portal.send(dog), "reject-submission")
    assert event.problems == [("unsupported-schema", "metadata")]
    [problem] = event.body["problems"]
    assert all(uri in str(problem) for uri in (OLD, NEW, JSON))
    portal.accepted(dog.but(data=json.read_bytes(), schema=JSON, data_type="application/json"))
