"""What an operator hears about a folder before the first delivery."""

import errno
import os
from pathlib import Path

import pytest
from delivered_folders import delivered_folders, left_in_workshop
from folder_town import NOW, REFERENCE, deliver, folder_adapter, new_id, prepare

from adapters.folder import FolderKind
from adapters.folder.place import Place
from adapters.folder.probe import probe
from amtsbote.api import AdapterServices, Delivered, Disk, Misfit, Ready, Unavailable
from amtsbote.api.testkit import DATA, work_order
from amtsbote.errors import Misconfigured


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "posteingang"
    folder.mkdir()
    assert prepare(folder) == Ready()
    return folder


class TestPrepare:
    def test_a_probe_leaves_only_our_own_folders(self, tmp_path: Path) -> None:
        assert prepare(tmp_path) == Ready()

        assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
            ".amtsbote",
            ".amtsbote/intents",
        ]

    def test_a_missing_folder_is_unavailable_and_not_made(self, tmp_path: Path) -> None:
        readiness = prepare(tmp_path / "missing")

        assert isinstance(readiness, Unavailable)
        assert str(tmp_path / "missing") in readiness.de
        assert str(tmp_path / "missing") in readiness.en
        assert not (tmp_path / "missing").exists()

    def test_a_file_is_a_misfit(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        assert isinstance(prepare(tmp_path / "file"), Misfit)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can try it as somebody else")
    def test_a_folder_without_permission_is_a_misfit(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)

        assert as_nobody(tmp_path) == "Misfit"

    @pytest.mark.parametrize(
        ("number", "verdict", "word"),
        [
            (errno.EPERM, Misfit, "hard links"),
            (errno.EOPNOTSUPP, Misfit, "hard links"),
            (errno.EXDEV, Misfit, "another file system"),
            (errno.ENOSPC, Unavailable, "full"),
            (errno.EROFS, Unavailable, "read-only"),
            (errno.EIO, Unavailable, "EIO"),
        ],
    )
    def test_a_file_system_that_cannot_do_it_is_named(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        number: int,
        verdict: type[Misfit | Unavailable],
        word: str,
    ) -> None:
        def refuse(source: Path, to: Path) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "link", refuse)

        readiness = prepare(tmp_path)

        assert isinstance(readiness, verdict)
        assert word in readiness.en
        assert not list(tmp_path.rglob("*probe*"))

    def test_a_file_system_whose_links_are_not_exclusive_is_a_misfit(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def careless(source: Path, to: Path) -> None:
            """Replaces what is there, as some file servers do."""

        monkeypatch.setattr(os, "link", careless)

        assert isinstance(prepare(tmp_path), Misfit)

    def test_probes_that_a_crash_left_are_removed_when_they_are_old(self, target: Path) -> None:
        workshop = target / ".amtsbote"
        left = [workshop / "probe", workshop / "intents" / ".probe", target / ".amtsbote-probe.1", workshop / "probe.2"]
        for folder in left:
            folder.mkdir()
        for old in left[:3]:
            os.utime(old, (0, 0))

        assert prepare(target) == Ready()

        assert [folder.exists() for folder in left] == [False, False, False, True]

    def test_a_pending_message_is_not_swept(self, target: Path) -> None:
        def stop(source: Path, to: Path) -> None:
            raise OSError(errno.EIO, "stop here")

        deliver(target, disk=Disk(rename=stop))

        assert prepare(target) == Ready()
        assert deliver(target, work_order(token=2)) == Delivered(REFERENCE)
        assert [folder.data for folder in delivered_folders(target)] == [DATA]

    def test_drafts_beside_an_unreadable_intent_are_not_swept(self, target: Path) -> None:
        workshop = target / ".amtsbote"
        (workshop / f"tmp-{work_order().delivery}-1").mkdir()
        (workshop / "intents" / work_order().delivery).write_bytes(b"?")

        assert prepare(target) == Ready()
        assert left_in_workshop(target) == {f"tmp-{work_order().delivery}-1"}


def as_nobody(target: Path) -> str:
    """The class of the readiness as a user without permissions sees it; in a process of its own, because a process
    cannot get its identity back."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.chdir(target)  # the folders above it are closed to others
        os.setuid(65534)
        os.write(writing, type(probe(Place(Path(), Disk()))).__name__.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(process, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "word"),
        [
            ({}, "path"),
            ({"path": "relative/folder"}, "absolute"),
            ({"path": 7}, "path"),
            ({"path": "/srv/in", "fsync": False}, "fsync"),
            ({"path": "/srv/in", "mounted": "perhaps"}, "mounted"),
        ],
    )
    def test_a_wrong_option_is_named(self, options: dict[str, str | int | bool], word: str) -> None:
        with pytest.raises(Misconfigured, match=f"folder.*{word}"):
            FolderKind().build(options, AdapterServices(lambda: NOW, Disk(), new_id))

    def test_building_touches_nothing(self, tmp_path: Path) -> None:
        folder_adapter(tmp_path)

        assert list(tmp_path.iterdir()) == []
