"""The demonstration deletes only what demonstrations made."""

from pathlib import Path

import pytest

from amtsbote.demo.failure import StepFailed
from amtsbote.demo.folder import MARKER, fresh_folder, remove


def test_the_folder_is_made_with_everybodys_places(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "deep" / "demo") as layout:
        assert layout.inbox.is_dir()
        assert layout.operator.is_dir()
        assert not layout.broker.exists(), "`amtsbote init` makes it"


def test_what_an_earlier_run_left_is_gone(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "demo") as layout:
        (layout.inbox / "old").write_text("old")
        (layout.root / "note").write_text("old")
    with fresh_folder(tmp_path / "demo") as layout:
        assert not list(layout.inbox.iterdir())
        assert not (layout.root / "note").exists()


@pytest.mark.parametrize("content", [(), ("thesis.odt",)])
def test_a_folder_of_somebody_else_is_refused_and_untouched(tmp_path: Path, content: tuple[str, ...]) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for name in content:
        (theirs / name).write_text("precious")

    with pytest.raises(StepFailed, match=r"made by no demonstration"), fresh_folder(theirs):
        pass

    assert [path.name for path in theirs.iterdir()] == list(content)


def test_a_link_is_no_folder_of_ours_even_when_it_points_to_one(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "demo") as layout:
        (layout.root / "note").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "demo")

    with pytest.raises(StepFailed), fresh_folder(tmp_path / "link"):
        pass

    assert (tmp_path / "demo" / "note").exists()


def test_a_folder_cannot_be_named_where_a_file_lies(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    with pytest.raises(StepFailed), fresh_folder(tmp_path / "file"):
        pass
    assert (tmp_path / "file").read_text() == "precious"


def test_links_inside_are_deleted_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.odt").write_text("precious")
    with fresh_folder(tmp_path / "demo") as layout:
        (layout.root / "link").symlink_to(tmp_path / "theirs")
        (layout.inbox / "link").symlink_to(tmp_path / "theirs")
    with fresh_folder(tmp_path / "demo") as layout:
        assert not (layout.root / "link").exists()
        remove(layout)
    assert (tmp_path / "theirs" / "thesis.odt").exists()
    assert not (tmp_path / "demo").exists()


def test_two_demonstrations_do_not_share_a_folder(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "demo") as layout:
        (layout.root / "note").write_text("in use")
        with pytest.raises(StepFailed, match="already running"), fresh_folder(tmp_path / "demo"):
            pass
        assert (layout.root / "note").exists()
        assert (layout.root / MARKER).exists()
