"""The folder adapter is killed, or stands still, before and after every operation on the disk, and then tried again.

Whatever happens, and whether or not the Fachverfahren has taken the folder away in between: the message arrives exactly
once, complete, and the adapter's own folder holds nothing but the intent.
"""

import asyncio
import random
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from delivered_folders import delivered_folders, intents_in, left_in_workshop
from folder_attempts import ATTACHMENTS, Attempts
from folder_town import new_id

from adapters import KINDS
from adapters.folder import intent
from amtsbote.api import AdapterServices, Disk, Ready
from amtsbote.api.testkit import DATA, work_order

REFERENCE = f"20260203T040506Z_99093003001002_{work_order().delivery}"
DELIVERED = f"Delivered(reference='{REFERENCE}')"


class Town:
    """A target folder, and the folder into which its Fachverfahren takes what it finds."""

    def __init__(self, base: Path) -> None:
        self.target, self.taken = base / "target", base / "taken"
        self.target.mkdir(parents=True)
        self.taken.mkdir()
        assert self.prepare() == Ready()

    def prepare(self) -> object:
        services = AdapterServices(clock=lambda: datetime(2026, 2, 3, tzinfo=UTC), disk=Disk(), new_id=new_id)
        return asyncio.run(KINDS["folder"].build({"path": str(self.target)}, services).prepare())

    def take(self) -> None:
        for folder in delivered_folders(self.target):
            folder.path.rename(self.taken / folder.path.name)

    def demand_exactly_one_whole_message(self) -> None:
        [folder] = delivered_folders(self.target) + delivered_folders(self.taken)
        assert folder.path.name == REFERENCE
        assert set(folder.files) == {"daten.xml", "anlage-01.pdf", "anlage-02.pdf", "manifest.json", "fertig"}
        assert folder.data == DATA
        assert folder.attachments == ATTACHMENTS
        assert left_in_workshop(self.target) == set()
        assert intents_in(self.target) == [work_order().delivery]


def points(worker: Attempts, base: Path) -> range:
    """Before and after every operation of a delivery that nothing disturbs."""
    town = Town(base)
    result = worker.run(town.target, token=1)
    assert result.outcome == DELIVERED
    return range(2 * len(result.operations))


def test_the_dry_run_sees_every_kind_of_operation(worker: Attempts, tmp_path: Path) -> None:
    operations = worker.run(Town(tmp_path).target, token=1).operations

    assert operations.count("fsync") == 9
    assert {"write", "mkdir", "chmod", "link", "rename", "unlink"} <= set(operations)
    assert operations.index("link") < operations.index("rename")


@pytest.mark.parametrize("taken_away", [False, True], ids=["left there", "taken away"])
def test_a_kill_at_any_point_loses_nothing_and_doubles_nothing(
    worker: Attempts, tmp_path: Path, taken_away: bool
) -> None:
    for at in points(worker, tmp_path / "dry run"):
        town = Town(tmp_path / f"{at}")
        assert worker.run(town.target, token=1, at=at).state == "killed"
        if taken_away:
            town.take()

        assert worker.run(town.target, token=2).outcome == DELIVERED, f"point {at}"
        town.demand_exactly_one_whole_message()


def test_a_delivery_killed_again_and_again_arrives_once(worker: Attempts, tmp_path: Path) -> None:
    many = points(worker, tmp_path / "dry run")
    chance = random.Random(20260203)  # noqa: S311  (a repeatable choice of points, no secret)
    for campaign in range(60):
        town = Town(tmp_path / f"{campaign}")
        for token in range(1, 5):
            worker.run(town.target, token=token, at=chance.choice(many))
            if chance.random() < 0.5:
                town.take()

        assert worker.run(town.target, token=9).outcome == DELIVERED
        town.demand_exactly_one_whole_message()


@pytest.mark.parametrize("taken_away", [False, True], ids=["left there", "taken away"])
def test_a_worker_that_comes_back_too_late_at_any_point_changes_nothing(
    worker: Attempts, successor: Attempts, tmp_path: Path, taken_away: bool
) -> None:
    for at in points(worker, tmp_path / "dry run"):
        town = Town(tmp_path / f"{at}")
        assert worker.run(town.target, token=1, at=at, stop=signal.SIGSTOP).state == "stopped"
        assert successor.run(town.target, token=2).outcome == DELIVERED
        if taken_away:
            town.take()

        assert worker.resume().outcome == DELIVERED, f"point {at}"
        town.demand_exactly_one_whole_message()


