"""Who is told of what: the FIT-Connect server in front, a real HTTPS receiver behind (dossier 2.8)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from application_kit import Application, Sealed
from callback_kit import SECRET, Listener, Switchboard, calls_back, listening, switchboard
from front_for_tests import JOSE, Asked, creation, sent
from house_for_tests import DIRECT, HOST, OTHER_PORTAL, PORTAL, SEALED, SUBSCRIBER
from replies_for_tests import packed, replied
from set_for_tests import event_names, set_of
from tls_for_tests import Authority

from amtsbote.model.event import Event, EventKind
from amtsbote.model.ids import ClientId, EventId, MessageId
from amtsbote.model.job import JobKind
from amtsbote.runner.expire import expire_job

API = "/submission-api/v2"
TYPES = "https://schema.fitko.de/fit-connect/submission-api/callbacks/"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


@pytest.fixture
async def portal(authority: Authority) -> AsyncIterator[Listener]:
    async with listening(authority) as listener:
        yield listener


@pytest.fixture
async def subscriber(authority: Authority, asked: Asked) -> AsyncIterator[Listener]:
    async with listening(authority) as listener:
        calls_back(asked.house, listener.url)
        yield listener


@pytest.fixture
async def board(asked: Asked, authority: Authority) -> AsyncIterator[Switchboard]:
    async with switchboard(asked.house, authority) as built:
        yield built


def named(listener: Listener, secret: str = SECRET) -> dict[str, Any]:
    return {"callback": {"url": listener.url, "secret": secret}}


async def submitted(asked: Asked, **more: Any) -> dict[str, str]:
    """The view of a submission to the sealed destination, announced with these members."""
    view, _ = await submitted_with_parts(asked, **more)
    return view


async def submitted_with_parts(asked: Asked, **more: Any) -> tuple[dict[str, str], Sealed]:
    ready = asked.house.sealed(Application(SEALED))
    created = await asked.send("POST", f"{API}/submissions", json=creation(SEALED, **more))
    assert created.status_code == 201, created.text
    view: dict[str, str] = created.json()
    final = {"encryptedMetadata": ready.metadata, "encryptedData": ready.data}
    answer = await asked.send("PUT", f"{API}/submissions/{view['submissionId']}", json=final)
    assert answer.status_code == 200, answer.text
    return view, ready


async def said(asked: Asked, view: dict[str, str], event: str, tags: dict[str, Any] | None = None) -> None:
    """The subscriber's own event about a submission."""
    token = set_of(asked, view["caseId"], f"submission:{view['submissionId']}", event, tags)
    answer = await asked.send("POST", f"{API}/cases/{view['caseId']}/events", SUBSCRIBER, type=JOSE, content=token)
    assert answer.status_code == 204, answer.text


async def test_the_subscriber_is_told_of_a_new_submission_in_the_published_form(
    asked: Asked, board: Switchboard, subscriber: Listener
) -> None:
    view, _ = await sent(asked, Application(SEALED))
    await board.run_all()

    [call] = subscriber.calls
    entry = {"destinationId": SEALED, "submissionId": view["submissionId"], "caseId": view["caseId"]}
    assert call.is_authentic()
    assert call.content == {
        "type": f"{TYPES}new-submissions",
        "submissionIds": [view["submissionId"]],
        "submissions": [entry],
    }
    assert b" " not in call.body
    assert call.headers["content-type"] == "application/json"
    assert call.headers["callback-timestamp"] == str(int(asked.house.clock().timestamp()) - 1)
    assert call.headers["callback-service"] == f"{HOST}/submission-api"
    assert (await asked.get(f"{API}/submissions", SUBSCRIBER)).json()["submissions"] == [entry]


async def test_that_it_was_told_stands_in_the_event_log_once_and_polling_has_an_event_of_its_own(
    asked: Asked, board: Switchboard, subscriber: Listener
) -> None:
    view, _ = await sent(asked, Application(SEALED))
    assert await event_names(asked, view["caseId"]) == ["create-submission", "submit-submission"]

    await board.run_all()
    await asked.get(f"{API}/submissions", SUBSCRIBER)
    await board.run_all()

    assert len(subscriber.calls) == 1
    assert (await event_names(asked, view["caseId"]))[2:] == ["notify-submission", "notify-submission"]


