"""What the daemon's timers find by themselves: polling backs up whatever should have woken it."""

import asyncio
from functools import partial
from pathlib import Path

from house_for_tests import Clock, Ids
from patience import PATIENCE
from ports import free_port
from store_samples import NOON, a_message

from amtsbote.api.persistence import Transaction
from amtsbote.daemon import Settings, compose
from amtsbote.daemon.composition import World
from amtsbote.daemon.serving import serve
from amtsbote.model.job import JobKind
from amtsbote.store import SqliteStore


async def test_work_that_nobody_told_of_is_found(tmp_path: Path) -> None:
    await SqliteStore.open(tmp_path / "data", readers=1).close()
    key, file = tmp_path / "master.key", tmp_path / "amtsbote.toml"
    key.write_text(bytes(32).hex())
    key.chmod(0o600)
    ports = free_port(), free_port()
    file.write_text('[public]\nlisten = "127.0.0.1:{}"\n[metrics]\nlisten = "127.0.0.1:{}"\n'.format(*ports))
    daemon, stop = await compose(Settings.load(file), World(Clock(), Ids())), asyncio.Event()
    serving = asyncio.create_task(serve(daemon, stop))

    async with asyncio.timeout(PATIENCE):
        for message in ("m1", "m2", "m3"):  # the first two may still be seen by a claim that is under way
            await daemon.store.write(partial(_not_needed, message))
            while (await daemon.store.read(lambda tx: tx.jobs.counts()))[JobKind.PROCESS]:  # noqa: ASYNC110  (the lane's)
                await asyncio.sleep(0.02)

    stop.set()
    await serving
    await daemon.close()


def _not_needed(message: str, tx: Transaction) -> None:
    """A job that whoever claims it ends: the message was never submitted."""
    tx.messages.add(a_message(message), None)
    tx.jobs.add(JobKind.PROCESS, message, NOON)
