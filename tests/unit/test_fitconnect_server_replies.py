"""Replies in a case of an end-to-end destination, both ways, as both sides see them over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from application_kit import Application, Enclosure, Sealed
from front_for_tests import JOSE, NOBODY, Asked, sent
from house_for_tests import DIRECT, OTHER_PORTAL, PORTAL, SEALED, STRANGER, SUBSCRIBER
from replies_for_tests import packed, replied
from set_for_tests import event_names, events_of, set_of

from amtsbote.model.ids import MessageId
from amtsbote.model.job import JobKind
from amtsbote.model.message import State
from amtsbote.runner.expire import expire_job

DECISION = Enclosure(b"%PDF" * 50_000, "Bescheid.pdf", "application/pdf", "bbbbbbbb-0000-4000-8000-000000000001")
API = "/submission-api/v2"


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_the_portal_lists_fetches_and_accepts_a_decision(asked: Asked, version: str) -> None:
    api = f"/submission-api/{version}"
    view, _ = await sent(asked, Application(SEALED), version)
    ready = packed(asked, "chemnitz-encryption", DECISION)
    reply = await replied(asked, view["caseId"], ready, version=version)

    listed = (await asked.get(f"{api}/replies")).json()
    fetched = (await asked.get(f"{api}/replies/{reply['replyId']}")).json()
    attachment = await asked.get(f"{api}/replies/{reply['replyId']}/attachments/{DECISION.id}")
    accepted = await asked.send("PUT", f"{api}/replies/{reply['replyId']}/accept")
    again = await asked.send("PUT", f"{api}/replies/{reply['replyId']}/accept")

    assert reply == {"replyId": reply["replyId"], "caseId": view["caseId"], "destinationId": SEALED}
    assert (listed["totalCount"], listed["replies"]) == (1, [reply])
    assert fetched == {
        **reply, "attachments": [DECISION.id], "encryptedMetadata": ready.metadata, "encryptedData": ready.data,
    }  # fmt: skip
    assert (attachment.headers["content-type"], attachment.text) == (JOSE, ready.attachments[DECISION.id])
    assert (accepted.status_code, again.status_code) == (204, 204)
    names = await event_names(asked, view["caseId"])
    assert names[2:] == ["create-reply", "submit-reply", "notify-reply", "accept-reply"]
    assert (await asked.get(f"{api}/replies")).json()["totalCount"] == 0
    of_reply = await asked.get(f"{api}/replies/{reply['replyId']}/events", SUBSCRIBER)
    assert of_reply.json() == (await asked.get(f"{api}/cases/{view['caseId']}/events")).json()


async def test_events_of_a_reply_are_signed_by_the_service_and_carry_its_tags(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    ready = packed(asked, "chemnitz-encryption", DECISION)
    reply = await replied(asked, view["caseId"], ready)
    await asked.send("PUT", f"{API}/replies/{reply['replyId']}/accept")

    created, submitted, accepted = (await events_of(asked, view["caseId"]))[2:]

    for event in (created, submitted, accepted):
        assert (event["sub"], event["txn"]) == (f"reply:{reply['replyId']}", f"case:{view['caseId']}")
        assert event["iss"].endswith("/submission-api")
    for event, name in ((submitted, "submit-reply"), (accepted, "accept-reply")):
        [(uri, body)] = event["events"].items()
        assert uri.endswith(f"/{name}")
        assert body == {"authenticationTags": ready.tags()}


async def test_a_portal_rejects_with_its_own_words(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    reply = await replied(asked, view["caseId"], packed(asked))
    problem = {"type": "https://portal.example/unreadable", "title": "Unlesbar", "detail": "leer", "instance": "data"}
    path = f"{API}/replies/{reply['replyId']}"

    bare = await asked.send("PUT", f"{path}/reject", json={"problems": []})
    rejected = await asked.send("PUT", f"{path}/reject", json={"problems": [{**problem, "more": "is dropped"}]})
    late = await asked.send("PUT", f"{path}/accept")

    assert (bare.status_code, bare.json()["code"]) == (400, "AB-1102")
    assert rejected.status_code == 204
    assert (late.status_code, late.json()["code"]) == (409, "AB-1114")
    [(uri, body)] = (await events_of(asked, view["caseId"]))[-1]["events"].items()
    assert (uri.rsplit("/", 1)[1], body) == ("reject-reply", {"problems": [problem]})


async def test_a_rejection_is_answered_with_nothing(asked: Asked) -> None:
    """Acknowledgement and rejection are events of a message, and only messages are judged: no loop can begin."""
    view, _ = await sent(asked, Application(SEALED))
    reply = await replied(asked, view["caseId"], packed(asked))
    problem = {"type": "https://portal.example/unreadable", "title": "Unlesbar", "detail": "leer", "instance": "data"}
    work = await asked.house.store.read(lambda tx: tx.jobs.counts())
    written = await event_names(asked, view["caseId"])

    for _ in range(2):
        rejected = await asked.send("PUT", f"{API}/replies/{reply['replyId']}/reject", json={"problems": [problem]})
        assert rejected.status_code == 204

    said = await event_names(asked, view["caseId"])
    assert [name for name in said if name != "notify-reply"] == [*written, "reject-reply"]
    assert await asked.house.store.read(lambda tx: tx.jobs.counts()) == work


async def test_the_subscriber_receives_and_accepts_a_reply_of_the_portal(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    ready = packed(asked, "leipzig-encryption")
    reply = await replied(asked, view["caseId"], ready, PORTAL)

    listed = (await asked.get(f"{API}/replies", SUBSCRIBER)).json()["replies"]
    fetched = (await asked.get(f"{API}/replies/{reply['replyId']}", SUBSCRIBER)).json()
    event = set_of(asked, view["caseId"], f"reply:{reply['replyId']}", "accept-reply", ready.tags())
    written = await asked.send("POST", f"{API}/cases/{view['caseId']}/events", SUBSCRIBER, type=JOSE, content=event)
    by_endpoint = await asked.send("PUT", f"{API}/replies/{reply['replyId']}/accept", SUBSCRIBER)

    assert listed == [reply]
    assert fetched["encryptedData"] == ready.data
    assert written.status_code == 204
    assert by_endpoint.status_code == 403  # whoever has a key signs with it
    assert (await event_names(asked, view["caseId"]))[-1] == "accept-reply"
    message = await asked.house.store.read(lambda tx: tx.messages.get(MessageId(reply["replyId"])))
    assert message.state is State.ACCEPTED


async def test_a_subscriber_forwards_once_and_may_still_accept(asked: Asked) -> None:
    view, ready = await sent(asked, Application(SEALED))
    sub, path = f"submission:{view['submissionId']}", f"{API}/cases/{view['caseId']}/events"
    events = [
        set_of(asked, view["caseId"], sub, "forward-submission", None),
        set_of(asked, view["caseId"], sub, "forward-submission", None),
        set_of(asked, view["caseId"], sub, "accept-submission", ready.tags()),
        set_of(asked, view["caseId"], sub, "forward-submission", None),
    ]

    answers = [await asked.send("POST", path, SUBSCRIBER, type=JOSE, content=event) for event in events]

    assert [answer.status_code for answer in answers] == [204, 409, 204, 409]
    assert "nur einmal" in answers[1].json()["detail"]
    names = await event_names(asked, view["caseId"])
    assert names == ["create-submission", "submit-submission", "forward-submission", "accept-submission"]


async def test_whoever_was_shown_a_message_has_been_notified_of_it_once(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    for _ in range(3):
        assert (await asked.get(f"{API}/submissions", SUBSCRIBER)).json()["totalCount"] == 1

    notified = (await events_of(asked, view["caseId"]))[2:]

    [(uri, body)] = notified[0]["events"].items()
    assert (len(notified), uri.rsplit("/", 1)[1], body) == (1, "notify-submission", {"notifyType": "polling"})


async def test_what_is_accepted_while_it_is_being_listed_has_no_event_after_its_end(asked: Asked) -> None:
    view, ready = await sent(asked, Application(SEALED))
    accept = set_of(asked, view["caseId"], f"submission:{view['submissionId']}", "accept-submission", ready.tags())
    store = asked.house.store
    write = store.write

    async def accepted_first(*unit: Any, **more: Any) -> Any:
        store.write = write  # type: ignore[method-assign]
        path = f"{API}/cases/{view['caseId']}/events"
        assert (await asked.send("POST", path, SUBSCRIBER, type=JOSE, content=accept)).status_code == 204
        return await write(*unit, **more)

    store.write = accepted_first  # type: ignore[method-assign]
    assert (await asked.get(f"{API}/submissions", SUBSCRIBER)).json()["totalCount"] == 1

    assert await event_names(asked, view["caseId"]) == ["create-submission", "submit-submission", "accept-submission"]


async def test_nobody_who_has_no_part_in_a_case_learns_of_it(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    reply = await replied(asked, view["caseId"], packed(asked))
    path = f"{API}/replies/{reply['replyId']}"

    for stranger in (OTHER_PORTAL, STRANGER):
        announced = await asked.send("POST", f"{API}/replies", stranger, json={"caseId": view["caseId"]})
        answers = [
            await asked.get(address, stranger) for address in (path, f"{path}/events", f"{path}/attachments/{NOBODY}")
        ]
        nowhere = await asked.get(f"{API}/replies/{NOBODY}", stranger)
        assert (announced.status_code, announced.json()["code"]) == (404, "AB-1010")
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].json() == nowhere.json() | {
            "detail": nowhere.json()["detail"].replace(NOBODY, reply["replyId"]),
            "instance": path,
        }
        assert (await asked.get(f"{API}/replies", stranger)).json()["replies"] == []
        assert (await asked.get(f"{API}/cases", stranger)).json()["cases"] == []


async def test_whoever_wrote_a_reply_neither_fetches_nor_decides_it(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    theirs = await replied(asked, view["caseId"], packed(asked))
    ours = await replied(asked, view["caseId"], packed(asked, "leipzig-encryption"), PORTAL)

    own = await asked.get(f"{API}/replies/{ours['replyId']}")
    decided = await asked.send("PUT", f"{API}/replies/{ours['replyId']}/accept")
    foreign = await asked.send(
        "PUT", f"{API}/replies/{theirs['replyId']}", json={"encryptedMetadata": "x", "encryptedData": "x"}
    )
    as_submission = await asked.get(f"{API}/submissions/{ours['replyId']}", SUBSCRIBER)

    assert [answer.status_code for answer in (own, decided, foreign, as_submission)] == [404] * 4


async def test_an_unfinished_reply_is_seen_by_nobody_and_expires(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    body = {"caseId": view["caseId"], "announcedAttachments": [DECISION.id]}
    reply = (await asked.send("POST", f"{API}/replies", SUBSCRIBER, json=body)).json()
    path, ready = f"{API}/replies/{reply['replyId']}", packed(asked, "chemnitz-encryption", DECISION)

    early = await asked.get(path)
    incomplete = await asked.send(
        "PUT", path, SUBSCRIBER, json={"encryptedMetadata": ready.metadata, "encryptedData": ready.data}
    )
    stray = await asked.send("PUT", f"{path}/attachments/{NOBODY}", SUBSCRIBER, type=JOSE, content=ready.data)
    asked.house.clock.passes(timedelta(days=2))
    await expire_job(await asked.house.claimed(JobKind.EXPIRE), asked.house.shop)

    assert (early.status_code, (await asked.get(f"{API}/replies")).json()["totalCount"]) == (404, 0)
    assert (incomplete.status_code, DECISION.id in incomplete.json()["detail"]) == (422, True)
    assert (stray.status_code, NOBODY in stray.json()["detail"]) == (422, True)
    assert (await event_names(asked, view["caseId"]))[-1] == "delete-reply"


async def test_a_repeated_put_is_the_same_and_other_bytes_are_refused(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    ready, other = packed(asked), packed(asked)
    reply = await replied(asked, view["caseId"], ready)
    path = f"{API}/replies/{reply['replyId']}"

    def put(one: Sealed) -> Any:
        return asked.send("PUT", path, SUBSCRIBER, json={"encryptedMetadata": one.metadata, "encryptedData": one.data})

    same, different = await put(ready), await put(other)

    assert (same.status_code, same.json()) == (200, reply)
    assert (different.status_code, different.json()["code"]) == (409, "AB-1110")
    assert (await asked.get(path)).json()["encryptedData"] == ready.data
    assert (await event_names(asked, view["caseId"])).count("submit-reply") == 1


async def test_a_destination_without_the_channel_takes_no_replies(asked: Asked) -> None:
    view, _ = await sent(asked, Application(DIRECT))

    refused = await asked.send("POST", f"{API}/replies", json={"caseId": view["caseId"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "AB-1014")


async def test_a_case_without_a_submission_takes_no_replies(asked: Asked) -> None:
    created = await asked.send("POST", f"{API}/submissions", json=announcement())

    refused = await asked.send("POST", f"{API}/replies", SUBSCRIBER, json={"caseId": created.json()["caseId"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "AB-1015")


@pytest.mark.parametrize(("version", "service"), [("v1", "serviceType"), ("v2", "publicService")])
async def test_both_sides_see_their_cases(asked: Asked, version: str, service: str) -> None:
    api = f"/submission-api/{version}"
    first, _ = await sent(asked, Application(SEALED), version)
    second, _ = await sent(asked, Application(SEALED), version)
    reply = await replied(asked, first["caseId"], packed(asked), version=version)

    for client in (PORTAL, SUBSCRIBER):
        listed = (await asked.get(f"{api}/cases", client)).json()
        shown = (await asked.get(f"{api}/cases/{first['caseId']}", client)).json()
        assert [case["caseId"] for case in listed["cases"]] == [second["caseId"], first["caseId"]]
        assert shown == {
            **listed["cases"][1],
            "submissionIds": [first["submissionId"]],
            "replyIds": [reply["replyId"]],
        }
        assert shown[service]["identifier"].endswith("99093003001002")
    assert (await asked.get(f"{api}/cases/{NOBODY}")).json()["code"] == "AB-1010"


def announcement() -> dict[str, Any]:
    service = {"identifier": "urn:de:fim:leika:leistung:99093003001002", "name": "Baum"}
    return {"destinationId": SEALED, "announcedAttachments": [], "publicService": service}