async def test_the_sender_is_told_at_the_address_it_named_of_what_it_did_not_do(
    asked: Asked, board: Switchboard, portal: Listener
) -> None:
    view, ready = await submitted_with_parts(asked, **named(portal))
    await board.run_all()
    assert portal.calls == []  # it created and submitted itself

    await asked.get(f"{API}/submissions", SUBSCRIBER)  # notify
    await board.run_all()
    await said(asked, view, "forward-submission")
    await board.run_all()
    await said(asked, view, "accept-submission", ready.tags())
    await board.run_all()

    entry = {"destinationId": SEALED, "submissionId": view["submissionId"], "caseId": view["caseId"]}
    about = {"type": f"{TYPES}new-events", "caseIds": [view["caseId"]], "submissions": [entry], "replies": []}
    assert [call.content for call in portal.calls] == [about] * 3
    assert all(call.is_authentic() for call in portal.calls)


async def test_several_events_of_one_submission_are_one_callback_that_names_it_once(
    asked: Asked, board: Switchboard, portal: Listener, subscriber: Listener
) -> None:
    view, ready = await submitted_with_parts(asked, **named(portal))
    await asked.get(f"{API}/submissions", SUBSCRIBER)
    await said(asked, view, "accept-submission", ready.tags())
    await board.run_all()

    assert portal.told == [("new-events", [view["submissionId"]])]
    assert subscriber.calls == []  # it has fetched and decided meanwhile: nothing waits for it any more


async def test_whoever_named_no_callback_is_not_told(asked: Asked, board: Switchboard) -> None:
    view, ready = await submitted_with_parts(asked)
    await asked.get(f"{API}/submissions", SUBSCRIBER)
    await said(asked, view, "accept-submission", ready.tags())

    assert await board.gathered() == 0


async def test_a_destination_that_is_opened_here_has_nobody_to_tell(asked: Asked, board: Switchboard) -> None:
    await sent(asked, Application(DIRECT))

    assert await board.gathered() == 0


async def test_a_submission_nobody_completed_is_told_to_its_sender_alone(
    asked: Asked, board: Switchboard, portal: Listener, subscriber: Listener
) -> None:
    created = await asked.send("POST", f"{API}/submissions", json=creation(SEALED, **named(portal)))
    asked.house.clock.passes(timedelta(days=2))
    await expire_job(await asked.house.claimed(JobKind.EXPIRE), asked.house.shop)
    await board.run_all()

    assert portal.told == [("new-events", [created.json()["submissionId"]])]
    assert subscriber.calls == []


async def test_what_the_service_does_of_itself_is_told_to_both_sides(
    asked: Asked, board: Switchboard, portal: Listener, subscriber: Listener
) -> None:
    view = await submitted(asked, **named(portal))
    await board.run_all()
    house, message = asked.house, MessageId(view["submissionId"])

    def unit(tx: Any) -> None:
        found = tx.messages.get(message)
        event = Event.of(found, EventKind.REJECT, id=EventId(house.ids()), at=house.clock())
        house.log.write_own(tx, event, found)

    await house.store.write(unit)
    await board.run_all()

    assert subscriber.told == [("new-submissions", [message]), ("new-events", [message])]
    assert portal.told[-1] == ("new-events", [message])


async def test_a_reply_is_told_to_the_portal_where_it_was_told_before_and_its_end_to_the_subscriber(
    asked: Asked, board: Switchboard, portal: Listener, subscriber: Listener
) -> None:
    view = await submitted(asked, **named(portal))
    await board.run_all()
    subscriber.calls.clear()
    portal.calls.clear()

    reply = (await replied(asked, view["caseId"], packed(asked)))["replyId"]
    await board.run_all()
    await asked.send("PUT", f"{API}/replies/{reply}/accept")
    await board.run_all()

    entry = {"destinationId": SEALED, "replyId": reply, "caseId": view["caseId"]}
    assert [call.content for call in portal.calls] == [{"type": f"{TYPES}new-replies", "replies": [entry]}]
    assert (await event_names(asked, view["caseId"]))[-2:] == ["notify-reply", "accept-reply"]
    about = {"type": f"{TYPES}new-events", "caseIds": [view["caseId"]], "submissions": [], "replies": [entry]}
    assert [call.content for call in subscriber.calls] == [about, about]  # that it was told, and the end


async def test_a_reply_to_the_destination_is_told_there_and_its_events_where_the_portal_said(
    asked: Asked, board: Switchboard, portal: Listener, subscriber: Listener
) -> None:
    view = await submitted(asked)
    await board.run_all()
    subscriber.calls.clear()

    ready = packed(asked, "leipzig-encryption")
    reply = (await replied(asked, view["caseId"], ready, PORTAL, **named(portal)))["replyId"]
    await board.run_all()

    assert subscriber.told == [("new-replies", [reply])]
    assert portal.told == [("new-events", [reply])]  # that the subscriber was told


