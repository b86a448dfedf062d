"""What operators see of receivers of callbacks, and how they start one again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from store_samples import MINUTE, NOON, a_message, a_notice, a_receiver, submitted

from amtsbote.admin.commands import run_command
from amtsbote.admin.doctor_callbacks import standings
from amtsbote.admin.office import Office, nobody_to_tell
from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.notices import Tally
from amtsbote.api.persistence import Page, Transaction
from amtsbote.keys.vault import Vault
from amtsbote.model.callback import Standing
from amtsbote.model.ids import ReceiverId
from amtsbote.model.job import JobKind
from amtsbote.model.shown import jsonable
from amtsbote.store import SqliteStore

FAILING = Standing(NOON, None, NOON, "timeout", 7)
STOPPED = replace(FAILING, stopped_at=NOON + MINUTE)


def some_receivers(tx: Transaction) -> None:
    submitted(tx, a_message())
    for name in ("well", "failing", "stopped"):
        tx.receivers.add(a_receiver(name))
        tx.notices.add(a_notice(name))
    tx.receivers.keep(ReceiverId("failing"), a_receiver().callback, FAILING)
    tx.receivers.keep(ReceiverId("stopped"), a_receiver().callback, STOPPED)
    tx.receivers.keep(ReceiverId("d1"), a_receiver().callback, Standing(NOON))
    tx.jobs.add(JobKind.CALLBACK, "failing", NOON + 60 * MINUTE)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    store = SqliteStore.open(tmp_path / "data", readers=1)
    await store.write(some_receivers)
    yield Office(store, Vault(bytes(32)), (), frozenset, {}, lambda: NOON, nobody_to_tell)
    await store.close()


async def asked(office: Office, command: str, **arguments: Any) -> dict[str, Any]:
    return await run_command(office, "uid:7", f"callbacks.{command}", arguments)


async def test_those_in_trouble_are_listed_newest_first_and_all_on_demand(office: Office) -> None:
    troubled = await asked(office, "list")
    everybody = await asked(office, "list", everybody=True, limit=3)

    assert [(one["id"], one["state"]) for one in troubled["callbacks"]] == [
        ("stopped", "stopped"),
        ("failing", "failing"),
    ]
    assert (everybody["total"], [one["id"] for one in everybody["callbacks"]]) == (4, ["d1", "stopped", "failing"])


async def test_a_receiver_is_shown_with_everything_but_its_secret(office: Office) -> None:
    shown = (await asked(office, "show", id="failing"))["callback"]
    destination = (await asked(office, "show", id="d1"))["callback"]

    assert shown == {
        "id": "failing",
        "client": "s1",
        "destination": None,
        "url": "https://portal.example/callback",
        "state": "failing",
        "waiting": 1,
        "told_at": jsonable(NOON),
        "rest_until": None,
        "failing_since": jsonable(NOON),
        "failure": "timeout",
        "tries": 7,
        "stopped_at": None,
    }
    assert (destination["client"], destination["destination"], destination["state"]) == (None, "d1", "working")


@pytest.mark.parametrize("name", ["failing", "stopped", "well"])
async def test_one_that_is_started_again_is_called_at_once_with_its_whole_time(office: Office, name: str) -> None:
    answer = await asked(office, "retry", id=name)

    assert (answer["callback"]["state"], answer["callback"]["tries"]) == ("working", 0)
    jobs = await office.store.write(lambda tx: tx.jobs.claim([JobKind.CALLBACK], 9, now=NOON, lease=MINUTE))
    assert [(job.reference, job.attempt) for job in jobs] == [(name, 1)]
    [row] = await office.store.read(lambda tx: tx.audit.page(Page(0, 9)))
    assert (row.actor, row.action, row.subject) == ("uid:7", "callback.retried", f"receiver:{name}")
    assert "secret" not in str(row)


async def test_nobody_is_called_for_whom_nothing_waits(office: Office) -> None:
    await asked(office, "retry", id="d1")

    assert await office.store.write(lambda tx: tx.jobs.claim([JobKind.CALLBACK], 9, now=NOON, lease=MINUTE)) == ()


@pytest.mark.parametrize("command", ["show", "retry"])
async def test_an_unknown_receiver_is_refused_in_both_languages(office: Office, command: str) -> None:
    with pytest.raises(CommandRefused) as caught:
        await asked(office, command, id="nobody")

    assert caught.value.code == "not-found"
    assert caught.value.de != caught.value.en
    assert "nobody" in caught.value.de


def test_doctor_tells_of_those_given_up_and_not_of_those_that_may_come_back() -> None:
    assert standings(Tally(3, 2, 9)) == {"failing": 3, "stopped": 2}
