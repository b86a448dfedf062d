"""What a running installation tells of changed regions: destinations, and submissions that are not finished."""

import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from declaration_kit import DIRECT, SERVICE, TABLES, TOWN, DeclaringOffice, declaring_office
from store_samples import NOON, a_message

from amtsbote.admin.refusals import CommandRefused
from amtsbote.api.persistence import Transaction
from amtsbote.model.ids import MessageId
from amtsbote.model.message import State

Key = Callable[[str], RSAPrivateKey]
OLD, NEW = "145110000000", "145220999000"


@pytest.fixture
async def desk(tmp_path: Path, rsa_key: Key) -> AsyncIterator[DeclaringOffice]:
    async with declaring_office(tmp_path, rsa_key) as office:
        await office.apply(TOWN)
        yield office


async def affected(desk: DeclaringOffice, *steps: tuple[str, str | None]) -> dict[str, Any]:
    asked = [{"old": old, "new": new} for old, new in steps]
    return await desk.run("regions.affected", {"steps": asked})


async def test_the_tables_in_force_are_handed_out_as_they_are(desk: DeclaringOffice) -> None:
    answer = await desk.run("regions.tables", {})

    assert answer["version"] == 1
    assert base64.b64decode(answer["tables"]["gebiete"]).decode() == TABLES["gebiete.csv"]


async def test_without_tables_there_is_nothing_to_hand_out(tmp_path: Path, rsa_key: Key) -> None:
    async with declaring_office(tmp_path, rsa_key) as empty:
        with pytest.raises(CommandRefused) as caught:
            await empty.run("regions.tables", {})
    assert caught.value.code == "not-found"


async def test_a_destination_that_names_the_old_key_is_told(desk: DeclaringOffice) -> None:
    answer = await affected(desk, (OLD, NEW), ("145225102060", None))

    assert [
        (one["destination"], one["service"], one["old"], one["new"], one["named"]) for one in answer["destinations"]
    ] == [(DIRECT, SERVICE, OLD, NEW, True)]


async def test_a_destination_that_serves_the_district_left_is_told(desk: DeclaringOffice) -> None:
    await desk.apply(TOWN.replace('regions = ["145110000000"]', 'regions = ["14522"]'))

    left = await affected(desk, ("145225102060", "145110000000"))
    stays = await affected(desk, ("145225102060", "145220999000"), ("145225102061", None))

    assert [(one["old"], one["named"]) for one in left["destinations"]] == [("145225102060", False)]
    assert stays["destinations"] == []


async def test_submissions_that_are_not_finished_are_told_and_others_are_not(desk: DeclaringOffice) -> None:
    def write(tx: Transaction) -> None:
        for name, region in (("old", OLD), ("held", OLD), ("done", OLD), ("other", "145225102060"), ("none", None)):
            tx.messages.add(a_message(name, region=region, announced=()), None)
            tx.messages.move(MessageId(name), State.ANNOUNCED, State.SUBMITTED, at=NOON)
        tx.messages.move(MessageId("held"), State.SUBMITTED, State.HELD, at=NOON)
        tx.messages.move(MessageId("done"), State.SUBMITTED, State.ACCEPTED, at=NOON)

    await desk.office.store.write(write)
    answer = await affected(desk, (OLD, NEW))

    assert answer["total"] == 2
    assert {(one["id"], one["state"], one["old"]) for one in answer["submissions"]} == {
        ("old", "submitted", OLD),
        ("held", "held", OLD),
    }


async def test_what_is_no_key_is_refused(desk: DeclaringOffice) -> None:
    with pytest.raises(CommandRefused) as caught:
        await affected(desk, ("Chemnitz", None))
    assert caught.value.code == "arguments"
