"""The PyPI package `fitconnect-client` 0.1.3, v1: a portal that sends metadata and attachments, and never any data."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from application_kit import SCHEMA, SITE_PLAN, TREE_FELLING
from broker_kit import RunningBroker
from foreign_programs import Person, Refused
from installation_kit import CHEMNITZ, LEIPZIG
from portal_kit import LEIKA, Event, waited_for

CLIENT = "PyPI fitconnect-client 0.1.3, v1"
METADATA = "https://schema.fitko.de/fit-connect/metadata/1.0.0/metadata.schema.json"


@pytest.fixture
def bremen(jonbulica: Callable[..., Person]) -> Person:
    return jonbulica("bremen-portal")


@pytest.mark.parametrize("attachments", [0, 2], ids=["alone", "with attachments"])
def test_what_it_sends_reaches_an_authority_that_opens_it_itself(
    tmp_path: Path, broker: RunningBroker, bremen: Person, attachments: int
) -> None:
    paths = [tmp_path / f"plan-{number}.pdf" for number in range(attachments)]
    for path in paths:
        path.write_bytes(SITE_PLAN)

    sent = sends(bremen, paths=[str(path) for path in paths])

    subscriber = broker.subscriber()
    found = subscriber.fetch(sent["submissionId"])
    metadata = json.loads(subscriber.decrypt(found["encryptedMetadata"]))
    assert metadata["$schema"] == METADATA
    assert [each["filename"] for each in metadata["contentStructure"]["attachments"]] == [path.name for path in paths]
    fetched = [subscriber.fetch_attachment(sent["submissionId"], each) for each in found["attachments"]]
    assert [subscriber.decrypt(token) for token in fetched] == [SITE_PLAN] * attachments


def test_what_it_sends_to_a_destination_we_open_is_rejected_for_the_hash_it_leaves_out(
    broker: RunningBroker, bremen: Person
) -> None:
    sent = sends(bremen, paths=[], destination=CHEMNITZ)

    portal = broker.portal("bremen")

    def rejected() -> Event | None:
        last = portal.events(sent["caseId"])[-1]
        return last if last.name == "reject-submission" else None

    reject = waited_for(rejected, "the rejection")
    assert ("schema-violation", "metadata") in reject.problems


def test_it_understands_why_it_is_refused(bremen: Person) -> None:
    wrong = Person(bremen.program, {**bremen.identity, "secret": "wrong"})

    with pytest.raises(Refused, match="Failed to obtain access token"):
        sends(wrong, paths=[])
    with pytest.raises(Refused, match=r"(?s)Failed to create .*destination-not-found"):
        sends(bremen, paths=[], destination="99999999-0000-4000-8000-999999999999")


def sends(sender: Person, **about: Any) -> Any:
    known = {"destination": LEIPZIG, "service": LEIKA + TREE_FELLING, "schema": SCHEMA, "metadata": METADATA}
    return sender("send", **known | about)
