"""Shell completion: the script, and what the program answers when a shell asks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from amtsbote.cli.entry import run

ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; sys.argv[0] = 'amtsbote'; from amtsbote.cli import main; main()"


def asked(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0

    assert f"_AMTSBOTE_COMPLETE=complete_{shell}" in capsys.readouterr().out


def test_bash_can_read_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    run(["completion", "bash"])
    (tmp_path / "script").write_text(capsys.readouterr().out, "utf-8")

    assert subprocess.run([bash, "-n", tmp_path / "script"], check=False, timeout=20).returncode == 0


def test_an_unknown_shell_is_a_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "en", "completion", "tcsh"]) == 64
    assert "bash" in capsys.readouterr().err


def test_commands_and_options_are_completed() -> None:
    words = asked(_AMTSBOTE_COMPLETE="complete_bash", COMP_WORDS="amtsbote submissions ", COMP_CWORD="2")
    assert {"list", "show", "trace"} <= set(words.split())

    options = asked(_AMTSBOTE_COMPLETE="complete_bash", COMP_WORDS="amtsbote serve --", COMP_CWORD="2")
    assert {"--config", "--json"} <= set(options.split())


def test_the_help_beside_the_words_is_in_the_language_of_the_person() -> None:
    shown = asked(_AMTSBOTE_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="amtsbote submissions ", AMTSBOTE_LANG="de")

    assert "Einreichungen auflisten" in shown
