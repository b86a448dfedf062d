"""Progress goes to standard error, and a log file is not flooded with it."""

import pytest

from amtsbote.cli.progress import Progress
from amtsbote.cli.voice import Voice


def test_without_a_terminal_every_tenth_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Voice("de")) as progress:
        for done in range(0, 1001, 5):
            progress(done, 1000)

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [f"{done} von 1000" for done in range(100, 1001, 100)]


def test_on_a_terminal_one_line_changes_and_is_gone_at_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Progress(Voice("en")) as progress:
        progress(1, 3)
        progress(2, 3)

    assert capsys.readouterr().err == "\r1 of 3\x1b[K\r2 of 3\x1b[K\r\x1b[K"


def test_nothing_to_do_is_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(Voice("en")) as progress:
        progress(0, 0)

    assert capsys.readouterr().err == ""