async def test_a_subscriber_may_name_a_callback_of_its_own_for_a_reply(
    asked: Asked, board: Switchboard, portal: Listener, subscriber: Listener
) -> None:
    view = await submitted(asked)
    await board.run_all()
    subscriber.calls.clear()

    reply = (await replied(asked, view["caseId"], packed(asked), **named(portal)))["replyId"]
    await asked.send("PUT", f"{API}/replies/{reply}/accept")
    await board.run_all()

    assert portal.told == [("new-events", [reply])]
    assert subscriber.calls == []


async def test_a_reply_inherits_no_callback_from_the_submission_it_answers(
    asked: Asked, board: Switchboard, portal: Listener, subscriber: Listener
) -> None:
    view = await submitted(asked, **named(portal))
    reply = await replied(asked, view["caseId"], packed(asked))

    found = await asked.house.store.read(lambda tx: tx.messages.get(MessageId(reply["replyId"])))
    assert found.callback is None


async def test_the_same_callback_named_again_is_the_same_receiver_and_another_secret_is_not(
    asked: Asked, board: Switchboard, portal: Listener
) -> None:
    views = [await submitted(asked, **named(portal)) for _ in range(3)]
    other = await submitted(asked, **named(portal, "ein anderes Geheimnis"))
    await asked.get(f"{API}/submissions", SUBSCRIBER)
    await board.run_all()

    ids = [view["submissionId"] for view in views]
    assert sorted(portal.told) == sorted([("new-events", ids), ("new-events", [other["submissionId"]])])
    [first, second] = sorted(portal.calls, key=lambda call: len(call.told))
    assert second.is_authentic()
    assert first.is_authentic("ein anderes Geheimnis")


async def test_another_client_at_the_same_address_is_another_receiver(asked: Asked, portal: Listener) -> None:
    for client in (PORTAL, OTHER_PORTAL):
        body = creation(SEALED, **named(portal))
        assert (await asked.send("POST", f"{API}/submissions", client, json=body)).status_code == 201

    total, found = await asked.house.store.read(lambda tx: tx.receivers.page(troubled=False, offset=0, limit=9))
    assert total == 2
    assert {one.client for one in found} == {PORTAL, OTHER_PORTAL}


UNUSABLE: tuple[tuple[Any, str], ...] = (
    ({"url": "http://portal.example/", "secret": "s"}, "callback.url"),
    ({"url": "https://user:pass@portal.example/", "secret": "s"}, "callback.url"),
    ({"url": "ftp://portal.example/", "secret": "s"}, "callback.url"),
    ({"url": "https://", "secret": "s"}, "callback.url"),
    ({"url": 7, "secret": "s"}, "callback.url"),
    ({"url": "https://portal.example/", "secret": ""}, "callback.secret"),
    ({"url": "https://portal.example/", "secret": "x" * 513}, "callback.secret"),
    ({"url": "https://portal.example/", "secret": "line\nfeed"}, "callback.secret"),
    ({"url": "https://portal.example/"}, "callback.secret"),
    ({"secret": "s"}, "callback.url"),
    ("https://portal.example/", "callback"),
)


@pytest.mark.parametrize(("callback", "field"), UNUSABLE)
@pytest.mark.parametrize("kind", ["submissions", "replies"])
async def test_a_callback_that_cannot_be_used_is_refused_by_its_field_and_never_repeated(
    asked: Asked, kind: str, callback: Any, field: str
) -> None:
    case = "99999999-0000-4000-8000-999999999999"
    body = creation(SEALED, callback=callback) if kind == "submissions" else {"caseId": case, "callback": callback}
    answer = await asked.send("POST", f"{API}/{kind}", json=body)

    assert answer.status_code == 400
    assert field in answer.json()["detail"]
    assert "user:pass" not in answer.text
    assert "xxxx" not in answer.text
    assert (await asked.house.store.read(lambda tx: tx.receivers.tally())).notices == 0


async def test_no_callback_may_be_said_by_name(asked: Asked) -> None:
    assert (await asked.send("POST", f"{API}/submissions", json=creation(SEALED, callback=None))).status_code == 201


@pytest.mark.parametrize("client", [PORTAL, SUBSCRIBER])
async def test_a_secret_is_never_given_out(asked: Asked, portal: Listener, client: ClientId) -> None:
    view = await submitted(asked, **named(portal))
    paths = ("submissions", f"submissions/{view['submissionId']}", f"cases/{view['caseId']}", "cases")
    answers = [await asked.get(f"{API}/{path}", client) for path in paths]

    assert not any(SECRET in answer.text for answer in answers)
    _, [receiver] = await asked.house.store.read(lambda tx: tx.receivers.page(troubled=False, offset=0, limit=9))
    assert SECRET.encode() not in receiver.callback.sealed_secret
