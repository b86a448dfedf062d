"""What an operator sees of a submission: everything that happened, no content."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from store_samples import NOON, a_message, a_part, an_event

from amtsbote.admin.commands import run_command
from amtsbote.admin.office import Office, nobody_to_tell
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Transaction
from amtsbote.keys.vault import Vault
from amtsbote.model.deadletter import DeadLetter, Reason
from amtsbote.model.ids import DeadLetterId, DeliveryId, MessageId, TargetId, TenantId
from amtsbote.model.message import Delivery, DeliveryState, State
from amtsbote.model.shown import jsonable
from amtsbote.model.trace import StepRecord
from amtsbote.store import SqliteStore

STEP = StepRecord("address", 1, NOON, 1234, "held", {"rule": "gba · 14511 → amt", "version": "3"})
LETTER = DeadLetter(
    DeadLetterId("l1"), MessageId("m1"), None, TenantId("t1"), Reason.NOBODY_COMPETENT, {"version": "3"}, NOON
)
DELIVERY = Delivery(
    DeliveryId("z1"), MessageId("m1"), TenantId("t1"), TargetId("folder"), True, DeliveryState.PENDING, "AB-3001"
)


def a_life(tx: Transaction) -> None:
    tx.messages.add(a_message("m1", created_at=NOON), None)
    tx.messages.add(a_message("m2", created_at=NOON + timedelta(hours=1)), None)
    tx.parts.put(a_part("m1", "data"))
    tx.parts.put(a_part("m1", "metadata", inline=None, file="ab/cd.part"))
    tx.events.add(an_event("e1", "m1"))
    tx.deliveries.add([DELIVERY])
    tx.deadletters.open(LETTER)
    tx.traces.add(MessageId("m1"), [STEP])
    tx.messages.move(MessageId("m1"), State.ANNOUNCED, State.SUBMITTED, at=NOON)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    store = SqliteStore.open(tmp_path / "data", readers=1)
    await store.write(a_life)
    yield Office(store, Vault(bytes(32)), (), frozenset, {}, lambda: NOON, nobody_to_tell)
    await store.close()


async def asked(office: Office, command: str, **arguments: Any) -> dict[str, Any]:
    return await run_command(office, "uid:1", f"submissions.{command}", arguments)


async def test_the_list_shows_the_newest_first_and_counts_all(office: Office) -> None:
    first = await asked(office, "list", limit=1)
    assert (first["total"], [one["id"] for one in first["submissions"]]) == (2, ["m2"])
    second = await asked(office, "list", limit=1, offset=1)
    assert [one["id"] for one in second["submissions"]] == ["m1"]


async def test_the_list_can_be_narrowed_to_a_state(office: Office) -> None:
    found = await asked(office, "list", state="submitted")
    assert [(one["id"], one["state"]) for one in found["submissions"]] == [("m1", "submitted")]
    assert (await asked(office, "list", state="held"))["total"] == 0


async def test_one_submission_is_shown_with_everything_that_belongs_to_it(office: Office) -> None:
    shown = await asked(office, "show", id="m1")
    assert shown["submission"]["submitted_at"] == "2026-03-01T12:00:00.123Z"
    assert {part["id"]: part["inline"] for part in shown["parts"]} == {"data": True, "metadata": False}
    assert [(event["kind"], event["signed"]) for event in shown["events"]] == [("create", False)]
    assert shown["deliveries"] == [
        {"id": "z1", "target": "folder", "primary": True, "state": "pending", "failure": "AB-3001"}
    ]
    assert [letter["reason"] for letter in shown["deadletters"]] == ["nobody-competent"]


async def test_neither_bodies_nor_seals_are_shown(office: Office) -> None:
    text = orjson.dumps(await asked(office, "show", id="m1")).decode()
    assert "seal" not in text
    assert "payload" not in text
    assert "cd.part" not in text


async def test_the_trace_tells_every_step_with_its_rule(office: Office) -> None:
    assert (await asked(office, "trace", id="m1"))["steps"] == [
        {
            "step": "address",
            "attempt": 1,
            "started_at": "2026-03-01T12:00:00.123Z",
            "milliseconds": 1.234,
            "verdict": "held",
            "details": {"rule": "gba · 14511 → amt", "version": "3"},
        }
    ]


@pytest.mark.parametrize("command", ["show", "trace"])
async def test_an_unknown_submission_is_not_found(office: Office, command: str) -> None:
    with pytest.raises(CommandRefused) as caught:
        await asked(office, command, id="nobody")
    assert caught.value.code == "not-found"


def test_bytes_are_never_shown_by_accident() -> None:
    with pytest.raises(TypeError):
        jsonable({"body": b"x"})
