"""What a crash and a full disk cost: nothing that was acknowledged."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import apsw
import pytest
import store_victim
from store_samples import NOON

from amtsbote.api.operations import Disk
from amtsbote.api.persistence import Transaction
from amtsbote.model.ids import MessageId, PartId
from amtsbote.model.job import JobKind
from amtsbote.model.message import State
from amtsbote.store import BodyFiles, SqliteStore

KILLS = int(os.environ.get("RUNS") or "10")
VICTIM = store_victim.__file__


def start(*arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, VICTIM, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def acknowledged(victim: "subprocess.Popen[str]", kill_after: int) -> Iterator[str]:
    """Ids the victim printed until it was killed, also those that were still in the pipe."""
    assert victim.stdout is not None
    for number, line in enumerate(victim.stdout):
        if number == kill_after:
            victim.kill()
        if line.endswith("\n"):
            yield line.strip()


def integrity(folder: Path) -> object:
    connection = apsw.Connection(str(folder / "amtsbote.db"))
    try:
        return (
            connection.execute("PRAGMA integrity_check").fetchall()
            + connection.execute("PRAGMA foreign_key_check").fetchall()
        )
    finally:
        connection.close()


async def incomplete(folder: Path, names: set[str]) -> set[str]:
    """Which of the acknowledged messages are not there with everything their unit wrote."""

    def look(tx: Transaction) -> set[str]:
        jobs = {job.reference for job in tx.jobs.claim([JobKind.PROCESS], 1_000_000, now=NOON, lease=NOON - NOON)}
        return {
            name
            for name in names
            if name not in jobs
            or tx.messages.get(MessageId(name)).state is not State.SUBMITTED
            or tx.parts.of(MessageId(name))[PartId("data")].inline != store_victim.BODY
        }

    store = SqliteStore.open(folder)
    try:
        return await store.write(look)
    finally:
        await store.close()


@pytest.mark.timeout(60 + 2 * KILLS)
async def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    names: set[str] = set()
    moments = random.Random(4711)  # noqa: S311  (moments to kill at, the same in every run)
    for round_ in range(KILLS):
        with start("load", tmp_path, round_) as victim:
            before = len(names)
            names |= set(acknowledged(victim, moments.randrange(1, 400)))
            assert len(names) > before, victim.stderr and victim.stderr.read()
        assert victim.returncode == -9
        assert integrity(tmp_path) == [("ok",)]

    assert await incomplete(tmp_path, names) == set()


async def test_a_crash_between_any_two_operations_leaves_a_whole_message_or_none(tmp_path: Path) -> None:
    for deadly in count(1):
        folder = tmp_path / str(deadly)
        with start("kill-at", folder, deadly) as victim:
            output, errors = victim.communicate()
        assert victim.returncode in (0, -9), errors

        store = SqliteStore.open(folder)
        bodies = BodyFiles(folder / "bodies", Disk())
        owned = await store.read(lambda tx: tx.parts.files())
        swept = bodies.sweep(owned)
        await store.close()

        assert swept.missing == ()
        assert [list(bodies.read(name)) for name in owned] == [[store_victim.BODY]] * len(owned)
        assert len(list((folder / "bodies").rglob("*.part"))) == len(owned)
        assert len(owned) == 1 or "done" not in output
        if victim.returncode == 0:
            break
    assert deadly > 5


async def test_a_full_disk_refuses_what_does_not_fit_and_forgets_nothing(tmp_path: Path) -> None:
    with start("full", tmp_path) as victim:
        output, errors = victim.communicate(timeout=60)
    assert victim.returncode == 0, errors

    kept = int(output.split()[0])
    assert kept > 10
    assert output.split(maxsplit=1)[1] == f"{{'StorageFull'}} {kept} True\n"
    names = {f"before-{number}" for number in range(kept)} | {f"after-{number}" for number in range(5)}
    assert await incomplete(tmp_path, names) == set()
    assert integrity(tmp_path) == [("ok",)]
