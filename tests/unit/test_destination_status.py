"""What a destination's status allows, and what it leaves as it is."""

from dataclasses import replace

import pytest
from application_kit import CHEMNITZ, TREE_FELLING, Application
from front_for_tests import Asked
from house_for_tests import SEALED, SUBSCRIBER, House, with_entries

from amtsbote.errors import RequestRefused, table
from amtsbote.mailroom import Announcement
from amtsbote.model.directory import Status
from amtsbote.model.message import MessageKind, State
from amtsbote.model.stage import Stage

WISH = Announcement(SEALED, TREE_FELLING, "Baum", CHEMNITZ, None, ())


def switch(house: House, status: Status, stage: Stage = Stage.LIVE) -> None:
    changed = replace(house.directory.destinations[SEALED], status=status, stage=stage)
    house.directory = with_entries(house.directory, destinations=[changed])


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACTIVE])
async def test_only_an_active_destination_takes_new_submissions(house: House, status: Status) -> None:
    switch(house, status)
    with pytest.raises(RequestRefused) as refusal:
        await house.sending.announce(house.client(), WISH)
    assert refusal.value.problem.type is table.DESTINATION_INACTIVE

    switch(house, Status.ACTIVE)
    assert (await house.sending.announce(house.client(), WISH)).state is State.ANNOUNCED


async def test_what_was_announced_before_is_completed_fetched_and_listed(house: House) -> None:
    application = Application(SEALED)
    message, ready = await house.announced(application), house.sealed(application)
    switch(house, Status.INACTIVE)

    await house.submit(message, ready)
    subscriber = house.client(SUBSCRIBER)
    fetched, _ = await house.receiving.fetch(subscriber, MessageKind.SUBMISSION, message.id)

    assert (fetched.id, fetched.state) == (message.id, State.SUBMITTED)


@pytest.mark.parametrize(
    ("status", "stage", "told"),
    [
        (Status.CREATED, Stage.LIVE, "created"),
        (Status.ACTIVE, Stage.LIVE, "active"),
        (Status.ACTIVE, Stage.TEST, "active"),
        (Status.ACTIVE, Stage.OFF, "inactive"),
        (Status.INACTIVE, Stage.LIVE, "inactive"),
        (Status.DECOMMISSIONED, Stage.OFF, "decommissioned"),
    ],
)
async def test_a_sender_is_told_one_status_whoever_switched(
    asked: Asked, status: Status, stage: Stage, told: str
) -> None:
    switch(asked.house, status, stage)

    for version in ("v1", "v2"):
        view = (await asked.get(f"/submission-api/{version}/destinations/{SEALED}")).json()
        assert view["status"] == told
