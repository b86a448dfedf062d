"""Backup, restore and move between SQLite and PostgreSQL, by the commands an operator types."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from postgres_kit import server
from upkeep_site import LARGE, WHOLE, UpkeepSite

from amtsbote.admin import opening
from amtsbote.cli.entry import run
from amtsbote.store import FolderLock


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    """Exit code and the one JSON document of a command."""
    code = run([*map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def on_postgresql(folder: Path) -> UpkeepSite:
    return UpkeepSite(folder, server().schema_url(folder)).found()


def test_a_backup_of_one_store_is_restored_into_the_other_and_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sites = [
        UpkeepSite(tmp_path / "first").found().filled(),
        on_postgresql(tmp_path / "second"),
        on_postgresql(tmp_path / "third"),
        UpkeepSite(tmp_path / "fourth").found(),
    ]
    for number, (source, target) in enumerate(pairwise(sites)):
        backup = tmp_path / f"backup-{number}"
        code, made = said(capsys, "backup", backup, "--config", source.folder / "amtsbote.toml")
        assert (code, made["parts"], made["missing"]) == (0, 1, [])
        code, restored = said(capsys, "restore", backup, "--config", target.folder / "amtsbote.toml")
        assert (code, restored["parts"]) == (0, 1)
        assert target.contents() == WHOLE

    code, checked = said(capsys, "store", "check", "--config", sites[2].folder / "amtsbote.toml")
    assert (code, checked["checked"], checked["damaged"]) == (0, 2, [])
    assert not list((tmp_path / "third" / "data").glob("amtsbote.db*"))


def test_a_restore_into_a_database_in_use_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    UpkeepSite(tmp_path / "first").found().filled().backed_up(tmp_path / "backup")
    site = on_postgresql(tmp_path / "second").filled()
    before = site.contents()

    code, refused = said(capsys, "restore", tmp_path / "backup", "--config", site.folder / "amtsbote.toml")

    assert (code, refused["error"]["code"]) == (1, "in-the-way")
    assert site.contents() == before


def test_a_schema_of_somebody_else_is_refused_before_anything_is_restored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    UpkeepSite(tmp_path / "first").found().filled().backed_up(tmp_path / "backup")
    site = on_postgresql(tmp_path / "second")
    with psycopg.connect(str(site.url)) as theirs:
        theirs.execute("CREATE TABLE payroll (name TEXT)")

    code, refused = said(capsys, "restore", tmp_path / "backup", "--config", site.folder / "amtsbote.toml")

    assert code == 1
    assert "does not belong to Amtsbote" in refused["error"]["en"]
    assert not (site.folder / "data" / "parts").exists()


def test_an_installation_moves_and_only_the_new_one_lives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = UpkeepSite(tmp_path / "site").found().filled()
    url, config = server().schema_url(tmp_path), site.folder / "amtsbote.toml"
    (site.folder / "database.url").write_text(f"{url}\n")
    asked = ("store", "migrate", "--to-file", site.folder / "database.url", "--config", config)

    code, moved = said(capsys, *asked)

    assert (code, moved["parts"], moved["missing"]) == (0, 1, 0)
    assert {name: table["rows"] for name, table in moved["tables"].items() if table["rows"]} == {
        "message": 2,
        "part": 2,
        "audit": 1,
        "revision": 1,
    }
    code, refused = said(capsys, "submissions", "list", "--config", config)
    assert code == 1
    assert "has moved" in refused["error"]["en"]
    assert said(capsys, *asked)[1]["error"]["en"] == refused["error"]["en"]
    config.write_text(f'[storage]\nfolder = "data"\n{moved["line"]}\n')
    assert site.contents() == WHOLE
    assert said(capsys, *asked)[1]["error"]["code"] == "moved"


@pytest.mark.parametrize(
    ("to", "code"), [("mysql://u:geheim@h/x", "target"), ("postgresql://u:geheim@127.0.0.1:1/x", "refused")]
)
def test_a_move_that_cannot_be_leaves_all_as_it_was_and_names_no_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, to: str, code: str
) -> None:
    site = UpkeepSite(tmp_path / "site").found().filled()
    monkeypatch.setenv("AMTSBOTE_MIGRATE_TO", to)

    exit_code, refused = said(capsys, "store", "migrate", "--config", site.folder / "amtsbote.toml")

    assert (exit_code, refused["error"]["code"]) == (1, code)
    assert "geheim" not in json.dumps(refused)
    assert site.contents() == WHOLE


def test_a_running_installation_does_not_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = UpkeepSite(tmp_path / "site").found().filled()
    with FolderLock.take(site.folder / "data"):
        code, refused = said(
            capsys, "store", "migrate", "--to", server().schema_url(tmp_path), "--config", site.folder / "amtsbote.toml"
        )

    assert code != 0
    assert "has been in use since" in refused["error"]["en"]
    assert site.contents()["m1"] == LARGE


def test_a_backup_that_only_the_service_sees_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `PrivateTmp` the daemon writes to another `/tmp`: whoever asked finds nothing where it should be."""
    site = UpkeepSite(tmp_path / "site").found().filled()
    monkeypatch.setattr(opening, "_once", elsewhere(tmp_path / "private", opening._once))

    code, refused = said(capsys, "backup", tmp_path / "backup", "--config", site.folder / "amtsbote.toml")

    assert (code, refused["error"]["code"]) == (1, "not-here")
    assert "ReadWritePaths" in refused["error"]["en"]


def elsewhere(root: Path, once: object) -> object:
    """The same commands, carried out by somebody whose folders lie below `root`."""

    def asked(settings: object, command: str, arguments: dict[str, str]) -> object:
        moved = {**arguments, "folder": f"{root}{arguments['folder']}"}
        return once(settings, command, moved)  # type: ignore[operator]

    return asked
