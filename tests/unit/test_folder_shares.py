"""Folders that are network shares: not mounted, replaced, or hanging."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from delivered_folders import delivered_folders, intents_in, left_in_workshop
from folder_town import NOW, REFERENCE, deliver, folder_adapter, new_id, prepare
from patience import PATIENCE

from adapters.folder import FolderAdapter, FolderKind
from adapters.folder.place import Place
from amtsbote.api import AdapterServices, Delivered, Disk, Outcome, Ready, Retry, Unavailable
from amtsbote.api.testkit import DATA, verified_parts, work_order
from amtsbote.api.threads import MANY


class Share:
    """A mount point that can lose its share. What the kernel would say is told for it: mounting takes rights."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.point, self._away, self._mounted = base / "mnt", base / "server", True
        (self.point / "eingang").mkdir(parents=True)
        (self._away / "eingang").mkdir(parents=True)
        monkeypatch.setattr(os.path, "ismount", self._is_mount)

    @property
    def inbox(self) -> Path:
        return self.point / "eingang"

    def swap(self) -> None:
        """Unmount it, so that the folder below shows; mount it again."""
        spare = self.point.with_name("spare")
        self.point.rename(spare)
        self._away.rename(self.point)
        spare.rename(self._away)
        self._mounted = not self._mounted

    def adapter(self, path: Path | None = None) -> FolderAdapter:
        return FolderKind().build(
            {"path": str(path or self.inbox), "mounted": True}, AdapterServices(lambda: NOW, Disk(), new_id)
        )

    def _is_mount(self, path: Path) -> bool:
        return path == Path("/") or (self._mounted and path == self.point)


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Share:
    return Share(tmp_path, monkeypatch)


def attempt(adapter: FolderAdapter, name: str = "first", token: int = 1) -> Coroutine[None, None, Outcome]:
    return adapter.deliver(work_order(name, token=token), verified_parts())


class TestMounted:
    def test_an_empty_mount_point_is_not_taken_for_the_share(self, share: Share) -> None:
        share.swap()
        adapter = share.adapter()

        readiness = asyncio.run(adapter.prepare())

        assert isinstance(readiness, Unavailable)
        assert "eingebunden" in readiness.de
        assert "mounted" in readiness.en
        assert asyncio.run(attempt(adapter)) == Retry("not-mounted")
        assert list(share.inbox.iterdir()) == []

    def test_a_folder_of_a_share_is_mounted_also_by_another_name(self, share: Share, tmp_path: Path) -> None:
        (tmp_path / "name").symlink_to(share.inbox)
        for path in (share.inbox, tmp_path / "name"):
            adapter = share.adapter(path)
            assert asyncio.run(adapter.prepare()) == Ready()
            assert asyncio.run(attempt(adapter)) == Delivered(REFERENCE)

    def test_the_root_alone_is_no_share(self, share: Share, tmp_path: Path) -> None:
        assert isinstance(asyncio.run(share.adapter(tmp_path).prepare()), Unavailable)

    def test_a_share_that_goes_and_comes_back_keeps_what_it_knows(self, share: Share) -> None:
        adapter = share.adapter()
        assert asyncio.run(adapter.prepare()) == Ready()
        share.swap()
        assert asyncio.run(attempt(adapter)) == Retry("not-mounted")
        share.swap()

        assert asyncio.run(attempt(adapter, token=2)) == Delivered(REFERENCE)
        assert [folder.data for folder in delivered_folders(share.inbox)] == [DATA]

    def test_a_share_is_known_again_under_another_device_number(self, tmp_path: Path) -> None:
        """The kernel hands out a new one with each mount of a network file system."""
        assert prepare(tmp_path) == Ready()
        found = (tmp_path / ".amtsbote").stat()

        assert Place(tmp_path, Disk(), mounted=True).identity() == (found.st_ino,)
        assert Place(tmp_path, Disk()).identity() == (found.st_dev, found.st_ino)


class TestReplaced:
    def test_another_workshop_under_the_same_path_gets_nothing(self, share: Share) -> None:
        """Also without the option: the folder below was prepared at a start without the share."""
        below = folder_adapter(share.inbox)
        share.swap()
        assert asyncio.run(below.prepare()) == Ready()
        share.swap()
        adapter = folder_adapter(share.inbox)
        assert asyncio.run(adapter.prepare()) == Ready()
        assert asyncio.run(attempt(adapter)) == Delivered(REFERENCE)

        share.swap()
        assert asyncio.run(attempt(adapter, token=2)) == Retry("folder-replaced")
        assert delivered_folders(share.inbox) == []
        assert intents_in(share.inbox) == []

        share.swap()
        assert asyncio.run(attempt(adapter, token=3)) == Delivered(REFERENCE)
        assert len(delivered_folders(share.inbox)) == 1


