"""A destination's keys change while senders and subscribers are in the middle of something."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from application_kit import Application, Enclosure, Sealed, sign
from front_for_tests import JOSE, Asked, creation, sent
from house_for_tests import DIRECT, SEALED, SUBSCRIBER, House, with_entries

from amtsbote.api.persistence import Page
from amtsbote.model.directory import SETTLING, KeyPurpose
from amtsbote.model.ids import DestinationId
from amtsbote.model.job import JobKind
from amtsbote.model.message import State
from amtsbote.runner.process import process_job
from schemas.registry import SchemaRegistry

API = "/submission-api/v2/submissions"
PLAIN = Application(DIRECT)
_ALL = Page(0, 10)
PHOTO = Enclosure(b"p" * 300_000, "Eiche.jpg", "image/jpeg", "aaaaaaaa-0000-4000-8000-000000000001")


def rotate(house: House, at: datetime, **changes: Any) -> None:
    """The direct destination takes another key; `changes` are made to the entry of the former."""
    former = house.keys.entry("chemnitz-encryption", KeyPurpose.ENCRYPTION, DIRECT, "chemnitz")
    new = house.keys.entry("second", KeyPurpose.ENCRYPTION, DIRECT, "chemnitz")
    place = replace(house.directory.destinations[DestinationId(DIRECT)], encryption_key=new.kid)
    keys = (replace(former, replaced_at=at, **changes), new)
    house.directory = with_entries(house.directory, destinations=[place], keys=keys)
    house.keystore.replace(house.directory.keys.values())


async def announced(asked: Asked, ready: Sealed) -> str:
    answer = await asked.send("POST", API, json=creation(announcedAttachments=list(ready.attachments)))
    return str(answer.json()["submissionId"])


async def submitted(asked: Asked, submission: str, ready: Sealed) -> tuple[int, str | None]:
    body = {"encryptedMetadata": ready.metadata, "encryptedData": ready.data}
    answer = await asked.send("PUT", f"{API}/{submission}", json=body)
    return answer.status_code, answer.json().get("code")


async def test_what_was_announced_before_is_taken_and_opened_with_the_former_key(
    asked: Asked, bundled_schemas: SchemaRegistry
) -> None:
    house = asked.house
    house.schemas = bundled_schemas
    ready = house.sealed(PLAIN.but(enclosures=(PHOTO,)))
    submission = await announced(asked, ready)
    house.clock.passes(timedelta(seconds=1))
    rotate(house, house.clock())

    for name, token in ready.attachments.items():
        path = f"{API}/{submission}/attachments/{name}"
        assert (await asked.send("PUT", path, type=JOSE, content=token)).status_code == 204
    assert await submitted(asked, submission, ready) == (200, None)
    await process_job(await house.claimed(JobKind.PROCESS), house.shop)
    [message] = (await house.store.read(lambda tx: tx.messages.page(None, _ALL)))[1]
    assert message.state is State.DELIVERING


@pytest.mark.parametrize("retired", [True, False])
async def test_the_former_key_is_refused_for_later_announcements_and_once_it_is_retired(
    asked: Asked, retired: bool
) -> None:
    ready = asked.house.sealed(PLAIN)
    now = asked.house.clock()
    rotate(asked.house, now, retired_at=now if retired else None)
    if not retired:
        asked.house.clock.passes(SETTLING + timedelta(seconds=1))
    assert await submitted(asked, await announced(asked, ready), ready) == (422, "AB-1107")


async def test_who_fetched_the_key_right_before_its_rotation_is_not_refused(asked: Asked) -> None:
    ready = asked.house.sealed(PLAIN)
    rotate(asked.house, asked.house.clock())
    asked.house.clock.passes(SETTLING)
    assert await submitted(asked, await announced(asked, ready), ready) == (200, None)


async def test_the_public_half_of_a_retired_key_stays_where_it_was(asked: Asked) -> None:
    now = asked.house.clock()
    rotate(asked.house, now, retired_at=now, sealed_private=None)
    kid = asked.house.keys.kid("chemnitz-encryption")
    answer = await asked.get(f"{API.replace('submissions', 'destinations')}/{DIRECT}/keys/{kid}", None)
    assert (answer.status_code, answer.json()["kid"]) == (200, kid)


async def test_a_subscriber_signs_no_new_event_with_a_retired_key(asked: Asked) -> None:
    view, _ = await sent(asked, Application(SEALED))
    kid = asked.house.keys.kid("leipzig-signing")
    retired = replace(asked.house.directory.keys[kid], retired_at=asked.house.clock())
    asked.house.directory = with_entries(asked.house.directory, keys=[retired])
    answer = await asked.send(
        "POST", f"/submission-api/v2/cases/{view['caseId']}/events", SUBSCRIBER, type=JOSE, content=_accept(asked, view)
    )
    assert answer.json()["code"] == "AB-1113"
    assert (await asked.get(f"/submission-api/v2/cases/{view['caseId']}/events")).json()["totalCount"] == 2


def _accept(asked: Asked, view: dict[str, str]) -> str:
    claims = {
        "jti": str(uuid4()),
        "iss": SEALED,
        "iat": int(asked.house.clock().timestamp()),
        "sub": f"submission:{view['submissionId']}",
        "txn": f"case:{view['caseId']}",
        "events": {"https://schema.fitko.de/fit-connect/events/accept-submission": {}},
    }
    key = asked.house.keys.signing_jwk("leipzig-signing")
    return sign(orjson.dumps(claims), {"typ": "secevent+jwt", "alg": "PS512", "kid": key.thumbprint()}, key)
