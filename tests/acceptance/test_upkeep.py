"""Backup, restore and check of a real installation; and no personal data where it has no business."""

import json
from pathlib import Path
from typing import Any

import httpx
from acceptance_words import NewBroker
from application_kit import Application, Enclosure, photo_and_plan, sample
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, LEIPZIG, SAXONY
from patience import PATIENCE
from portal_kit import Sent, waited_for

SOON = {"WORK__FIRST_RETRY": "PT0.1S", "WORK__LONGEST_RETRY": "PT0.3S"}
MARK = "Zwetschgendatschi"


def test_a_backup_taken_while_serving_is_restored_elsewhere_and_delivers(new_broker: NewBroker) -> None:
    broker = new_broker(WORK__ATTEMPTS="50", **SOON)
    portal, place = broker.portal(), broker.installation
    place.target("chemnitz").rmdir()
    large = Enclosure(bytes(range(256)) * 2000, "plan.pdf", "application/pdf")
    sent = portal.send(Application(CHEMNITZ, enclosures=(large,)))
    waited_for(lambda: "target-unavailable" in broker.logs() or None, "a delivery that waits")

    made = place.good("backup", str(place.folder / "backup"), "--json")
    after = portal.send(Application(CHEMNITZ))
    broker.kill()
    assert made["missing"] == []
    assert not [file for file in (place.folder / "backup").rglob("*") if "master" in file.name]
    assert place.command("restore", str(place.folder / "backup")).returncode == 1  # the folder is not empty
    place.environment["AMTSBOTE__STORAGE__FOLDER"] = str(place.folder / "second")  # type: ignore[index]
    assert place.good("restore", str(place.folder / "backup"), "--json")["parts"] == made["parts"] > 0
    place.target("chemnitz").mkdir()
    broker.start()

    portal.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission)
    assert folder.attachments == (large.content,)
    assert broker.delivered(after.submission) == []
    assert place.good("store", "check", "--json")["damaged"] == []
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_a_flipped_bit_is_found_set_aside_and_the_others_go_on(new_broker: NewBroker) -> None:
    broker = new_broker()
    portal, place = broker.portal(), broker.installation
    enclosures = (Enclosure(bytes(600_000), "plan.pdf", "application/pdf"),)
    to_leipzig = Application(LEIPZIG, region=None, enclosures=enclosures)
    spoilt = portal.send(to_leipzig)
    parts = place.folder / "site" / "data" / "parts"
    [file] = parts.rglob("*.part")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    portal.send(to_leipzig)

    checked = place.command("store", "check", "--json")

    assert checked.returncode == 1
    [one] = json.loads(checked.stdout)["damaged"]
    assert (one["submission"], one["state"], one["moved"]) == (spoilt.submission, "held", True)
    assert (place.folder / "site" / "data" / "damaged" / file.name).is_file()
    shown = place.good("submissions", "show", spoilt.submission, "--json")
    assert [letter["reason"] for letter in shown["deadletters"]] == ["part-damaged"]
    broker.takes_a_good_one(portal, Application(CHEMNITZ))


def test_personal_data_is_in_no_log_database_file_or_metric(new_broker: NewBroker, tmp_path: Path) -> None:
    """A marked name, file name and attachment: only asked about, accepted, rejected, held, impossible to deliver."""
    broker = new_broker(WORK__ATTEMPTS="2", **SOON)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    broker.stop()
    broker.installation.environment["TMPDIR"] = str(temporary)  # type: ignore[index]
    broker.start()
    portal = broker.portal()
    marked = Enclosure(MARK.encode() * 20_000, f"{MARK}.pdf", "application/pdf")
    data = sample("gueltig-kleinster-antrag").replace(b"Mustermann", MARK.encode())
    application = Application(CHEMNITZ, data, (marked,))

    asked = [portal.judged(each) for each in (data, data.replace(b"145110000000", MARK.encode()), MARK.encode())]
    assert [answer["verdict"] for answer in asked] == ["valid", "invalid", "refused"]
    accepted = portal.send(application)
    portal.ends_with(accepted, "accept-submission")
    rejected = portal.send(application.but(data=data.replace(b"145110000000", MARK.encode())))
    portal.ends_with(rejected, "reject-submission")
    held = portal.send(application.but(destination=SAXONY, region="146250020020"))
    target = broker.installation.target("chemnitz")
    target.rename(target.with_name("moved"))
    failing = portal.send(application)
    for one in (held, failing):
        waited_for(lambda one=one: _letters(broker, one), "a dead letter")  # type: ignore[misc]
    shown = [broker.installation.command("submissions", "trace", one.submission).stdout for one in (held, failing)]
    metrics = httpx.get(f"http://127.0.0.1:{broker.metrics_port}/metrics", trust_env=False, timeout=PATIENCE).text
    backup = broker.installation.folder / "backup"
    broker.installation.good("backup", str(backup))
    folders = (broker.installation.folder / "site", backup, temporary)
    stored = b"".join(file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file())

    assert any(MARK.encode() in folder.data for folder in broker.delivered(accepted.submission, "moved"))
    assert failing.submission.encode() in stored
    for place in (
        stored,
        metrics.encode(),
        broker.logs().encode(),
        "".join(shown).encode(),
        json.dumps(asked).encode(),
    ):
        assert MARK.encode() not in place


def test_every_line_that_concerns_a_submission_names_it_and_its_case(new_broker: NewBroker) -> None:
    broker = new_broker()
    portal = broker.portal()
    sent = portal.accepted(Application(CHEMNITZ, enclosures=photo_and_plan()))
    [(attachment, token)] = list(
        portal.seal(Application(CHEMNITZ, enclosures=photo_and_plan()[:1])).attachments.items()
    )
    assert portal.attach(sent.submission, attachment, token).status_code >= 400

    lines = [json.loads(line) for line in broker.logs().splitlines() if line.startswith("{")]
    told = [line for line in lines if line["event"].startswith(("process.", "deliver.", "request."))]

    assert {line["event"] for line in told} >= {"process.done", "deliver.done", "request.refused"}
    assert {(line.get("submission"), line.get("case")) for line in told} == {(sent.submission, sent.case)}
    metrics = broker.metrics()
    assert metrics['amtsbote_deliveries_total{outcome="delivered",target="chemnitz"}'] == 1
    assert metrics['amtsbote_jobs_waiting{kind="deliver"}'] == 0
    assert metrics["amtsbote_helpers_busy"] == 0


def _letters(broker: RunningBroker, sent: Sent) -> list[dict[str, Any]] | None:
    shown = broker.installation.good("submissions", "show", sent.submission, "--json")
    return shown["deadletters"] or None