class Hanging:
    """A disk whose syncs can hang, as those of a share whose server is gone."""

    def __init__(self) -> None:
        self.hangs = True
        self._entered = threading.Semaphore(0)
        self._gate = threading.Event()

    def sync(self, descriptor: int) -> None:
        if self.hangs:
            self._entered.release()
            assert self._gate.wait(PATIENCE)
        os.fsync(descriptor)

    def release(self) -> None:
        """Let go, and wait until every call has come to its end."""
        self.hangs = False
        self._gate.set()
        for thread in threading.enumerate():
            if thread.name.startswith("folder-"):
                thread.join(60)

    async def entered(self) -> None:
        assert await asyncio.to_thread(self._entered.acquire, timeout=PATIENCE)


async def give_up(call: Coroutine[None, None, object], disk: Hanging) -> None:
    """Begin a call and cancel it as a timeout does, when it hangs."""
    task = asyncio.ensure_future(call)
    await disk.entered()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class TestHanging:
    async def test_a_share_that_hangs_takes_only_its_own_threads(self, tmp_path: Path) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        target, other = tmp_path / "hangs", tmp_path / "works"
        for folder in (target, other):
            folder.mkdir()
            assert await folder_adapter(folder).prepare() == Ready()
        disk = Hanging()
        adapter = folder_adapter(target, Disk(sync=disk.sync))
        names = [f"delivery {number}" for number in range(MANY)]
        for name in names:
            await give_up(attempt(adapter, name), disk)

        async with asyncio.timeout(PATIENCE):
            assert await attempt(adapter, "one more") == Retry("busy")
            assert isinstance(await adapter.prepare(), Unavailable)
        assert await attempt(folder_adapter(other)) == Delivered(REFERENCE)
        assert await asyncio.to_thread(lambda: "free") == "free"

        await asyncio.to_thread(disk.release)
        for name in [*names, "one more"]:
            assert isinstance(await attempt(adapter, name, token=2), Delivered)
        assert len(delivered_folders(target)) == MANY + 1
        assert left_in_workshop(target) == set()

    async def test_preparing_can_hang_too(self, tmp_path: Path) -> None:
        disk = Hanging()
        adapter = folder_adapter(tmp_path, Disk(sync=disk.sync))
        for _ in range(MANY):
            await give_up(adapter.prepare(), disk)

        assert isinstance(await adapter.prepare(), Unavailable)
        await adapter.close()
        await asyncio.to_thread(disk.release)
        assert await adapter.prepare() == Ready()

    async def test_more_deliveries_than_threads_wait_for_their_turn(self, tmp_path: Path) -> None:
        assert await folder_adapter(tmp_path).prepare() == Ready()
        adapter = folder_adapter(tmp_path)

        outcomes = await asyncio.gather(*(attempt(adapter, f"{number}") for number in range(5 * MANY)))

        assert all(isinstance(outcome, Delivered) for outcome in outcomes)
        assert len(delivered_folders(tmp_path)) == 5 * MANY

    async def test_a_delivery_given_up_before_its_turn_does_not_begin(self, tmp_path: Path) -> None:
        assert await folder_adapter(tmp_path).prepare() == Ready()
        disk = Hanging()
        adapter = folder_adapter(tmp_path, Disk(sync=disk.sync))
        working = [asyncio.ensure_future(attempt(adapter, f"{number}")) for number in range(MANY)]
        for _ in working:
            await disk.entered()
        waiting = asyncio.ensure_future(attempt(adapter, "waits"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

        await asyncio.to_thread(disk.release)

        assert all(isinstance(outcome, Delivered) for outcome in await asyncio.gather(*working))
        assert len(delivered_folders(tmp_path)) == MANY

    def test_a_call_that_hangs_does_not_keep_the_process_from_ending(self, tmp_path: Path) -> None:
        assert prepare(tmp_path) == Ready()

        subprocess.run([sys.executable, "-c", HANGS_AND_ENDS, str(tmp_path)], check=True, timeout=60)

        assert deliver(tmp_path, work_order(token=2)) == Delivered(REFERENCE)


HANGS_AND_ENDS = """
import asyncio, sys, threading
from datetime import UTC, datetime
from adapters import KINDS
from amtsbote.api import AdapterServices, Disk
from amtsbote.api.testkit import verified_parts, work_order

entered = threading.Event()

def sync(descriptor):
    entered.set()
    threading.Event().wait()

async def main():
    services = AdapterServices(lambda: datetime.now(UTC), Disk(sync=sync), lambda: "none")
    adapter = KINDS["folder"].build({"path": sys.argv[1]}, services)
    task = asyncio.ensure_future(adapter.deliver(work_order(), verified_parts()))
    await asyncio.to_thread(entered.wait)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await adapter.close()

asyncio.run(main())
"""
