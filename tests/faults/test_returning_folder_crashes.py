"""Taking answers from a folder is killed, or stands still, before and after every operation on the disk, and tried
again. Whatever happens: each answer is kept exactly once and complete, none is lost, and its people find it again."""

import random
import signal
from pathlib import Path

from folder_attempts import NO, Attempts
from given_replies import give_reply, given_back, told

from amtsbote.api.returnkit import Given

CONTENT = b"".join(content for _, content in Given().documents)


class Town:
    """A target folder in which two answers wait, one of which nobody can use, and what stands for the store."""

    def __init__(self, base: Path) -> None:
        self.target, self.kept = base / "target", base / "kept"
        for folder in (".amtsbote/intents", ".amtsbote/antworten", *(f"antworten/{name}" for name in NAMES)):
            (self.target / folder).mkdir(parents=True)
        self.kept.mkdir()
        for name in ("decision", "unfit"):
            give_reply(self.target / "antworten" / name)

    def demand_each_settled_once(self, at: object = None) -> None:
        [kept] = self.kept.iterdir()
        assert kept.read_bytes() == CONTENT, at
        [done] = (self.target / "antworten" / "erledigt").iterdir()
        assert done.name == "decision", at
        assert (self.target / "antworten" / "fehler" / "unfit").is_dir(), at
        assert all(len(list(folder.iterdir())) == 4 for folder in given_back(self.target)), at
        assert NO.de in told(self.target), at
        assert kept.name in told(self.target), at
        left = {path.name for path in (self.target / "antworten").rglob("*") if path.is_file()}
        assert not [name for name in left if name.startswith(".")], at


NAMES = ("erledigt", "fehler", "quittungen")


def points(worker: Attempts, base: Path) -> range:
    """Before and after every operation that nothing disturbs."""
    town = Town(base)
    result = worker.take(town.target, town.kept)
    assert result.outcome == "[None, None]"
    town.demand_each_settled_once()
    return range(2 * len(result.operations))


def settle(attempts: Attempts, town: Town) -> None:
    """Twice: what was swept by another attempt in the moment of taking waits for the next."""
    for _ in range(2):
        assert "Retry" not in attempts.take(town.target, town.kept).outcome


def test_a_kill_at_any_point_loses_nothing_and_doubles_nothing(worker: Attempts, tmp_path: Path) -> None:
    for at in points(worker, tmp_path / "dry run"):
        town = Town(tmp_path / f"{at}")
        assert worker.take(town.target, town.kept, at=at).state == "killed"

        settle(worker, town)
        town.demand_each_settled_once(at)


def test_answers_taken_by_workers_killed_again_and_again_are_kept_once(worker: Attempts, tmp_path: Path) -> None:
    many = points(worker, tmp_path / "dry run")
    chance = random.Random(20260205)  # noqa: S311  (a repeatable choice of points, no secret)
    for campaign in range(40):
        town = Town(tmp_path / f"{campaign}")
        for _ in range(4):
            worker.take(town.target, town.kept, at=chance.choice(many))

        settle(worker, town)
        town.demand_each_settled_once(campaign)


def test_a_worker_that_comes_back_too_late_at_any_point_changes_nothing(
    worker: Attempts, successor: Attempts, tmp_path: Path
) -> None:
    for at in points(worker, tmp_path / "dry run"):
        town = Town(tmp_path / f"{at}")
        assert worker.take(town.target, town.kept, at=at, stop=signal.SIGSTOP).state == "stopped"
        successor.take(town.target, town.kept)

        worker.resume()

        settle(successor, town)
        town.demand_each_settled_once(at)
