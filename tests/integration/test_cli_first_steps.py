"""The first steps as an operator takes them: `config check`, and `doctor` beside a running daemon."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from amtsbote.admin.doctor import survey
from amtsbote.admin.opening import office_of
from amtsbote.admin.socket import admin_socket
from amtsbote.cli.entry import run
from amtsbote.daemon import Settings, compose
from amtsbote.daemon.composition import utc_now


@pytest.fixture
def file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["init", str(tmp_path / "site"), "--json"]) == 0
    capsys.readouterr()
    return tmp_path / "site" / "amtsbote.toml"


def test_config_check_shows_every_value_and_its_origin(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMTSBOTE__WORK__ATTEMPTS", "7")

    assert run(["config", "check", "--config", str(file), "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["settings"]["work.attempts"] == {"value": 7, "origin": "environment"}
    assert told["settings"]["public.url"]["origin"] == "file"
    assert told["settings"]["limits.data"] == {"value": 29360128, "origin": "default"}
    assert told["settings"]["storage.folder"]["value"] == str(file.parent / "data")

    assert run(["--lang", "de", "config", "check", "--config", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "Umgebung" in shown
    assert "ist gültig" in shown
    assert "None" not in shown
    assert "False" not in shown


@pytest.mark.parametrize("command", [["config", "check"], ["serve"], ["doctor"]])
def test_an_unknown_key_stops_every_command_with_the_nearest_name(
    file: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    file.write_text(file.read_text("utf-8").replace("[work]", "[work]\natempts = 3"), "utf-8")

    assert run(["--lang", "de", *command, "--config", str(file)]) == 1

    assert "[work.atempts]" in (told := capsys.readouterr().err)
    assert "„work.attempts“" in told


async def test_doctor_asks_the_daemon_that_runs(file: Path) -> None:
    settings = Settings.load(file)
    daemon = await compose(settings)
    try:
        async with admin_socket(office_of(daemon), settings.admin.socket):
            site = await asyncio.to_thread(survey, file, settings, utc_now())
    finally:
        await daemon.close()

    assert site.running
    assert site.refused is None
    assert site.facts is not None
    assert site.facts["uid"] == os.geteuid()
    assert {one["days"] for one in site.facts["ages"]} == {0}
    assert site.facts["ends"] == []
    assert site.sync_seconds is not None
