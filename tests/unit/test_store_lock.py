"""One data folder, one process; the second one hears who the first is."""

import os
import subprocess
import sys
from pathlib import Path
from stat import S_IMODE

import pytest

from amtsbote.errors import Misconfigured
from amtsbote.store import FolderLock, StoreRefused

HOLD = """
import sys, time
from pathlib import Path
from amtsbote.store import FolderLock
lock = FolderLock.take(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_refused_and_hears_who_the_first_is(tmp_path: Path) -> None:
    with FolderLock.take(tmp_path / "data"), pytest.raises(Misconfigured) as refused:
        FolderLock.take(tmp_path / "data")

    assert isinstance(refused.value, StoreRefused)
    for language, words in (("de", "wird seit"), ("en", "has been in use since")):
        sentence = refused.value.text("de" if language == "de" else "en")
        assert words in sentence
        assert str(os.getpid()) in sentence
        assert Path(sys.argv[0]).name in sentence
        assert str(tmp_path / "data") in sentence


@pytest.mark.parametrize("made", [True, False])
def test_root_leaves_nothing_in_the_folder_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: bool
) -> None:
    folder = tmp_path / "data"
    if made:
        folder.mkdir()
    home = folder if made else tmp_path
    if os.geteuid() == 0:
        os.chown(home, 4711, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    with pytest.raises(StoreRefused) as refused:
        FolderLock.take(folder)

    assert "sudo -u" in refused.value.text("de")
    assert str(home) in refused.value.text("en")
    assert list(home.iterdir()) == []


def test_a_released_folder_can_be_taken_again(tmp_path: Path) -> None:
    FolderLock.take(tmp_path).release()

    with FolderLock.take(tmp_path):
        assert S_IMODE((tmp_path / "amtsbote.lock").stat().st_mode) == 0o600


def test_the_kernel_frees_the_lock_of_a_killed_process(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreRefused, match=str(holder.pid)):
            FolderLock.take(tmp_path)
        holder.kill()
        holder.wait()

    FolderLock.take(tmp_path).release()


@pytest.mark.parametrize("content", [b"", b"\x1b[31m", b"[]", b'{"pid": "x"}', b'{"pid": 1, "command": "\\u001b[31m"}'])
def test_a_spoilt_lock_file_spoils_no_sentence(tmp_path: Path, content: bytes) -> None:
    with FolderLock.take(tmp_path):
        (tmp_path / "amtsbote.lock").write_bytes(content)
        with pytest.raises(StoreRefused) as refused:
            FolderLock.take(tmp_path)

    assert str(refused.value).isprintable()


def test_a_command_that_is_no_text_hinders_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["amtsbote", os.fsdecode(b"/srv/\xff\n")])

    with FolderLock.take(tmp_path), pytest.raises(StoreRefused, match=r"\(amtsbote /srv/\?\?\)"):
        FolderLock.take(tmp_path)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreRefused, match="cannot be used"):
        FolderLock.take(tmp_path / "file")


def test_a_lock_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"precious")
    (tmp_path / "amtsbote.lock").symlink_to(tmp_path / "outside")

    with pytest.raises(StoreRefused):
        FolderLock.take(tmp_path)
    assert (tmp_path / "outside").read_bytes() == b"precious"
