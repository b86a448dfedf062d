"""PostgreSQL is gone for a while: what was not acknowledged gets 503 and may come again, what was is there afterwards,
and nothing of it becomes a case for a person."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from application_kit import Application, Enclosure
from broker_kit import RunningBroker, broker_at
from cut_line import Line, line_to
from installation_kit import CHEMNITZ
from patience import PATIENCE
from portal_kit import Portal, Sent, waited_for
from postgres_kit import server
from thoroughly import thorough

from amtsbote.store.postgresql.takeover import take_over

PHOTO = Enclosure(b"\xff\xd8\xff" + bytes(range(256)) * 500, "photo.jpg", "image/jpeg")
ONE = Application(CHEMNITZ, enclosures=(PHOTO,))
BARE = Application(CHEMNITZ)
SOON = {"WORK__FIRST_RETRY": "PT0.1S", "WORK__LONGEST_RETRY": "PT0.3S", "WORK__LEASE": "PT10S"}


@pytest.fixture
def line() -> Iterator[Line]:
    with line_to(server().folder / "socket") as line:
        yield line


@pytest.fixture
def broker(shared_folder: Path, tmp_path: Path, line: Line) -> Iterator[RunningBroker]:
    """On PostgreSQL, behind a line that can be cut."""
    with broker_at(tmp_path, shared_folder, started=False, **SOON) as prepared:
        place, here = prepared.installation, server()
        url = here.schema_url(tmp_path)
        take_over(place.folder / "site" / "data" / "amtsbote.db", url)
        (place.folder / "site" / "data" / "amtsbote.db").rename(place.folder / "before.db")
        over = url.replace(quote(str(here.folder / "socket"), safe=""), quote(str(line.folder), safe=""))
        assert over != url
        more = {"AMTSBOTE__STORAGE__DATABASE": over}
        prepared.installation = replace(place, environment={**place.environment, **more})
        prepared.start()
        yield prepared


def health(broker: RunningBroker) -> tuple[int, str]:
    answer = httpx.get(f"{broker.base}/readyz", trust_env=False, timeout=PATIENCE)
    return answer.status_code, answer.text


def not_reached(answer: httpx.Response) -> bool:
    found = (answer.status_code, answer.json()["code"], "Retry-After" in answer.headers)
    assert found == (503, "AB-1905", True), answer.text
    return True


def _arrived(broker: RunningBroker, sent: Sent, target: str) -> bool | None:
    return True if broker.delivered(sent.submission, target) else None


def exactly_once(broker: RunningBroker, portal: Portal, sent: Sent) -> None:
    portal.ends_with(sent, "accept-submission", 60)
    names = [event.name for event in portal.events(sent.case)]
    assert names == ["create-submission", "submit-submission", "accept-submission"]
    for target in ("chemnitz", "archive"):
        waited_for(partial(_arrived, broker, sent, target), "the delivery", 60)
        assert len(broker.delivered(sent.submission, target)) == 1


@thorough
def test_a_database_that_is_gone_for_a_while_loses_and_holds_nothing(broker: RunningBroker, line: Line) -> None:
    portal = broker.portal()
    begun, sealed = portal.announce(ONE).json(), portal.seal(ONE)
    portal.accepted(ONE)
    acknowledged = [portal.send(ONE) for _ in range(3)]

    line.cut()  # in the middle of their processing and delivering

    status, said = health(broker)
    assert (status, said.startswith("store: ")) == (503, True)
    assert broker.metrics()["amtsbote_store_up"] == 0
    [(attachment, token)] = sealed.attachments.items()
    for _ in range(3):
        assert not_reached(portal.announce(ONE))
        assert not_reached(portal.attach(begun["submissionId"], attachment, token))
        assert not_reached(portal.submit(begun["submissionId"], sealed))
    assert httpx.get(f"{broker.base}/healthz", trust_env=False, timeout=PATIENCE).status_code == 200
    assert broker.running.poll() is None
    waited_for(lambda: True if "directory.not_reloaded" in broker.logs() else None, "the timer")
    assert "apscheduler" not in broker.logs()

    line.mend()

    waited_for(lambda: True if health(broker)[0] == 200 else None, "readiness")
    assert portal.attach(begun["submissionId"], attachment, token).status_code == 204
    assert portal.submit(begun["submissionId"], sealed).status_code == 200
    for sent in [*acknowledged, Sent(begun["submissionId"], begun["caseId"], CHEMNITZ, sealed)]:
        exactly_once(broker, portal, sent)
    assert (broker.dead_letters(), broker.metrics()["amtsbote_store_up"]) == (0, 1)


@thorough
def test_a_database_that_hangs_is_told_like_one_that_is_gone(broker: RunningBroker, line: Line) -> None:
    portal = broker.portal()
    sealed, begun = portal.seal(BARE), portal.announce(BARE).json()
    acknowledged = portal.send(ONE)

    line.hang()

    assert not_reached(portal.announce(BARE))
    assert not_reached(portal.submit(begun["submissionId"], sealed))
    assert health(broker)[0] == 503
    assert broker.metrics()["amtsbote_store_up"] == 0
    assert "apscheduler" not in broker.logs()

    line.go_on()

    waited_for(lambda: True if health(broker)[0] == 200 else None, "readiness")
    assert portal.submit(begun["submissionId"], sealed).status_code == 200
    for sent in [acknowledged, Sent(begun["submissionId"], begun["caseId"], CHEMNITZ, sealed)]:
        exactly_once(broker, portal, sent)
    assert broker.dead_letters() == 0
