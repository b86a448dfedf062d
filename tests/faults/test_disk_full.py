"""A disk is full: while accepting, while committing, at the target. Nothing is acknowledged that is not kept, nothing
is half visible, readiness says what is wrong, and everything goes on by itself when there is room again."""

import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from application_kit import Application, Enclosure
from broker_kit import ORDERED, RunningBroker, broker_at
from installation_kit import CHEMNITZ
from patience import PATIENCE
from portal_kit import Portal, Sent, waited_for
from small_disk import SmallDisk, small_disk
from thoroughly import EVERYWHERE, thorough

PHOTO = Enclosure(b"\xff\xd8\xff" + bytes(range(256)) * 2000, "photo.jpg", "image/jpeg")
ONE = Application(CHEMNITZ, enclosures=(PHOTO,))
BARE = Application(CHEMNITZ)
SOON = {"WORK__FIRST_RETRY": "PT0.1S", "WORK__LONGEST_RETRY": "PT0.3S", "WORK__ATTEMPTS": "1000"}


@pytest.fixture
def broker(shared_folder: Path, tmp_path: Path) -> Iterator[RunningBroker]:
    with broker_at(tmp_path, shared_folder, started=False, **SOON) as prepared:
        yield prepared


def refused_for_room(answer: httpx.Response) -> bool:
    """The only answer a full disk may give."""
    if answer.is_success:
        return False
    assert (answer.status_code, answer.json()["code"]) == (503, "AB-1904"), answer.text
    assert int(answer.headers["Retry-After"]) > 0
    return True


def health(broker: RunningBroker) -> tuple[int, str]:
    answer = httpx.get(f"{broker.base}/readyz", trust_env=False, timeout=PATIENCE)
    return answer.status_code, answer.text


def exactly_once(broker: RunningBroker, portal: Portal, sent: Sent) -> None:
    portal.ends_with(sent, "accept-submission")
    names = [event.name for event in portal.events(sent.case)]
    assert names == ["create-submission", "submit-submission", "accept-submission"]

    def both() -> bool | None:
        found = [broker.delivered(sent.submission, target) for target in ("chemnitz", "archive")]
        return True if all(len(folders) == 1 for folders in found) else None

    waited_for(both, "both deliveries")
    for target in ("chemnitz", "archive"):
        [folder] = broker.delivered(sent.submission, target)
        assert folder.data == sent.sealed.application.data
        assert folder.attachments == tuple(enclosure.content for enclosure in sent.sealed.application.enclosures)


@thorough
def test_a_full_data_folder_accepts_nothing_it_cannot_keep_and_recovers(broker: RunningBroker) -> None:
    with small_disk(broker.installation.folder / "site" / "data") as disk:
        broker.start()
        portal = broker.portal()
        before = portal.accepted(ONE)
        half, bare = portal.announce(ONE).json(), portal.announce(BARE).json()
        sealed, small = portal.seal(ONE), portal.seal(BARE)

        disk.fill()
        acknowledged = _until_everything_is_refused(portal)
        status, said = health(broker)
        assert (status, "No space left" in said or "StorageFull" in said) == (503, True)
        [(attachment, token)] = sealed.attachments.items()
        assert refused_for_room(portal.attach(half["submissionId"], attachment, token))
        assert refused_for_room(portal.attach(half["submissionId"], attachment, _streamed(token)))
        assert refused_for_room(portal.submit(bare["submissionId"], small))
        assert [event.name for event in portal.events(before.case)][-1] == "accept-submission"

        disk.empty()
        waited_for(lambda: True if health(broker) == (200, "ok\n") else None, "readiness")
        assert portal.attach(half["submissionId"], attachment, token).status_code == 204
        assert portal.submit(half["submissionId"], sealed).status_code == 200
        assert portal.submit(bare["submissionId"], small).status_code == 200
        for view, parts in ((half, sealed), (bare, small)):
            exactly_once(broker, portal, Sent(view["submissionId"], view["caseId"], CHEMNITZ, parts))
        for submission in acknowledged:
            assert portal.good("GET", f"/v2/submissions/{submission}").json()["submissionId"] == submission
        assert broker.dead_letters() == 0
        assert broker.stop() == 0
        _whole(disk)


