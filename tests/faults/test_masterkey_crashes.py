"""Killed before every single commit of a change of the master key: either file opens everything, and the same command
completes it."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

import masterkey_victim
from store_samples import NOON
from wrapped_house import NEW, OLD, Changing, wrapped

from amtsbote.keys.vault import Vault
from amtsbote.store import SqliteStore

HOUSES = 5


def run(folder: Path, file: str, deadly: int) -> str:
    """What it printed: nothing when it was killed."""
    ended = subprocess.run(
        [sys.executable, masterkey_victim.__file__, str(folder), file, str(deadly)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ended.returncode in {0, -9}, ended.stderr
    return ended.stdout.strip()


async def filled(folder: Path) -> None:
    store, vault = SqliteStore.open(folder, readers=1), Vault(OLD)
    for number in range(HOUSES):
        await store.write(wrapped(vault, f"m{number}"))
    await store.close()


async def opened_with_either_file(folder: Path) -> bool:
    """Everything does, before the change was begun with the old one only; whether it was begun."""
    store = SqliteStore.open(folder, readers=1)
    try:
        begun = await store.read(lambda tx: tx.master.get()) is not None
        for key in (OLD, NEW) if begun else (OLD,):
            house = Changing(store, Vault(OLD))
            assert await house.opens(await house.restarted(key)) == HOUSES
        return begun
    finally:
        await store.close()


async def completed(folder: Path, key: bytes) -> None:
    """The same command again by a service with this file, and the end by one with the new file."""
    store = SqliteStore.open(folder, readers=1)
    try:
        house = Changing(store, Vault(key))
        house.vault = await house.restarted(key)
        await house.rotated()
        house.vault, house.now = await house.restarted(NEW), NOON + timedelta(days=1)
        assert (await house("finish-master"))["damaged"] == 0
        assert await house.opens(await house.restarted(NEW)) == HOUSES
    finally:
        await store.close()


async def test_killed_before_every_commit_either_file_opens_all_and_the_same_command_completes_it(
    tmp_path: Path,
) -> None:
    await filled(tmp_path / "whole")
    for deadly in count(1):
        folder = tmp_path / f"killed-{deadly}"
        shutil.copytree(tmp_path / "whole", folder)
        told = run(folder, "old", deadly)
        begun = await opened_with_either_file(folder)
        assert begun or deadly == 1
        if told == "done":
            break
        await completed(folder, NEW if begun and deadly % 2 else OLD)
    assert deadly > HOUSES
