"""The commands that show and switch, as an operator calls them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from amtsbote.cli.entry import run

TOWN = """
[[tenants]]
id = "chemnitz"
name = "Stadt Chemnitz"
land = "14"
[[tenants.clients]]
id = "software"
[[authorities]]
id = "amt"
tenant = "chemnitz"
name = "Grünflächenamt"
targets = ["inbox"]
[[targets]]
id = "inbox"
tenant = "chemnitz"
adapter = "folder"
options = { path = "FOLDER" }
[routes]
gebiete = "gebiete.csv"
leistungen = "leistungen.csv"
rollen = "rollen.csv"
zustaendigkeiten = "zustaendigkeiten.csv"
"""
SERVICE = "99093003001002"
TABLES = {
    "gebiete": "ars;ags;name;gueltig_ab;gueltig_bis\n145110000000;14511000;Chemnitz, Stadt;;\n",
    "leistungen": f"leistung;name\n{SERVICE};Baumfällgenehmigung\n",
    "rollen": f"leistung;rolle;gueltig_ab;gueltig_bis\n{SERVICE};gba;;\n",
    "zustaendigkeiten": "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\ngba;145110000000;amt;;\nunb;14;amt;;\n",
}
Asks = Callable[..., str]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fresh") / "bote"
    assert run(["init", str(folder), "--json"]) == 0
    return folder


@pytest.fixture
def site(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a town in it, in which commands run; English."""
    shutil.copytree(fresh, tmp_path, dirs_exist_ok=True)
    (tmp_path / "inbox").mkdir()
    for name, rows in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(rows, "utf-8")
    (tmp_path / "town.toml").write_text(TOWN.replace("FOLDER", str(tmp_path / "inbox")), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AMTSBOTE_LANG", "en")
    monkeypatch.delenv("AMTSBOTE_CONFIG", raising=False)
    assert run(["apply", "town.toml", "--yes", "--json"]) == 0
    return tmp_path


@pytest.fixture
def said(site: Path, capsys: pytest.CaptureFixture[str]) -> Asks:
    """What a command line that ends with `code` says."""
    capsys.readouterr()

    def asked(*words: str, code: int = 0) -> str:
        assert run(words) == code
        output = capsys.readouterr()
        return output.out + output.err

    return asked


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("tenants", "list"), "Stadt Chemnitz"),
        (("tenants", "show", "chemnitz"), "software"),
        (("portals", "list"), "Nothing found."),
        (("editors", "list"), "Nothing found."),
        (("authorities", "list", "--tenant", "chemnitz"), "1 of 1"),
        (("authorities", "show", "amt"), "Grünflächenamt"),
        (("targets", "list"), "folder"),
        (("targets", "show", "inbox"), "Authorities: amt"),
        (("targets", "check", "inbox"), "inbox: ready."),
        (("destinations", "list", "--stage", "live"), "Nothing found."),
        (("routes", "list"), "zustaendigkeiten"),
        (("routes", "show", "rollen"), f"2: {SERVICE};gba;;"),
        (("routes", "show", "rollen", "--version", "1"), f"2: {SERVICE};gba;;"),
        (("routes", "show", "rollen", "--csv"), TABLES["rollen"]),
        (("routes", "versions"), "town.toml"),
        (("route", "explain", "--service", SERVICE, "--ars", "145110000000"), "Grünflächenamt"),
        (("route", "explain", "--service", SERVICE, "--ars", "145110000000"), "No live destination offers"),
        (("routes", "defaults"), "unb (weitere)"),
        (("deliveries", "list", "--state", "dead"), "Nothing found."),
        (("audit", "list", "--subject", "amt"), "authority.added"),
        (("audit", "list", "--since", "2100-01-01"), "Nothing found."),
        (("audit", "show", "1"), "key.added"),
        (("tenants", "client-off", "software"), "Changed: Client software."),
        (("tenants", "client-on", "software"), "Nothing to change: Client software."),
        (("tenants", "client-manage-on", "software"), "Changed: Client software."),
        (("tenants", "client-manage-off", "software"), "Nothing to change: Client software."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_a_person_reads_a_table_or_a_sentence(said: Asks, words: tuple[str, ...], shown: str) -> None:
    answer = said(*words)
    assert shown in answer
    assert "column." not in answer


def test_both_languages_are_spoken(said: Asks) -> None:
    assert "Ziel nobody gibt es nicht." in said("--lang", "de", "targets", "show", "nobody", code=66)
    assert "Kennung" in said("--lang", "de", "tenants", "list")


def test_a_program_reads_one_document(said: Asks) -> None:
    def document(*words: str) -> Any:
        return json.loads(said(*words, "--json"))

    assert document("tenants", "list")["tenants"][0]["id"] == "chemnitz"
    assert document("tenants", "show", "chemnitz")["clients"][0]["id"] == "software"
    assert document("routes", "show", "rollen")["rows"][0]["line"] == 2
    assert document("audit", "list", "--limit", "1")["total"] > 1
    assert document("tenants", "client-off", "software")["changed"] is True


def test_a_target_that_is_not_ready_ends_with_a_failure(site: Path, said: Asks) -> None:
    (site / "inbox").rmdir()
    assert "not available now" in said("targets", "check", "inbox", code=1)


@pytest.mark.parametrize(
    "words",
    [
        ("route", "explain", "--service", "1", "--ars", "14"),
        ("route", "explain", "--service", SERVICE, "--ars", "x"),
        ("audit", "show", "0"),
    ],
)
def test_what_is_no_key_is_refused(said: Asks, words: tuple[str, ...]) -> None:
    assert run(list(words)) in {1, 64}


def test_an_export_is_applied_as_no_change(site: Path, said: Asks) -> None:
    assert "Written: all.toml and 4 files" in said("export", "all.toml")
    assert "Nothing to change." in said("apply", "all.toml")
    head = (site / "all.toml").read_text("utf-8").split("\n[[")[0]
    assert all(line.startswith("#") for line in head.splitlines() if line)
    assert "Secrets of clients are not here." in head.replace("\n# ", " ")


def test_an_export_overwrites_nothing(site: Path, said: Asks) -> None:
    said("export", "all.toml")
    before = (site / "all.toml").read_bytes()
    assert "exists already" in said("export", "all.toml", code=1)
    (site / "all.toml").unlink()
    assert "exists already" in said("export", "all.toml", code=1)
    said("export", "other.toml")
    assert (site / "other.toml").read_bytes() == before.replace(b"all.files", b"other.files")


def test_an_export_into_a_folder_that_is_not_there_leaves_nothing(site: Path, said: Asks) -> None:
    before = sorted(site.iterdir())
    assert "cannot be written" in said("export", "nowhere/all.toml", code=1)
    assert sorted(site.iterdir()) == before


def test_a_new_secret_is_shown_once_and_counts(said: Asks) -> None:
    _, secret, then = said("tenants", "client-add-secret", "software").splitlines()
    assert len(secret) == 43
    assert "amtsbote tenants client-drop-secret software" in then
    assert "two secrets already" in said("tenants", "client-add-secret", "software", code=1)
    audit = said("audit", "list", "--json")
    assert secret not in audit
    assert "Changed: Client software." in said("tenants", "client-drop-secret", "software")
    answer = json.loads(said("tenants", "client-add-secret", "software", "--json"))
    assert (answer["changed"], len(answer["secret"])) == (True, 43)
    assert "Changed: Client software." in said("tenants", "client-drop-secret", "software", "--newer")
    assert "has one secret only" in said("tenants", "client-drop-secret", "software", code=1)