def test_two_workers_that_overtake_each_other_at_any_points_deliver_once(
    worker: Attempts, successor: Attempts, tmp_path: Path
) -> None:
    """Both have looked and found no intent; each may win it."""
    many = points(worker, tmp_path / "dry run")
    chance = random.Random(20260204)  # noqa: S311  (a repeatable choice of points, no secret)
    for campaign in range(80):
        town = Town(tmp_path / f"{campaign}")
        assert worker.run(town.target, token=1, at=chance.choice(many), stop=signal.SIGSTOP).state == "stopped"
        second = successor.run(town.target, token=2, at=chance.choice(many), stop=signal.SIGSTOP)

        assert worker.resume().outcome == DELIVERED
        if chance.random() < 0.5:
            town.take()
        assert (successor.resume() if second.state == "stopped" else second).outcome == DELIVERED
        town.demand_exactly_one_whole_message()


def test_a_restart_sweeps_what_a_killed_loser_left(worker: Attempts, successor: Attempts, tmp_path: Path) -> None:
    """Nobody tries the delivery again, because its successor has reported it: only the next start can sweep."""
    town = Town(tmp_path)
    worker.run(town.target, token=1, at=6)
    stale = left_in_workshop(town.target)
    (town.target / ".amtsbote" / "tmp-another-delivery-7").mkdir()
    successor.run(town.target, token=2)
    for name in stale:
        (town.target / ".amtsbote" / name).touch()

    assert town.prepare() == Ready()

    assert stale
    town.demand_exactly_one_whole_message()


@pytest.mark.parametrize("again", [False, True], ids=["not tried again", "tried again"])
def test_a_start_leaves_no_draft_that_is_not_the_message(worker: Attempts, tmp_path: Path, again: bool) -> None:
    """Drafts are plaintext. Whatever an attempt left that was killed at any point is gone, or is the message."""
    for at in points(worker, tmp_path / "dry run"):
        town = Town(tmp_path / f"{at}")
        worker.run(town.target, token=1, at=at)

        assert town.prepare() == Ready()

        waiting = left_in_workshop(town.target)
        assert not waiting or (len(waiting) == 1 and intents_in(town.target) == [work_order().delivery]), f"point {at}"
        if again:
            assert worker.run(town.target, token=2).outcome == DELIVERED
            town.demand_exactly_one_whole_message()


def test_a_start_beside_an_attempt_at_any_point_costs_it_that_attempt_at_most(worker: Attempts, tmp_path: Path) -> None:
    """The attempt goes on after its draft was swept: it never fixes an intent that names nothing."""
    swept = 0
    for at in points(worker, tmp_path / "dry run"):
        town = Town(tmp_path / f"{at}")
        assert worker.run(town.target, token=1, at=at, stop=signal.SIGSTOP).state == "stopped"
        assert town.prepare() == Ready()

        outcome = worker.resume().outcome

        if outcome != DELIVERED:
            assert outcome.startswith("Retry("), f"point {at}"
            assert intents_in(town.target) == [], f"point {at}"
            assert left_in_workshop(town.target) == set(), f"point {at}"
            assert worker.run(town.target, token=2).outcome == DELIVERED
            swept += 1
        town.demand_exactly_one_whole_message()
    assert swept > 10


@pytest.mark.parametrize("step", ["proposal_of", "read_intent", "discard"])
def test_an_attempt_that_overtakes_a_start_between_its_steps_arrives_once(
    worker: Attempts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The start has seen the draft and stands still before `step`, while the attempt goes on to its end."""
    original = getattr(intent, step)
    for at in points(worker, tmp_path / "dry run"):
        town = Town(tmp_path / f"{at}")
        assert worker.run(town.target, token=1, at=at, stop=signal.SIGSTOP).state == "stopped"
        outcomes: list[str] = []

        def overtaken(*arguments: Any, outcomes: list[str] = outcomes) -> Any:
            if not outcomes:
                outcomes.append(worker.resume().outcome)
            return original(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(intent, step, overtaken)
            assert town.prepare() == Ready()

        outcome = outcomes[0] if outcomes else worker.resume().outcome
        assert outcome == DELIVERED or intents_in(town.target) == [], f"point {at}"
        assert worker.run(town.target, token=2).outcome == DELIVERED
        town.demand_exactly_one_whole_message()
