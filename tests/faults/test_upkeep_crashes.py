"""Killed between any two steps of backup, restore and move: what is left is refused, or repeating completes it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import psycopg
import pytest
import upkeep_victim
from postgres_kit import server
from upkeep_site import WHOLE, UpkeepSite

from amtsbote.admin.moving import move
from amtsbote.admin.refusals import CommandRefused
from amtsbote.admin.restoring import restore
from amtsbote.store import StoreRefused

STRIDE = 1 if os.environ.get("RUNS") else 13
"""Every step in the campaign, every thirteenth in the daily run."""


def killed(work: str, site: UpkeepSite, deadly: int) -> bool:
    """Whether it died; False when it ended by itself."""
    victim = subprocess.run(
        [sys.executable, upkeep_victim.__file__, work, site.folder, str(deadly)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert victim.returncode == (0 if "done" in victim.stdout else -9), victim.stderr
    return victim.returncode == -9


def said(command: Callable[[], object]) -> str:
    """Code or sentence of its refusal; nothing when it succeeded."""
    try:
        command()
    except CommandRefused as refused:
        return refused.code
    except StoreRefused as refused:
        return str(refused)
    return ""


def deaths() -> Iterator[int]:
    yield from count(1, STRIDE)


@pytest.mark.timeout(300)
def test_an_interrupted_backup_is_none_and_a_new_one_is_whole(tmp_path: Path) -> None:
    site = UpkeepSite(tmp_path / "site").found().filled()
    for deadly in deaths():
        shutil.rmtree(tmp_path / "backup", ignore_errors=True)
        died = killed("backup", site, deadly)
        second = UpkeepSite(tmp_path / f"second-{deadly}").found()
        if died and not (tmp_path / "backup" / "manifest.json").exists():
            with pytest.raises(CommandRefused, match="not a complete backup"):
                restore(second.settings, tmp_path / "backup", upkeep_victim.untold)
            assert not (second.folder / "data" / "amtsbote.db").exists()
        else:
            restore(second.settings, tmp_path / "backup", upkeep_victim.untold)
            assert second.contents() == WHOLE
        if not died:
            break
    assert deadly > 2


@pytest.mark.timeout(300)
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_an_interrupted_restore_is_completed_by_repeating_it(tmp_path: Path, store: str) -> None:
    UpkeepSite(tmp_path / "site").found().filled().backed_up(tmp_path / "backup")
    for deadly in deaths():
        folder = tmp_path / str(deadly)
        second = UpkeepSite(folder, server().schema_url(folder) if store == "postgresql" else None).found()
        died = killed("restore", second, deadly)
        again = said(partial(restore, second.settings, tmp_path / "backup", upkeep_victim.untold))
        assert again in {"", "in-the-way"}  # complete now, or complete already
        assert second.contents() == WHOLE
        if not died:
            break
    assert deadly > 5


@pytest.mark.timeout(300)
def test_an_interrupted_move_is_completed_by_repeating_it(tmp_path: Path) -> None:
    for deadly in deaths():
        base = tmp_path / str(deadly)
        base.mkdir()
        site, url = UpkeepSite(base / "site").found().filled(), server().schema_url(base)
        (base / "target").write_text(url)
        died = killed("move", site, deadly)
        again = said(partial(move, site.settings, url, upkeep_victim.untold))
        assert "has moved" in again or not again
        with pytest.raises(StoreRefused, match="has moved"):
            site.contents()
        moved = UpkeepSite(base / "site", url).found()
        assert moved.contents() == WHOLE
        if not died:
            break
    assert deadly > 9


def test_until_the_move_is_complete_the_old_one_goes_on(tmp_path: Path) -> None:
    site, url = UpkeepSite(tmp_path / "site").found().filled(), server().schema_url(tmp_path)
    (tmp_path / "target").write_text(url)

    assert killed("move", site, 8)

    assert site.contents() == WHOLE
    with psycopg.connect(url) as target:
        assert target.execute("SELECT count(*) FROM message").fetchall() == [(0,)]
