"""The event log of a case, and what the subscriber of an end-to-end destination may do."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import structlog
from application_kit import Application, Enclosure, sign
from front_for_tests import JOSE, NOBODY, Asked, sent
from house_for_tests import (
    DIRECT,
    OTHER_PORTAL,
    SEALED,
    STRANGER,
    SUBSCRIBER,
)

from amtsbote.api.persistence import Transaction
from amtsbote.model.ids import KeyId, MessageId
from amtsbote.model.message import State

BOTH = pytest.mark.parametrize("version", ["v1", "v2"])
PHOTO = Enclosure(b"p" * 300_000, "Eiche.jpg", "image/jpeg", "aaaaaaaa-0000-4000-8000-000000000001")


@BOTH
async def test_the_log_of_a_case_is_signed_when_it_is_read_each_event_once(asked: Asked, version: str) -> None:
    view, _ = await sent(asked, Application(DIRECT), version)
    signed: list[KeyId] = []
    sign_once = asked.house.keystore.sign
    asked.house.keystore.sign = lambda kid, data: signed.append(kid) or sign_once(kid, data)  # type: ignore[method-assign, func-returns-value]

    path = f"/submission-api/{version}/cases/{view['caseId']}/events"
    signing = asyncio.create_task(asked.house.log.sign_some(16))
    logs = await asyncio.gather(*(asked.get(path) for _ in range(4)))
    await signing
    of_submission = f"/submission-api/{version}/submissions/{view['submissionId']}/events"
    by_submission = await asked.get(f"{of_submission}?offset=1&limit=1")

    assert len({log.text for log in logs}) == 1
    assert len(signed) == 2
    assert by_submission.json() == {
        "offset": 1, "count": 1, "totalCount": 2, "eventLog": logs[0].json()["eventLog"][1:],
    }  # fmt: skip
    assert (await asked.get(path, OTHER_PORTAL)).json()["code"] == "AB-1010"


def set_about(asked: Asked, view: dict[str, str], **changes: Any) -> str:
    """An accept event as the subscriber of the end-to-end destination signs it."""
    events = "https://schema.fitko.de/fit-connect/events/"
    claims = {
        "jti": str(uuid4()),
        "iss": SEALED,
        "iat": int(asked.house.clock().timestamp()),
        "sub": f"submission:{view['submissionId']}",
        "txn": f"case:{view['caseId']}",
        "events": {f"{events}{changes.pop('event', 'accept-submission')}": {}},
        **changes,
    }
    key = asked.house.keys.signing_jwk(changes.pop("signer", "leipzig-signing"))
    header = {"typ": "secevent+jwt", "alg": "PS512", "kid": key.thumbprint()}
    return sign(json.dumps(claims).encode(), header, key)


async def test_an_event_from_the_future_by_our_clock_is_refused_and_taken_when_it_is_time(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    later = set_about(asked, view, iat=int((asked.house.clock() + timedelta(minutes=6)).timestamp()))
    path = f"/submission-api/v2/cases/{view['caseId']}/events"

    refused = await asked.send("POST", path, SUBSCRIBER, type=JOSE, content=later)
    asked.house.clock.passes(timedelta(minutes=2))
    taken = await asked.send("POST", path, SUBSCRIBER, type=JOSE, content=later)

    assert (refused.status_code, taken.status_code) == (422, 204)
    assert "iat" in refused.json()["detail"]


@BOTH
async def test_a_subscriber_lists_fetches_and_accepts_what_is_its_own(asked: Asked, version: str) -> None:
    view, ready = await sent(asked, Application(SEALED, enclosures=(PHOTO,)), version)
    api = f"/submission-api/{version}/submissions"

    listed = (await asked.get(f"{api}?destinationId={SEALED}", SUBSCRIBER)).json()
    fetched = (await asked.get(f"{api}/{view['submissionId']}", SUBSCRIBER)).json()
    photo = await asked.get(f"{api}/{view['submissionId']}/attachments/{PHOTO.id}", SUBSCRIBER)

    assert listed == {"offset": 0, "count": 1, "totalCount": 1, "submissions": [view]}
    assert (fetched["encryptedMetadata"], fetched["encryptedData"]) == (ready.metadata, ready.data)
    assert photo.text == ready.attachments[PHOTO.id]

    events = f"/submission-api/{version}/cases/{view['caseId']}/events"
    accept = set_about(asked, view)
    for _ in range(2):
        assert (await asked.send("POST", events, SUBSCRIBER, type=JOSE, content=accept)).status_code == 204
    second = await asked.send("POST", events, SUBSCRIBER, type=JOSE, content=set_about(asked, view))
    assert (second.status_code, second.json()["code"]) == (409, "AB-1114")
    assert (await asked.get(events)).json()["totalCount"] == 4  # and the notification by polling
    assert (await asked.get(events)).json()["eventLog"][-1] == accept


async def test_a_put_that_is_repeated_after_its_content_was_deleted_hears_just_that(asked: Asked) -> None:
    view, ready = await sent(asked, Application(SEALED, enclosures=(PHOTO,)))
    message, house = MessageId(view["submissionId"]), asked.house

    def deleted(tx: Transaction) -> tuple[str, ...]:
        tx.messages.move(message, State.SUBMITTED, State.REJECTED, at=house.clock())
        tx.messages.move(message, State.REJECTED, State.DELETED, at=house.clock())
        return tx.parts.drop(message)

    await house.store.write(deleted)
    path = f"/submission-api/v2/submissions/{message}"
    token = ready.attachments[PHOTO.id]
    answers = (
        await asked.send("PUT", f"{path}/attachments/{PHOTO.id}", type=JOSE, content=token),
        await asked.send("PUT", path, json={"encryptedMetadata": ready.metadata, "encryptedData": ready.data}),
    )

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(410, "AB-1013")] * 2


async def test_nobody_fetches_what_is_not_theirs_or_not_there(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED, enclosures=(PHOTO,)))
    open_one, _ = await sent(asked, Application(DIRECT))
    announced = await asked.house.announced(Application(SEALED))
    api = "/submission-api/v2/submissions"

    for path, client, code in (
        (f"{api}/{view['submissionId']}", STRANGER, "AB-1005"),
        (f"{api}/{open_one['submissionId']}", SUBSCRIBER, "AB-1005"),
        (f"{api}/{announced.id}", SUBSCRIBER, "AB-1005"),
        (f"{api}/{view['submissionId']}/attachments/{NOBODY}", SUBSCRIBER, "AB-1011"),
        (f"/submission-api/v2/cases/{view['caseId']}/events", STRANGER, "AB-1010"),
    ):
        assert (await asked.get(path, client)).json()["code"] == code
    assert (await asked.get(api, STRANGER)).json()["totalCount"] == 0


async def test_a_set_that_does_not_fit_is_refused_and_changes_nothing(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    other, _ = await sent(asked, Application(SEALED))
    used = str(uuid4())
    path = f"/submission-api/v2/cases/{view['caseId']}/events"
    accepted = await asked.send(
        "POST", f"/submission-api/v2/cases/{other['caseId']}/events", SUBSCRIBER, type=JOSE,
        content=set_about(asked, other, jti=used),
    )  # fmt: skip
    assert accepted.status_code == 204

    for token, code in (
        (set_about(asked, view, jti=used), "AB-1113"),
        (set_about(asked, view, iss=DIRECT), "AB-1113"),
        (set_about(asked, view, event="submit-submission"), "AB-1113"),
        (set_about(asked, view, signer="chemnitz-signing"), "AB-1113"),
        (set_about(asked, view, signer="service-events"), "AB-1113"),
        (set_about(asked, view, txn=f"case:{other['caseId']}"), "AB-1113"),
        (set_about(asked, other), "AB-1010"),
        (set_about(asked, view)[:-4] + "AAAA", "AB-1113"),
        ("a.b.c", "AB-1113"),
        ("x" * 300_000, "AB-1104"),
    ):
        answer = await asked.send("POST", path, SUBSCRIBER, type=JOSE, content=token)
        assert answer.json()["code"] == code, answer.text
    assert (await asked.send("POST", path, type=JOSE, content=set_about(asked, view))).json()["code"] == "AB-1002"
    assert (await asked.get(path)).json()["totalCount"] == 2


async def test_a_lost_attachment_is_an_error_and_not_half_an_answer(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED, enclosures=(PHOTO,)))
    for file in asked.house.body_files():
        file.unlink()

    path = f"/submission-api/v2/submissions/{view['submissionId']}/attachments/{PHOTO.id}"
    with structlog.testing.capture_logs() as logged:
        answer = await asked.get(path, SUBSCRIBER)

    assert answer.status_code == 500
    assert [entry["event"] for entry in logged] == ["request.failed"]
