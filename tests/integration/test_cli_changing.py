"""Changing the routing tables as people call it: from CSV and XLSX, looked at, released, rolled back."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from amtsbote.cli.entry import run

SERVICE = "99093003001002"
TOWN = """
[[tenants]]
id = "chemnitz"
name = "Stadt Chemnitz"
land = "14"
four_eyes = false
[[tenants]]
id = "gera"
name = "Stadt Gera"
land = "16"
[[authorities]]
id = "amt"
tenant = "chemnitz"
name = "Grünflächenamt"
[[authorities]]
id = "amt-gera"
tenant = "gera"
name = "Umweltamt"
[routes]
gebiete = "gebiete.csv"
leistungen = "leistungen.csv"
rollen = "rollen.csv"
zustaendigkeiten = "zustaendigkeiten.csv"
"""
HEADER = "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\n"
RULES = f"{HEADER}gba;145110000000;amt;;\ngba;160520000000;amt-gera;;\n"
TABLES = {
    "gebiete": (
        "ars;ags;name;gueltig_ab;gueltig_bis\n145110000000;14511000;Chemnitz, Stadt;;\n160520000000;16052000;Gera;;\n"
    ),
    "leistungen": f"leistung;name\n{SERVICE};Baumfällgenehmigung\n",
    "rollen": f"leistung;rolle;gueltig_ab;gueltig_bis\n{SERVICE};gba;;\n",
    "zustaendigkeiten": RULES,
}
Says = Callable[..., str]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with tables in force; its paths are relative, so that it can be copied."""
    folder = tmp_path_factory.mktemp("fresh") / "bote"
    assert run(["init", str(folder), "--json"]) == 0
    for name, rows in TABLES.items():
        (folder / f"{name}.csv").write_text(rows, "utf-8")
    (folder / "town.toml").write_text(TOWN, "utf-8")
    assert run(["apply", str(folder / "town.toml"), "--yes", "--json", "--config", str(folder / "amtsbote.toml")]) == 0
    return folder


@pytest.fixture
def site(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(fresh, tmp_path / "bote")
    monkeypatch.chdir(tmp_path / "bote")
    monkeypatch.setenv("AMTSBOTE_LANG", "en")
    monkeypatch.delenv("AMTSBOTE_CONFIG", raising=False)
    return tmp_path / "bote"


@pytest.fixture
def says(site: Path, capsys: pytest.CaptureFixture[str]) -> Says:
    capsys.readouterr()

    def said(*words: str, code: int = 0) -> str:
        assert run(words) == code, capsys.readouterr()
        output = capsys.readouterr()
        return output.out + output.err

    assert site == Path.cwd()
    return said


def write_rules(*rows: str, file: str = "zustaendigkeiten.csv") -> None:
    Path(file).write_text("".join([HEADER, *(f"{row}\n" for row in rows)]), "utf-8")


def test_a_change_is_proposed_looked_at_released_and_rolled_back(says: Says) -> None:
    write_rules("gba;14;amt;;", "gba;160520000000;amt-gera;;")

    said = says("routes", "propose", "zustaendigkeiten.csv", "--reason", "Land statt Stadt")
    assert "zustaendigkeiten: 1 added, 0 changed, 1 removed" in said
    assert "Change set 1 is ready and not in force yet." in said
    assert "amtsbote routes release 1" in said
    assert "Land statt Stadt" in says("routes", "drafts", "--state", "open")
    assert "gba;14;amt" in says("routes", "difference", "1")
    assert says("routes", "show", "zustaendigkeiten", "--csv") == RULES

    assert "Released as version 2" in says("routes", "release", "1")
    assert "gba;14;amt;;" in says("routes", "show", "zustaendigkeiten")
    says("routes", "rollback", "1", "--reason", "Irrtum")
    assert json.loads(says("routes", "release", "2", "--json"))["version"] == 3
    assert says("routes", "show", "zustaendigkeiten", "--csv") == RULES
    assert "Irrtum" in says("routes", "versions")
    assert "routing.released" in says("audit", "list")


def test_a_tenant_that_wants_four_eyes_keeps_the_operator_from_changing_it_alone(says: Says) -> None:
    write_rules("gba;145110000000;amt;;")

    said = says("apply", "town.toml", "--yes")
    assert "a second person must release it" in said
    assert "amtsbote routes release 1" in said
    assert "There is none yet: enter somebody with may_release" in said
    assert "A second person must release change set 1" in says("routes", "release", "1", code=1)
    assert says("routes", "show", "zustaendigkeiten", "--csv") == RULES
    assert "Change set 1 is discarded." in says("routes", "discard", "1")


def test_a_workbook_is_taken_and_a_mangled_key_named_with_sheet_row_and_column(says: Says) -> None:
    book = Workbook()
    book.worksheets[0].title = "zustaendigkeiten"
    for row in (HEADER.strip().split(";"), ["gba", "14", "amt"], ["gba", "160520000000", "amt-gera"]):
        book.worksheets[0].append(row)
    book.save("rules.xlsx")
    assert "1 added" in says("routes", "propose", "rules.xlsx", "--reason", "aus Excel")

    book.worksheets[0]["B3"] = 160520000000
    book.save("rules.xlsx")
    said = says("routes", "propose", "rules.xlsx", "--reason", "aus Excel", code=1)
    assert "zustaendigkeiten, line 3, column gebiet: The cell is a number (160520000000)" in said


def test_a_folder_of_tables_can_be_proposed_for_a_day(says: Says, site: Path) -> None:
    folder = site / "neu"
    folder.mkdir()
    write_rules("gba;14;amt;;", "gba;160520000000;amt-gera;;", file="neu/zustaendigkeiten.csv")

    words = ("routes", "propose", "--tables", "neu", "--reason", "ab Januar", "--effective", "2099-01-01", "--json")
    assert json.loads(says(*words))["effective"] == "2099-01-01"
    assert "in force from 2099-01-01" in says("routes", "release", "1")
    assert says("routes", "show", "zustaendigkeiten", "--csv") == RULES
    assert "gba;14;amt" in says("routes", "show", "zustaendigkeiten", "--version", "2")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("propose", "--reason", "x"), 64, "Give either files"),
        (("propose", "town.toml", "--reason", "x"), 64, "not named after a table"),
        (("propose", "rollen.xlsx", "--reason", "x"), 66, "cannot be read"),
        (("propose", "--tables", "inbox", "--reason", "x"), 66, "no table in"),
        (("propose", "rollen.csv", "--reason", "x"), 1, "nothing to do"),
        (("release", "7"), 66, "no change set 7"),
        (("show", "rollen", "--version", "7"), 66, "no version 7"),
    ],
)
def test_what_cannot_be_done_is_said(says: Says, words: tuple[str, ...], code: int, sentence: str) -> None:
    assert sentence in says("routes", *words, code=code)