def _arrived(broker: RunningBroker, sent: Sent, target: str) -> bool | None:
    return True if broker.delivered(sent.submission, target) else None


def _streamed(token: str) -> Iterator[bytes]:
    body = token.encode()
    for start in range(0, len(body), 50_000):
        yield body[start : start + 50_000]


def _until_everything_is_refused(portal: Portal) -> list[str]:
    """The log of the database has some room left of its own, which announcements use up; those acknowledged."""
    acknowledged: list[str] = []
    for _ in range(20_000):
        answer = portal.announce(ONE)
        if refused_for_room(answer):
            return acknowledged
        acknowledged.append(answer.json()["submissionId"])
    raise AssertionError("nothing was ever refused")


def _whole(disk: SmallDisk) -> None:
    """The database is sound, and every part file belongs to a row."""
    with sqlite3.connect(f"file:{next(disk.folder.glob('*.db'))}?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@thorough
def test_a_full_disk_in_the_middle_of_work_holds_nothing_and_the_work_goes_on(broker: RunningBroker) -> None:
    """Between the submit and its commit of the result there is no room for the result."""
    with small_disk(broker.installation.folder / "site" / "data") as disk:
        broker.start()
        portal = broker.portal()
        portal.accepted(ONE)
        sent = []
        for leaving in (2_000_000, 1_500_000, 1_200_000, 900_000, 700_000):
            disk.fill(leaving)
            begun = portal.announce(ONE)
            if refused_for_room(begun):
                break
            sealed, view = portal.seal(ONE), begun.json()
            answers = [portal.attach(view["submissionId"], one, token) for one, token in sealed.attachments.items()]
            if any(map(refused_for_room, [*answers])) or refused_for_room(portal.submit(view["submissionId"], sealed)):
                break
            sent.append(Sent(view["submissionId"], view["caseId"], CHEMNITZ, sealed))
        assert sent
        disk.fill()
        disk.empty()
        for one in sent:
            exactly_once(broker, portal, one)
        assert broker.dead_letters() == 0


@thorough
def test_a_full_target_shows_nothing_half_and_gets_everything_when_there_is_room(broker: RunningBroker) -> None:
    with small_disk(broker.installation.target("chemnitz"), "2m") as disk:
        broker.start()
        portal = broker.portal()
        portal.accepted(ONE)
        disk.fill(300_000)
        sent = [portal.send(ONE) for _ in range(2)]

        def tried() -> bool | None:
            deliveries = broker.installation.good("deliveries", "list", "--json")["deliveries"]
            return True if any(one["failure"] in {"disk-full", "target-unavailable"} for one in deliveries) else None

        waited_for(tried, "an attempt at the full target")
        assert [folder for one in sent for folder in broker.delivered(one.submission)] == []
        for one in sent:
            waited_for(partial(_arrived, broker, one, "archive"), "the copies")
        assert health(broker) == (200, "ok\n")

        disk.empty()
        for one in sent:
            exactly_once(broker, portal, one)
        assert broker.dead_letters() == 0


@pytest.mark.parametrize("operation", ["commit", *(["fsync", "rename"] if EVERYWHERE else [])])
def test_no_room_at_any_watched_operation_costs_nothing_that_was_acknowledged(
    broker: RunningBroker, operation: str
) -> None:
    """The daemon of the tests says so itself, so that this needs no file system of its own."""
    broker.start(ORDERED)
    portal = broker.portal()
    sealed = portal.seal(ONE)
    sent = portal.send(ONE)
    broker.order(f"full {operation}")

    view: dict[str, str] = {}
    answers = [portal.announce(ONE)]
    if answers[0].is_success:
        view = answers[0].json()
        answers += [portal.attach(view["submissionId"], one, token) for one, token in sealed.attachments.items()]
    assert any(map(refused_for_room, answers))
    broker.order("mend")

    exactly_once(broker, portal, sent)
    exactly_once(broker, portal, portal.send(ONE))
    assert broker.dead_letters() == 0
