"""`amtsbote regions` as a person and as a program call it, with files and a folder of tables."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from region_files import CITY_PART, code_list, csv_text, municipalities, written

from amtsbote.cli.entry import run

OLD, NEW = "064350014014", "064150000000"
BEFORE = municipalities(
    f"{OLD};06435014;Hanau, Brüder-Grimm-Stadt",
    "010010000000;01001000;Flensburg, Stadt",
    "160615009039;16061039;Glasehausen",
    "160610115115;16061115;Leinefelde-Worbis, Stadt",
    "091840123123;09184123;Haar",
)
AFTER = municipalities(
    "160610115115;16061115;Leinefelde-Worbis, Stadt",
    f"{NEW};06415000;Hanau, Brüder-Grimm-Stadt",
    "010010000000;01001000;Flensburg, Stadt",
    "091840123123;09184123;Haar, St",
)
TREE = "99093003001002"
RULES = {
    "leistungen.csv": f"leistung;name\n{TREE};Baumfällung\n".encode(),
    "rollen.csv": f"leistung;rolle;gueltig_ab;gueltig_bis\n{TREE};gba;;\n".encode(),
    "zustaendigkeiten.csv": f"rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\ngba;{OLD};amt;;\n".encode(),
}
Call = Callable[..., Any]
Say = Callable[..., str]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    written(tmp_path, {"g-2023-11-30.csv": BEFORE, "g-2026-06-30.csv": AFTER})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AMTSBOTE_LANG", "de")
    return tmp_path


@pytest.fixture
def call(site: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*words: str, code: int = 0) -> Any:
        assert run(["regions", *words, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return called


@pytest.fixture
def say(site: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    def said(*words: str, code: int = 0) -> str:
        assert run(["regions", *words]) == code
        output = capsys.readouterr()
        return output.out + output.err

    return said


def test_without_a_folder_it_is_only_said_what_a_file_is(say: Say, site: Path) -> None:
    (site / "rs.xml").write_bytes(code_list("rs", "2026-06-30", ("021010101101", "Altstadt", CITY_PART)))

    assert say("import", "g-2023-11-30.csv", "rs.xml").splitlines() == [
        "g-2023-11-30.csv: Liste von Gemeinden (CSV), Stand 2023-11-30, Zeilen: 5.",
        "rs.xml: Codeliste Regionalschlüssel, Stand 2026-06-30, Zeilen: 1.",
    ]


def test_an_import_shows_what_changes_before_it_writes(call: Call, say: Say, site: Path) -> None:
    shown = say("import", "g-2023-11-30.csv", "g-2026-06-30.csv", "--into", "tables", code=5)

    assert "Beendet: 2" in shown
    assert "091840123123  Haar → Haar, St" in shown
    assert not (site / "tables").exists()
    assert "Umbenannt: 1" in say("import", "g-2026-06-30.csv", "g-2023-11-30.csv", "--into", "tables", "--dry-run")

    done = call("import", "g-2026-06-30.csv", "g-2023-11-30.csv", "--into", "tables", "--yes")
    assert done["counts"] == {"added": 6, "ended": 2, "renamed": 1}
    assert done["written"] == ["gebiete.csv"]
    assert f"{OLD};06435014;Hanau, Brüder-Grimm-Stadt;;2026-06-29;gemeinde;;import:gemeinden;2023-11-30" in (
        site / "tables/gebiete.csv"
    ).read_text("utf-8")
    assert "Nichts zu ändern" in say("import", "g-2026-06-30.csv", "--into", "tables")


def test_what_is_said_of_municipalities_is_read_after_them_whatever_its_day(call: Call, site: Path) -> None:
    (site / "plz-2021.csv").write_text("plz;ags;ort\n24937;01001000;Flensburg\n", "utf-8")
    (site / "changes-2021.csv").write_text(f"ars_alt;ars_neu;ab\n{OLD};{NEW};2026-01-01\n", "utf-8")
    files = ("changes-2021.csv", "plz-2021.csv", "g-2026-06-30.csv", "g-2023-11-30.csv")

    done = call("import", *files, "--into", "tables", "--yes")

    assert done["counts"] == {"added": 8, "ended": 2, "renamed": 1}
    days = {row[:12]: row.split(";")[3:5] for row in (site / "tables/gebiete.csv").read_text("utf-8").splitlines()}
    assert days[OLD] == ["", "2025-12-31"]
    assert days[NEW] == ["2026-01-01", ""]


def test_a_file_that_is_no_such_list_is_refused_before_anything_is_written(say: Say, site: Path) -> None:
    (site / "excel-2026-06-30.csv").write_bytes(municipalities("10010000000;1001000;Flensburg"))

    said = say("import", "g-2023-11-30.csv", "excel-2026-06-30.csv", "--into", "tables", "--yes", code=1)

    assert "excel-2026-06-30.csv, Zeile 2, Spalte ars" in said
    assert "führende Null" in said
    assert not (site / "tables").exists()
    assert "keine.csv" in say("import", "keine.csv", code=66)


@pytest.fixture
def tables(call: Call, site: Path) -> Path:
    call("import", "g-2023-11-30.csv", "--into", "tables", "--yes")
    return written(site / "tables", RULES)


def test_two_states_are_compared_as_files_or_as_folders(call: Call, say: Say, tables: Path) -> None:
    found = call("diff", "g-2023-11-30.csv", "g-2026-06-30.csv")

    counts = {"renamed": 1, "new-ars": 0, "new-key": 1, "gone": 1, "added": 0, "unknown": 1}
    assert {name: found[name] for name in counts} == counts
    assert call("diff", "tables", "g-2026-06-30.csv") == found
    written(tables.parent, {"k-2026.csv": csv_text("kreis;name", "16061;Eichsfeld")})
    assert "nichts gemeinsam" in say("diff", "g-2023-11-30.csv", "k-2026.csv", code=1)
    shown = say("diff", "g-2023-11-30.csv", "g-2026-06-30.csv")
    assert "160615009039 Glasehausen → Nachfolger unbekannt" in shown
    assert f"{NEW} Hanau, Brüder-Grimm-Stadt (gleicher Name im Land)" in shown


def test_successors_are_proposed_and_followed_once_a_person_confirms(call: Call, say: Say, tables: Path) -> None:
    at = ("--tables", "tables")
    assert "erst importieren" in say("successors", "propose", "g-2023-11-30.csv", "g-2026-06-30.csv", *at)
    call("import", "g-2026-06-30.csv", "--into", "tables", "--yes")

    proposed = call("successors", "propose", "g-2023-11-30.csv", "g-2026-06-30.csv", *at)
    assert [(one["old"], one["new"], one["confirmed"]) for one in proposed["proposed"]] == [(OLD, NEW, False)]
    assert proposed["unknown"] == ["160615009039"]
    assert "Vorschlag, nicht bestätigt" in say("search", OLD, *at)

    assert (
        call("successors", "confirm", OLD, *at, "--yes", "--since", "2026-01-01")["confirmed"]["since"] == "2026-01-01"
    )
    assert f"→ {NEW} Hanau, Brüder-Grimm-Stadt seit 2026-01-01" in say("search", OLD, *at)
    assert "Nachfolger unbekannt" in say("successors", "list", "160615009039", *at)
    assert call("successors", "list", *at)["unknown"] == [
        {"old": "160615009039", "old_name": "Glasehausen", "ended": "2026-06-29"}
    ]


def test_who_means_no_known_successor_is_asked_which(say: Say, tables: Path) -> None:
    at = ("--tables", "tables", "--yes")

    assert "Welcher Nachfolger" in say("successors", "confirm", "160615009039", *at, code=66)
    assert "--since" in say("successors", "confirm", "160615009039", "-", *at, code=1)
    say("successors", "confirm", "160615009039", "-", *at, "--since", "2024-01-01")
    assert "aufgeloest;ja" in (tables / "nachfolger.csv").read_text("utf-8")


def test_a_reform_names_the_rules_and_writes_a_proposal(call: Call, say: Say, tables: Path) -> None:
    words = ("reform", "g-2023-11-30.csv", "g-2026-06-30.csv", "--tables", "tables")
    found = call(*words, "--out", "draft")

    assert [(one["effect"], one["line"], one["after"]) for one in found["rules"]] == [
        ("continued", 2, f"gba;{NEW};amt")
    ]
    assert (found["unknown"], found["offline"]) == (["160615009039"], True)
    assert found["changed"] == ["gebiete", "nachfolger", "zustaendigkeiten"]
    draft = (tables.parent / "draft/zustaendigkeiten.csv").read_text("utf-8")
    assert draft.splitlines()[1:] == [f"gba;{OLD};amt;;2026-06-29", f"gba;{NEW};amt;2026-06-30;"]
    assert (tables / "zustaendigkeiten.csv").read_bytes() == RULES["zustaendigkeiten.csv"]
    assert "nur die Installation" in say(*words)


def test_a_change_list_is_a_reform_of_its_own(call: Call, say: Say, tables: Path, site: Path) -> None:
    (site / "liste.csv").write_bytes(csv_text("ars_alt;ars_neu;ab;art", f"{OLD};{NEW};2026-01-01;neuer-schluessel"))

    found = call("reform", "--change", "liste.csv", "--tables", "tables", "--out", "draft")

    assert [(one["old"], one["new"], one["confirmed"]) for one in found["steps"]] == [(OLD, NEW, True)]
    assert f"{NEW};;Hanau, Brüder-Grimm-Stadt;2026-01-01;" in (site / "draft/gebiete.csv").read_text("utf-8")
    assert "entweder zwei Stände" in say("reform", "--tables", "tables", code=64)
    assert "keine Änderungsliste" in say("reform", "--change", "g-2026-06-30.csv", "--tables", "tables", code=1)


def test_a_key_whose_successor_is_named_has_no_unknown_one(say: Say, tables: Path, site: Path) -> None:
    (site / "liste.csv").write_bytes(csv_text("ars_alt;ars_neu;ab;bestaetigt", f"{OLD};{NEW};2026-01-01;vorschlag"))

    told = say("reform", "--change", "liste.csv", "--tables", "tables")

    assert f"{NEW} (Verlauf nicht genannt, 2026-01-01, Vorschlag, nicht bestätigt)" in told


def test_origins_are_listed_with_their_day(call: Call, say: Say, tables: Path) -> None:
    assert call("list", "--tables", "tables")["origins"] == [
        {"table": "gebiete", "origin": "import:gemeinden", "rows": 5, "ended": 0, "stand": "2023-11-30"}
    ]
    assert "import:gemeinden" in say("list", "--tables", "tables")


def test_a_search_that_finds_nothing_says_so_by_its_exit_code(call: Call, say: Say, tables: Path) -> None:
    assert call("search", "flensburg", "--tables", "tables")["places"][0]["ags"] == "01001000"
    assert "Nichts gefunden" in say("search", "Atlantis", "--tables", "tables", code=1)


def test_the_tables_of_an_installation_are_asked_for_without_a_folder(
    call: Call, say: Say, tables: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = (
        "[[tenants]]\nid='t'\nname='Stadt'\nland='06'\n[[authorities]]\nid='amt'\ntenant='t'\nname='Amt'\n[routes]\n"
        + "".join(f"{name}='tables/{name}.csv'\n" for name in ("gebiete", "leistungen", "rollen", "zustaendigkeiten"))
    )
    (site / "town.toml").write_text(town, "utf-8")
    assert run(["init", "house", "--json"]) == 0
    assert run(["apply", "town.toml", "--yes", "--json", "--config", "house/amtsbote.toml"]) == 0
    capsys.readouterr()

    at = ("--config", "house/amtsbote.toml")
    assert call("search", "Hanau", *at)["total"] == 1
    assert "Ein Land 17 gibt es in den Tabellen nicht. Bekannt sind: 01, 06, 09, 16;" in say(
        "search", "Hanau", "--land", "17", *at, code=64
    )
    found = call("reform", "g-2023-11-30.csv", "g-2026-06-30.csv", *at)
    assert (found["offline"], found["destinations"], found["submissions"], found["total"]) == (False, [], [], 0)
    assert "Betroffene Zustellpunkte: 0, offene Einreichungen: 0." in say(
        "reform", "g-2023-11-30.csv", "g-2026-06-30.csv", *at
    )
