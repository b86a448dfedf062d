"""`deadletters reject` asks whoever sits at a terminal, and nobody else."""

from pathlib import Path
from typing import Any

import pytest

from amtsbote.cli import deadletters
from amtsbote.cli.entry import run

LETTER: dict[str, Any] = {
    "id": "k1", "submission": "m1", "reason": "no-target", "settlement": "rejected", "settled_at": "2026-01-01",
    "details": {}, "opened_at": "2026-01-01", "owner": None, "history": [],
}  # fmt: skip


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that reached the office."""
    commands: list[str] = []

    def asked(command: str, arguments: dict[str, Any], config: Path) -> dict[str, Any]:
        commands.append(command)
        return {"deadletter": LETTER, "state": "rejected"}

    monkeypatch.setattr(deadletters, "asked", asked)
    return commands


@pytest.mark.parametrize(
    ("terminal", "answer", "words", "code", "done"),
    [
        (True, True, [], 0, True),
        (True, False, [], 5, False),
        (True, False, ["--json"], 5, False),
        (True, False, ["--yes"], 0, True),
        (False, False, [], 0, True),
    ],
)
def test_only_a_person_at_a_terminal_is_asked_before_a_rejection(
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,
    answer: bool,
    words: list[str],
    code: int,
    done: bool,
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: terminal)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: answer)

    assert run(["deadletters", "reject", "k1", "--reason", "nein", *words]) == code
    assert told == (["deadletters.reject"] if done else [])


def test_giving_up_a_copy_needs_a_reason(told: list[str]) -> None:
    assert run(["deadletters", "drop", "k1"]) == 64
    assert told == []
    assert run(["deadletters", "drop", "k1", "--reason", "Archiv abgeschaltet"]) == 0
    assert told == ["deadletters.drop"]
