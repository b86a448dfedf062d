"""What becomes of a delivery into a folder when something is wrong, and in which order things become durable."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from delivered_folders import delivered_folders, intents_in, left_in_workshop
from folder_town import REFERENCE, deliver, folder_adapter, prepare

from adapters.folder.place import Place
from amtsbote.api import Delivered, Disk, Misfit, Outcome, Ready, Refused, Retry, Unknown
from amtsbote.api.testkit import DATA, verified_parts, work_order
from amtsbote.errors import Damaged
from amtsbote.model.ids import DeliveryId


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "posteingang"
    folder.mkdir()
    assert prepare(folder) == Ready()
    return folder


class TestDamage:
    @pytest.mark.parametrize("content", [DATA[:-1], DATA + b"x", DATA[:-1] + b"x", b""], ids=["-", "+", "other", "0"])
    def test_bytes_that_are_not_those_that_were_verified_are_not_published(self, target: Path, content: bytes) -> None:
        with pytest.raises(Damaged):
            deliver(target, parts=replace(verified_parts(), data=lambda: iter((content,))))

        assert delivered_folders(target) == []
        assert left_in_workshop(target) == set()
        assert intents_in(target) == []

    def test_a_part_that_does_not_end_is_stopped_at_its_size(self, target: Path) -> None:
        def endless() -> Iterator[bytes]:
            while True:
                yield b"x" * 1000

        with pytest.raises(Damaged):
            deliver(target, parts=replace(verified_parts(), data=endless))

        assert left_in_workshop(target) == set()

    def test_damage_after_the_message_has_been_delivered_is_no_concern(self, target: Path) -> None:
        first = deliver(target)

        assert deliver(target, work_order(token=2), replace(verified_parts(), data=lambda: iter(()))) == first


class TestTrouble:
    @pytest.mark.parametrize(
        ("number", "reason"),
        [
            (errno.ENOSPC, "disk-full"),
            (errno.EDQUOT, "disk-full"),
            (errno.EACCES, "not-permitted"),
            (errno.EROFS, "not-permitted"),
            (errno.EIO, "disk-error"),
            (errno.ESTALE, "disk-error"),
        ],
    )
    def test_trouble_at_any_sync_means_again_and_the_next_attempt_delivers_once(
        self, tmp_path: Path, number: int, reason: str
    ) -> None:
        for failing in range(7):
            target = tmp_path / f"{failing}"
            target.mkdir()
            assert prepare(target) == Ready()

            outcome = deliver(target, disk=Disk(sync=failing_at(failing, number)))

            assert outcome == Retry(reason), f"sync {failing}"
            assert left_in_workshop(target) == set() or intents_in(target) != []
            assert deliver(target, work_order(token=2)) == Delivered(REFERENCE)
            assert [folder.data for folder in delivered_folders(target)] == [DATA]
            assert left_in_workshop(target) == set()

    def test_a_rename_that_fails_is_done_by_the_next_attempt(self, target: Path) -> None:
        def refuse(source: Path, to: Path) -> None:
            raise OSError(errno.EIO, "gone for a moment")

        assert deliver(target, disk=Disk(rename=refuse)) == Retry("disk-error")
        assert delivered_folders(target) == []

        unreadable = replace(verified_parts(), data=lambda: iter(()))
        assert deliver(target, work_order(token=2), unreadable) == Delivered(REFERENCE)
        assert [folder.data for folder in delivered_folders(target)] == [DATA]

    def test_a_full_disk_leaves_nothing_behind(self, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(descriptor: int, content: bytes) -> int:
            raise OSError(errno.ENOSPC, "no space left")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            outcome = asyncio_free_delivery(target)

        assert outcome == Retry("disk-full")
        assert left_in_workshop(target) == set()
        assert delivered_folders(target) == []

    def test_a_share_that_is_no_longer_mounted_is_not_taken_for_a_new_folder(self, target: Path) -> None:
        target.rename(target.with_name("elsewhere"))
        target.mkdir()

        assert deliver(target) == Retry("folder-missing")
        assert list(target.iterdir()) == []

    def test_a_share_lost_in_the_moment_of_the_rename_is_not_taken_for_a_delivery(self, target: Path) -> None:
        """The folder below the mount point may have been prepared too, at a start without the share."""
        share = target.with_name("share")

        def unmounted(source: Path, to: Path) -> None:
            target.rename(share)
            target.mkdir()
            assert prepare(target) == Ready()
            source.rename(to)

        assert deliver(target, disk=Disk(rename=unmounted)) == Retry("folder-missing")

        shutil.rmtree(target)
        share.rename(target)
        assert deliver(target, work_order(token=2)) == Delivered(REFERENCE)
        assert len(delivered_folders(target)) == 1

    def test_a_link_whose_answer_was_lost_still_counts(self, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        link = os.link

        def lost(source: Path, to: Path) -> None:
            link(source, to)
            raise OSError(errno.EEXIST, "the request was repeated")

        monkeypatch.setattr(os, "link", lost)

        assert deliver(target) == Delivered(REFERENCE)
        assert [folder.data for folder in delivered_folders(target)] == [DATA]

    def test_an_own_draft_goes_also_when_the_intent_cannot_be_asked_for(
        self, target: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No link was tried, so no intent can name it."""
        answers: Iterator[None] = iter((None,))

        def once(place: Place, delivery: str) -> None:
            try:
                return next(answers)
            except StopIteration:
                raise OSError(errno.EIO, "gone for a moment") from None

        for module in ("adapter", "intent"):
            monkeypatch.setattr(f"adapters.folder.{module}.read_intent", once)

        assert deliver(target, parts=replace(verified_parts(), data=lambda: iter((b"",)))) == Retry("disk-error")
        assert left_in_workshop(target) == set()

    def test_a_draft_that_may_be_named_stays_when_the_intent_cannot_be_asked_for(
        self, target: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The answer to the link was lost, and so is the answer to the question who holds the intent."""
        link = os.link

        def lost(source: Path, to: Path) -> None:
            link(source, to)
            patch.setattr("adapters.folder.intent.read_intent", unreadable)
            raise OSError(errno.EIO, "gone for a moment")

        def unreadable(place: Place, delivery: str) -> None:
            raise OSError(errno.EIO, "gone for a moment")

        with monkeypatch.context() as patch:
            patch.setattr(os, "link", lost)
            assert deliver(target) == Retry("disk-error")

        assert deliver(target, work_order(token=2)) == Delivered(REFERENCE)
        assert [folder.data for folder in delivered_folders(target)] == [DATA]

    def test_a_draft_that_an_unreadable_intent_may_name_stays(
        self, target: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def torn(source: Path, to: Path) -> None:
            to.write_bytes(b"?")
            raise OSError(errno.EIO, "torn")

        monkeypatch.setattr(os, "link", torn)

        assert deliver(target) == Unknown("intent-unreadable")
        assert f"tmp-{work_order().delivery}-1" in left_in_workshop(target)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"version": 2, "draft": "tmp-DELIVERY-1", "folder": "x"}',
            b'{"version": 1, "draft": "../../etc", "folder": "x"}',
            b'{"version": 1, "draft": "tmp-other-1", "folder": "x"}',
            b'{"version": 1, "draft": "tmp-DELIVERY-1.intent", "folder": "x"}',
            b'{"version": 1, "draft": "tmp-DELIVERY-1", "folder": "../x"}',
            b'{"version": 1, "draft": "tmp-DELIVERY-1", "folder": ".amtsbote"}',
        ],
    )
    def test_an_intent_that_says_nothing_sensible_is_for_a_person(self, target: Path, content: bytes) -> None:
        intent = target / ".amtsbote" / "intents" / work_order().delivery
        intent.write_bytes(content.replace(b"DELIVERY", work_order().delivery.encode()))

        assert deliver(target) == Unknown("intent-unreadable")
        assert delivered_folders(target) == []

    def test_a_folder_that_somebody_made_under_the_final_name_is_for_a_person(self, target: Path) -> None:
        (target / REFERENCE).mkdir()
        (target / REFERENCE / "fertig").touch()

        assert deliver(target) == Unknown("folder-exists")

    def test_a_token_that_comes_a_second_time_does_not_write_into_the_first_folder(self, target: Path) -> None:
        """A store restored from a backup counts its tokens again."""
        stale = target / ".amtsbote" / f"tmp-{work_order().delivery}-1"
        stale.mkdir()
        (stale / "daten.xml").write_bytes(b"old")

        assert deliver(target) == Delivered(REFERENCE)
        assert delivered_folders(target)[0].data == DATA
        assert left_in_workshop(target) == set()

    def test_a_delivery_that_could_be_a_path_is_refused(self, target: Path) -> None:
        for delivery in ("../x", "", "a/b", "a\x00", "a.b", "-a", "ä", "a\n"):
            assert deliver(target, replace(work_order(), delivery=DeliveryId(delivery))) == Refused(
                "unsafe-delivery-id"
            )

    @pytest.mark.parametrize("name", [".amtsbote", ".amtsbote/intents"])
    def test_our_own_folders_may_not_be_symbolic_links(self, tmp_path: Path, target: Path, name: str) -> None:
        (target / name).rename(tmp_path / "outside")
        (target / name).symlink_to(tmp_path / "outside")

        assert deliver(target) == Retry("symbolic-link")
        readiness = prepare(target)
        assert isinstance(readiness, Misfit)
        assert "symbolischer Verweis" in readiness.de
        assert "symbolic link" in readiness.en
        assert delivered_folders(target) == []


def failing_at(failing: int, number: int) -> Callable[[int], None]:
    calls = iter(range(1000))

    def sync(descriptor: int) -> None:
        if next(calls) == failing:
            raise OSError(number, os.strerror(number))
        os.fsync(descriptor)

    return sync


def asyncio_free_delivery(target: Path) -> Outcome:
    """Without an event loop, which needs `os.write` for itself."""
    return folder_adapter(target)._deliver(work_order(), verified_parts())


class TestDurability:
    def test_nothing_is_named_before_it_is_durable(self, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """With the power cut at any moment: an intent never names a draft that is not whole, and what may be seen
        never lacks its intent."""
        log: list[str] = []
        link = os.link

        def sync(descriptor: int) -> None:
            log.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().relative_to(target)}")
            os.fsync(descriptor)

        def watched_link(source: Path, to: Path) -> None:
            log.append("link")
            link(source, to)

        def rename(source: Path, to: Path) -> None:
            log.append("rename")
            source.rename(to)

        monkeypatch.setattr(os, "link", watched_link)
        deliver(target, parts=verified_parts(DATA, (b"x",)), disk=Disk(sync, rename))

        draft = f".amtsbote/tmp-{work_order().delivery}-1"
        before_link, after_link = log[: log.index("link")], log[log.index("link") + 1 :]
        assert set(before_link) == {
            f"sync {draft}/daten.xml",
            f"sync {draft}/anlage-01.pdf",
            f"sync {draft}/manifest.json",
            f"sync {draft}",
            "sync .amtsbote",
            f"sync {draft}.intent",
        }
        assert before_link.index(f"sync {draft}") > before_link.index(f"sync {draft}/manifest.json")
        assert after_link == ["sync .amtsbote/intents", "rename", "sync ."]

    def test_an_attempt_that_finds_an_intent_makes_it_durable_before_it_acts(self, target: Path) -> None:
        deliver(target)
        log: list[str] = []

        def sync(descriptor: int) -> None:
            log.append(str(Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(target)))

        deliver(target, work_order(token=2), disk=Disk(sync=sync))

        assert log == [".amtsbote/intents", "."]
