"""Attachments in fragments: one file at the end, and every fragment that does not fit is named."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acceptance_words import NewBroker
from application_kit import Application, Enclosure, Spoil, one_bit_of
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, LEIPZIG
from portal_kit import Portal, Subscriber, waited_for

PICTURE = b"".join(number.to_bytes(4, "big") for number in range(250_000))
SURVEY = Enclosure(PICTURE, "Befliegung.tif", "image/tiff", "3f0d3c0e-5d0c-4a55-9d0f-0d7f0d6bf000", 300_000)
PLAN = Enclosure(b"%PDF-1.7 plan", "plan.pdf", "application/pdf", "3f0d3c0e-5d0c-4a55-9d0f-0d7f0d6bf001")
FIRST, SECOND, THIRD, FOURTH = SURVEY.pieces
NOBODY = "00000000-1111-4222-8333-444444444444"
FRAGMENTED = Application(CHEMNITZ, enclosures=(PLAN, SURVEY))


def test_fragments_arrive_as_the_one_file_they_were(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.accepted(FRAGMENTED)

    [folder] = broker.delivered(sent.submission)
    assert folder.attachments == (PLAN.content, PICTURE)
    assert set(folder.files) == {"manifest.json", "fertig", "daten.xml", "anlage-01.pdf", "anlage-02.tif"}
    entry = folder.manifest["attachments"][1]
    assert (entry["id"], entry["size"]) == (SURVEY.id, len(PICTURE))
    assert entry["sha512"] == hashlib.sha512(PICTURE).hexdigest()
    for event in portal.events(sent.case)[1:]:
        assert set(event.body["authenticationTags"]["attachments"]) == {PLAN.id, FIRST, SECOND, THIRD, FOURTH}
        assert event.body == {"authenticationTags": sent.sealed.tags()}


def test_a_subscriber_fetches_each_fragment_by_its_id(portal: Portal, subscriber: Subscriber) -> None:
    sent = portal.send(FRAGMENTED.but(destination=LEIPZIG, region="147130000000"))

    fetched = subscriber.fetch(sent.submission)

    metadata = json.loads(subscriber.decrypt(fetched["encryptedMetadata"]))
    _, survey = metadata["contentStructure"]["attachments"]
    tokens = [subscriber.fetch_attachment(sent.submission, fragment) for fragment in survey["fragments"]]
    assert b"".join(map(subscriber.decrypt, tokens)) == PICTURE
    assert set(fetched["attachments"]) == {PLAN.id, *SURVEY.pieces}
    assert subscriber.write(sent.case, subscriber.acceptance(sent)).status_code == 204


def listing(*fragments: str) -> Spoil:
    """These fragments in the metadata, whatever was sent."""

    def changed(document: dict[str, Any]) -> dict[str, Any]:
        document["contentStructure"]["attachments"][1]["fragments"] = list(fragments)
        return document

    return Spoil(before={"metadata": changed})


WRONG: dict[str, tuple[Spoil, tuple[str, str], str]] = {
    "one that was sent is not listed": (
        listing(FIRST, SECOND, FOURTH),
        ("attachments-mismatch", "submission"),
        THIRD,
    ),
    "one that is listed was never sent": (
        listing(FIRST, SECOND, THIRD, FOURTH, NOBODY),
        ("attachments-mismatch", "submission"),
        NOBODY,
    ),
    "one of another attachment": (
        listing(FIRST, SECOND, THIRD, FOURTH, PLAN.id),
        ("schema-violation", "metadata"),
        PLAN.id,
    ),
    "one twice": (
        listing(FIRST, SECOND, THIRD, FOURTH, SECOND),
        ("schema-violation", "metadata"),
        SECOND,
    ),
    "one twice, in capitals": (
        listing(FIRST, SECOND, THIRD, FOURTH, SECOND.upper()),
        ("schema-violation", "metadata"),
        SECOND,
    ),
    "in another order": (
        listing(FIRST, THIRD, SECOND, FOURTH),
        ("hash-mismatch", f"attachment:{SURVEY.id}"),
        f"{FIRST}, {THIRD}, {SECOND}, {FOURTH}",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_fragments_that_do_not_fit_are_named_in_the_rejection(broker: RunningBroker, portal: Portal, name: str) -> None:
    spoil, problem, named = WRONG[name]

    sent = portal.send(FRAGMENTED, spoil)

    event = portal.ends_with(sent, "reject-submission")
    assert event.problems == [problem]
    assert named in json.dumps(event.body)
    assert broker.delivered(sent.submission) == []
    broker.takes_a_good_one(portal, FRAGMENTED)


def test_a_tampered_fragment_is_named_together_with_its_attachment(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.send(FRAGMENTED.but(enclosures=(SURVEY,)), Spoil(after={"attachment": one_bit_of(3)}))

    event = portal.ends_with(sent, "reject-submission")

    assert event.problems == [("encryption-issue", f"attachment:{SURVEY.id}")]
    assert FIRST in event.body["problems"][0]["detail"]
    assert broker.delivered(sent.submission) == []


def test_a_delivery_after_a_crash_puts_the_fragments_together_without_opening_them_again(new_broker: NewBroker) -> None:
    broker = new_broker(WORK__FIRST_RETRY="PT0.2S", WORK__LONGEST_RETRY="PT0.5S", WORK__ATTEMPTS="1000")
    portal, target = broker.portal(), broker.installation.target("chemnitz")
    target.rename(target.with_name("away"))
    sent = portal.send(FRAGMENTED)

    def steps() -> list[str]:
        traced = broker.installation.good("submissions", "trace", sent.submission, "--json")
        return [step["step"] for step in traced["steps"]]

    waited_for(lambda: "confirm" in steps() or None, "an attempt that fails")
    broker.kill()
    target.with_name("away").rename(target)
    broker.start()

    portal.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission)
    assert folder.attachments == (PLAN.content, PICTURE)
    assert steps().count("open") == 1


def test_the_operators_own_sender_splits_what_is_large(broker: RunningBroker, tmp_path: Path) -> None:
    installation = broker.installation
    (tmp_path / "Befliegung.tif").write_bytes(PICTURE * 3)

    send: Callable[..., Any] = installation.good
    answer = send(
        *("submissions", "send", CHEMNITZ, "--client", "hamburg-portal", "--json"),
        *("--secret-file", str(installation.folder / "secrets" / "hamburg-portal.secret")),
        *("--attachment", str(tmp_path / "Befliegung.tif"), "--fragment-size", "1"),
    )

    assert answer["event"] == "accept-submission"
    [folder] = broker.delivered(answer["submission"])
    assert folder.attachments == (PICTURE * 3,)
    [submit] = [event for event in broker.portal().events(answer["case"]) if event.name == "submit-submission"]
    assert len(submit.body["authenticationTags"]["attachments"]) == 3
