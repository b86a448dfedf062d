"""Many at once, the same thing twice at once, and the habits of real clients."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from application_kit import PHOTO, Application, Enclosure, Sealed
from broker_kit import RunningBroker
from installation_kit import CHEMNITZ, LEIPZIG
from portal_kit import LEIKA, Portal, Subscriber

PLAN = Enclosure(b"%PDF-1.7 plan", "plan.pdf", "application/pdf")


def at_once(*asks: Callable[[], httpx.Response]) -> list[int]:
    """The status of each, asked at the same time."""
    with ThreadPoolExecutor(len(asks)) as pool:
        return sorted(answer.result().status_code for answer in [pool.submit(ask) for ask in asks])


def test_many_submissions_at_once_are_each_delivered_once(broker: RunningBroker, portal: Portal) -> None:
    portal.encryption_key(CHEMNITZ)
    applications = [Application(CHEMNITZ, enclosures=(Enclosure(PHOTO, "a.jpg", "image/jpeg"),)) for _ in range(16)]

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(portal.send, applications))

    for one in sent:
        portal.ends_with(one, "accept-submission")
        [folder] = broker.delivered(one.submission)
        assert folder.attachments == (PHOTO,)
        assert [event.name for event in portal.events(one.case)].count("accept-submission") == 1


def test_of_two_different_submits_at_once_exactly_one_wins(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.begin(Application(CHEMNITZ))
    others = [portal.seal(Application(CHEMNITZ)) for _ in range(3)]

    statuses = at_once(*(_submitting(portal, sent.submission, sealed) for sealed in [sent.sealed, *others]))

    assert statuses == [200, 409, 409, 409]
    portal.ends_with(sent, "accept-submission")
    assert [event.name for event in portal.events(sent.case)].count("submit-submission") == 1
    assert len(broker.delivered(sent.submission)) == 1


def test_the_same_submit_at_once_is_one_submission(broker: RunningBroker, portal: Portal) -> None:
    sent = portal.begin(Application(CHEMNITZ))

    assert at_once(*[_submitting(portal, sent.submission, sent.sealed)] * 4) == [200] * 4

    portal.ends_with(sent, "accept-submission")
    assert len(portal.events(sent.case)) == 3
    assert len(broker.delivered(sent.submission)) == 1


def test_of_two_uploads_at_once_one_stays_whole(broker: RunningBroker, portal: Portal) -> None:
    application = Application(CHEMNITZ, enclosures=(Enclosure(PHOTO, "a.jpg", "image/jpeg"),))
    sent = portal.begin(application)
    [attachment] = sent.sealed.attachments

    def upload() -> httpx.Response:
        return portal.attach(sent.submission, attachment, sent.sealed.attachments[attachment])

    assert at_once(upload, upload, upload) == [204, 204, 204]
    assert portal.submit(sent.submission, sent.sealed).status_code == 200
    portal.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission)
    assert folder.attachments == (PHOTO,)


def test_accept_and_reject_at_once_leave_one_of_them(portal: Portal, subscriber: Subscriber) -> None:
    sent = portal.send(Application(LEIPZIG, region=None))
    tokens = [subscriber.acceptance(sent), subscriber.rejection(sent), subscriber.acceptance(sent)]
    subscriber.token()

    statuses = at_once(*(_writing(subscriber, sent.case, token) for token in tokens))

    assert statuses == [204, 409, 409]
    assert len(portal.events(sent.case)) == 3


def test_an_attachment_announced_several_times_is_one(broker: RunningBroker, portal: Portal) -> None:
    application = Application(CHEMNITZ, enclosures=(PLAN,))

    sent = portal.send(application, announcedAttachments=[PLAN.id] * 3)

    portal.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission)
    assert folder.attachments == (PLAN.content,)


def test_ids_in_capital_letters_are_the_same_ids(broker: RunningBroker, portal: Portal) -> None:
    shouting = Enclosure(b"%PDF-1.7 plan", "plan.pdf", "application/pdf", PLAN.id.upper())

    sent = portal.send(Application(CHEMNITZ.upper(), enclosures=(shouting,)))

    portal.ends_with(sent, "accept-submission")
    [folder] = broker.delivered(sent.submission)
    assert folder.attachments == (shouting.content,)


@pytest.mark.parametrize("identifier", [f"{LEIKA}99093003001002", "99093003001002"])
def test_unknown_members_and_short_service_keys_are_taken(portal: Portal, identifier: str) -> None:
    service = {"name": "Baumfällgenehmigung", "identifier": identifier, "more": [1]}

    sent = portal.send(Application(CHEMNITZ), publicService=service, bidirectional=True, unknown={"a": None})

    portal.ends_with(sent, "accept-submission")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\con", "\u202egpj.exe", "x" * 3000, ".amtsbote", "fertig", "\n\r", ""]
)
def test_a_file_name_of_the_sender_stays_data(broker: RunningBroker, portal: Portal, name: str) -> None:
    folder = broker.takes_a_good_one(portal, Application(CHEMNITZ, enclosures=(Enclosure(b"%PDF-1.7", name, "a/b"),)))

    assert set(folder.files) == {"manifest.json", "fertig", "daten.xml", "anlage-01.bin"}
    assert folder.manifest["attachments"][0]["originalName"] == name
    assert folder.attachments == (b"%PDF-1.7",)


def test_a_nul_in_a_file_name_is_no_data_for_anybody(broker: RunningBroker, portal: Portal) -> None:
    """PostgreSQL keeps no such text, and no file system such a name."""
    sent = portal.send(Application(CHEMNITZ, enclosures=(Enclosure(b"%PDF-1.7", "a\0b.pdf", "a/b"),)))

    assert portal.ends_with(sent, "reject-submission").problems == [("syntax-violation", "metadata")]
    assert broker.delivered(sent.submission) == []


def test_an_empty_attachment_is_one_too(broker: RunningBroker, portal: Portal) -> None:
    for compressed in (True, False):
        application = Application(CHEMNITZ, enclosures=(Enclosure(b"", "leer.pdf", "a/b"),), compressed=compressed)

        assert broker.takes_a_good_one(portal, application).attachments == (b"",)


def test_a_hundred_attachments_are_taken(broker: RunningBroker, portal: Portal) -> None:
    enclosures = tuple(Enclosure(b"plan %d" % number, f"{number}.pdf", "application/pdf") for number in range(100))

    folder = broker.takes_a_good_one(portal, Application(CHEMNITZ, enclosures=enclosures))

    assert folder.attachments == tuple(each.content for each in enclosures)


def _submitting(portal: Portal, submission: str, sealed: Sealed) -> Callable[[], httpx.Response]:
    return lambda: portal.submit(submission, sealed)


def _writing(subscriber: Subscriber, case: str, token: str) -> Callable[[], httpx.Response]:
    return lambda: subscriber.write(case, token)
