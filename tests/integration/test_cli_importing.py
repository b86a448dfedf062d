"""`amtsbote routes import` over a real installation: what a registry says comes in, and nothing of one's own goes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from amtsbote.cli.entry import run

TREES, DOGS = "99093003001002", "99102013104000"
CHEMNITZ, DRESDEN, GERA = "145110000000", "146120000000", "160520000000"
TOWN = """
[[tenants]]
id = "chemnitz"
name = "Stadt Chemnitz"
land = "14"
four_eyes = false
[[tenants]]
id = "dresden"
name = "Stadt Dresden"
land = "14"
four_eyes = false
[[authorities]]
id = "amt"
tenant = "chemnitz"
name = "Grünflächenamt"
[[targets]]
id = "ordner"
tenant = "dresden"
adapter = "folder"
[targets.options]
path = "/srv/eingang"
[[editors]]
id = "karin"
name = "Karin Maier"
user = "maier"
regions = ["14"]
may_release = true
[routes]
gebiete = "gebiete.csv"
leistungen = "leistungen.csv"
rollen = "rollen.csv"
zustaendigkeiten = "zustaendigkeiten.csv"
"""
HEADS = {
    "behoerden": "behoerde;mandant;name;ziele",
    "gebiete": "ars;ags;name;gueltig_ab;gueltig_bis",
    "leistungen": "leistung;name",
    "rollen": "leistung;rolle;gueltig_ab;gueltig_bis",
    "zustaendigkeiten": "rolle;gebiet;behoerde;gueltig_ab;gueltig_bis",
}
TABLES = {
    "gebiete": (f"{CHEMNITZ};14511000;Chemnitz;;", f"{DRESDEN};14612000;Dresden;;", f"{GERA};16052000;Gera;;"),
    "leistungen": (f"{TREES};Baumfällgenehmigung",),
    "rollen": (f"{TREES};gba;;",),
    "zustaendigkeiten": (f"gba;{CHEMNITZ};amt;;",),
}
GRUEN = "amt-gruen;dresden;Amt für Stadtgrün;ordner"
GARTEN = "amt-garten;dresden;Gartenamt;"
Says = Callable[..., str]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with tables in force; its paths are relative, so that it can be copied."""
    folder = tmp_path_factory.mktemp("fresh") / "bote"
    assert run(["init", str(folder), "--json"]) == 0
    for name, rows in TABLES.items():
        write(name, *rows, folder=folder)
    (folder / "town.toml").write_text(TOWN, "utf-8")
    assert run(["apply", str(folder / "town.toml"), "--yes", "--json", "--config", str(folder / "amtsbote.toml")]) == 0
    return folder


@pytest.fixture
def site(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(fresh, tmp_path / "bote")
    (tmp_path / "bote" / "auszug").mkdir()
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


def write(name: str, *rows: str, folder: Path = Path("auszug")) -> str:
    file = folder / f"{name}.csv"
    file.write_text("".join(f"{row}\n" for row in (HEADS[name], *rows)), "utf-8")
    return str(file)


def importing(says: Says, *files: str, stand: str = "2026-09-01", code: int = 0, words: tuple[str, ...] = ()) -> str:
    return says("routes", "import", *files, "--source", "pvog", "--stand", stand, *words, code=code)


def imported(says: Says, *files: str, stand: str = "2026-09-01", words: tuple[str, ...] = ()) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(importing(says, *files, stand=stand, words=("--json", *words)))
    return answer


def released(says: Says, answer: dict[str, Any]) -> None:
    says("routes", "release", str(answer["draft"]))


def rules(says: Says) -> list[str]:
    """Without the header."""
    return says("routes", "show", "zustaendigkeiten", "--csv").splitlines()[1:]


def competent(says: Says, ars: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(says("route", "explain", "--service", TREES, "--ars", ars, "--json"))
    return answer


def test_an_extract_comes_in_as_a_change_set_and_every_row_knows_where_it_is_from(says: Says) -> None:
    files = write("behoerden", GRUEN), write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;")

    said = importing(says, *files)
    assert "New: 2" in said
    assert "behoerden: 1 added, 0 changed, 0 removed" in said
    assert "zustaendigkeiten: 1 added, 0 changed, 0 removed" in said
    assert "Change set 1 is ready and not in force yet." in said
    assert "import:pvog 2026-09-01" in says("routes", "drafts")
    says("route", "explain", "--service", TREES, "--ars", DRESDEN, code=1)

    says("routes", "release", "1")
    found = competent(says, DRESDEN)
    assert (found["authority"], found["authorityName"], found["targets"]) == (
        "amt-gruen",
        "Amt für Stadtgrün",
        ["ordner"],
    )
    [rule] = [hop for hop in found["trace"]["hops"] if hop["table"] == "zustaendigkeiten"]
    assert (rule["origin"], rule["stand"]) == ("import:pvog", "2026-09-01")
    assert "amt-gruen" in says("audit", "list")


def test_what_the_source_changes_and_withdraws_changes_and_goes(says: Says) -> None:
    files = (
        write("behoerden", GRUEN, GARTEN),
        write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;", f"gba;{GERA};amt-garten;;"),
    )
    released(says, imported(says, *files))

    files = write("behoerden", GRUEN), write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;2026-01-01;")
    answer = imported(says, *files, stand="2026-10-01")
    assert answer["counts"] == {"changed": 1, "withdrawn": 1, "still-needed": 1}
    [needed] = [note for note in answer["notes"] if note["outcome"] == "still-needed"]
    assert needed["key"] == "behoerden amt-garten"
    assert f"gba;{GERA};amt-garten" in needed["before"]
    released(says, answer)
    assert rules(says)[1:] == [f"gba;{DRESDEN};amt-gruen;2026-01-01;;;;;;import:pvog;2026-10-01"]

    answer = imported(says, *files, stand="2026-10-02")
    assert answer["counts"] == {"withdrawn": 1}
    assert answer["authorities"] == {"removed": 1}
    assert "amt-garten" not in says("authorities", "list")


def test_the_same_extract_twice_changes_nothing(says: Says) -> None:
    files = write("behoerden", GRUEN), write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;")
    released(says, imported(says, *files))

    assert "Nothing to change." in importing(says, *files)
    assert "the new day of the authorities is noted" in importing(says, files[0], stand="2026-09-02")
    older = imported(says, *files, stand="2026-08-01")
    assert (older["counts"], older["draft"]) == ({"older": 2}, None)


def test_a_rule_by_hand_stays_before_an_imported_one_and_both_are_named(says: Says) -> None:
    rows = write("zustaendigkeiten", f"gba;{CHEMNITZ};amt-gruen;;", "gba;14;amt-gruen;;", f"gba;{GERA};amt-gruen;;")

    said = importing(says, write("behoerden", GRUEN), rows)
    assert "Collision: a row by hand or of another source goes first (there → not taken over): 1" in said
    assert f"zustaendigkeiten:2 gba;{CHEMNITZ};amt → zustaendigkeiten:2 gba;{CHEMNITZ};amt-gruen" in said
    assert "zustaendigkeiten: 2 added" in said
    says("routes", "release", "1")
    assert [competent(says, ars)["authority"] for ars in (CHEMNITZ, DRESDEN, GERA)] == ["amt", "amt-gruen", "amt-gruen"]


def test_a_narrower_rule_goes_before_a_wider_one_by_hand_only_where_somebody_says_so(says: Says, site: Path) -> None:
    file = write("zustaendigkeiten", "gba;14;amt;;", folder=site)
    says("routes", "propose", file, "--reason", "Land")
    says("routes", "release", "1")
    files = write("behoerden", GRUEN), write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;")

    refused = imported(says, *files)
    assert (refused["counts"], refused["draft"]) == ({"local-first": 1, "added": 1}, None)
    taken = imported(says, *files, words=("--narrower-first",))
    assert taken["counts"] == {"before-wider": 1, "added": 1}
    released(says, taken)
    assert competent(says, DRESDEN)["authority"] == "amt-gruen"


def test_two_sources_do_not_override_each_other(says: Says) -> None:
    files = write("behoerden", GRUEN), write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;")
    released(says, imported(says, *files))
    other = write("behoerden", "amt-gruen;chemnitz;Ganz anders;"), write("zustaendigkeiten", f"gba;{DRESDEN};amt;;")

    said = says("routes", "import", *other, "--source", "dvdv", "--stand", "2026-09-03", "--json")
    assert json.loads(said)["counts"] == {"local-first": 2}
    assert "Ganz anders" not in says("authorities", "list")


def test_an_authority_of_the_declaration_stays_and_one_that_is_declared_later_takes_over(
    says: Says, site: Path
) -> None:
    declared = imported(says, write("behoerden", "amt;chemnitz;Anders;"))
    assert declared["counts"] == {"local-first": 1}
    assert "Grünflächenamt (chemnitz)" in declared["notes"][0]["before"]

    importing(says, write("behoerden", GRUEN))
    taken = '[[authorities]]\nid = "amt-gruen"\ntenant = "dresden"\nname = "Stadtgrün"\n'
    (site / "more.toml").write_text(taken, "utf-8")
    said = says("apply", "more.toml", "--yes")
    assert "import:pvog" in said
    again = imported(says, write("behoerden", GRUEN), stand="2026-09-05")
    assert again["counts"] == {"local-first": 1}
    assert "Stadtgrün" in says("authorities", "list")


def test_apply_keeps_imported_authorities_and_does_not_let_one_go_that_a_rule_names(says: Says, site: Path) -> None:
    files = write("behoerden", GRUEN), write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;")
    released(says, imported(says, *files))

    (site / "less.toml").write_text('[remove]\nauthorities = ["amt-gruen"]\n', "utf-8")
    said = says("apply", "less.toml", "--yes", code=1)
    assert "The authority amt-gruen is neither declared nor imported." in said
    assert "amt-gruen" in says("authorities", "list")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("amt-gera;gera;Umweltamt;", "Tenant `gera` exists neither here"),
        ("amt-gruen;dresden;Amt;nirgends", "Target `nirgends` exists neither here"),
        ("amt-gruen;chemnitz;Amt;ordner", "Target `ordner` belongs to"),
    ],
)
def test_an_authority_of_an_unknown_tenant_or_target_is_refused_and_named(says: Says, row: str, told: str) -> None:
    said = importing(says, write("behoerden", row), code=1)

    assert told in said
    assert f"behoerden · {row.split(';', maxsplit=1)[0]}" in said
    assert row.split(";", maxsplit=1)[0] not in says("authorities", "list")


def test_a_rule_for_an_authority_nobody_knows_is_refused_with_its_line(says: Says) -> None:
    said = importing(says, write("zustaendigkeiten", f"gba;{DRESDEN};niemand;;"), code=1)

    assert "The authority niemand is neither declared nor imported." in said
    assert says("routes", "drafts", "--json").count('"id"') == 0


def test_a_service_stays_while_a_rule_needs_it(says: Says, site: Path) -> None:
    released(says, imported(says, write("leistungen", f"{DOGS};Hundesteuer")))
    write("rollen", *TABLES["rollen"], f"{DOGS};kka;;", folder=site)
    says("routes", "propose", "rollen.csv", "--reason", "eigene Rolle")
    says("routes", "release", "2")

    answer = imported(says, write("leistungen"), stand="2026-10-01")
    assert answer["counts"] == {"still-needed": 1}
    assert f"rollen:3 {DOGS};kka" in answer["notes"][0]["before"]


def test_an_extract_that_is_cut_off_takes_nothing_away_until_somebody_vouches_for_it(says: Says) -> None:
    many = [f"amt-{number};dresden;Amt {number};" for number in range(30)]
    importing(says, write("behoerden", *many))

    file = write("behoerden", many[0])
    assert imported(says, file, stand="2026-10-01")["counts"] == {"incomplete": 1}
    assert imported(says, file, stand="2026-10-01", words=("--complete",))["counts"] == {"withdrawn": 29}


def test_a_second_person_releases_what_a_tenant_wants_four_eyes_for(says: Says, site: Path) -> None:
    strict = TOWN.replace('id = "dresden"\nname = "Stadt Dresden"\nland = "14"\nfour_eyes = false', DRESDEN_STRICT)
    (site / "town.toml").write_text(strict, "utf-8")
    says("apply", "town.toml", "--yes")
    rows = write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;")

    said = importing(says, write("behoerden", GRUEN), rows)
    assert "A second person must release it; that is wanted by: dresden" in said
    assert "A second person must release change set 1" in says("routes", "release", "1", code=1)


DRESDEN_STRICT = 'id = "dresden"\nname = "Stadt Dresden"\nland = "14"'


def test_a_dry_run_writes_nothing(says: Says) -> None:
    rows = write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;")

    said = importing(says, write("behoerden", GRUEN), rows, words=("--dry-run",))
    assert "Nothing written." in said
    assert "amt-gruen" not in says("authorities", "list")
    assert says("routes", "drafts", "--json").count('"id"') == 0


def test_a_workbook_is_taken_and_a_mangled_key_named_with_sheet_row_and_column(says: Says) -> None:
    book = Workbook()
    book.worksheets[0].title = "behoerden"
    second = book.create_sheet("zustaendigkeiten")
    for sheet, row in ((book.worksheets[0], GRUEN), (second, f"gba;{DRESDEN};amt-gruen;;")):
        sheet.append(HEADS[sheet.title].split(";"))
        sheet.append(row.split(";"))
    book.save("auszug.xlsx")
    assert imported(says, "auszug.xlsx", words=("--dry-run",))["counts"] == {"added": 2}

    second["B2"] = int(DRESDEN)
    book.save("auszug.xlsx")
    said = importing(says, "auszug.xlsx", code=1)
    assert f"zustaendigkeiten, line 2, column gebiet: The cell is a number ({DRESDEN})" in said


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\ngba;14;Grünamt;;\n".encode("latin-1"), "not written in UTF-8"),
        ("rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\n".encode("utf-16"), "written in UTF-16"),
        (b"rolle,gebiet,behoerde,gueltig_ab,gueltig_bis\n", "apart by , instead of a semicolon"),
        (b"rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\ngba;1,4511E+11;amt;;\n", "1,4511E+11"),
        (b"rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\ngba;14;amt\n", "line 2"),
        (b"rolle;gebiet;behoerde;gueltig_ab;gueltig_bis;herkunft\ngba;14;amt;;;\n", "herkunft"),
        (b"rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\ngba;14;amt;;\ngba;14;amt;;\n", "line 3"),
        (b'rolle;gebiet;behoerde;gueltig_ab;gueltig_bis\n"gba;14;amt;;\n', "quotation marks"),
        (b"\x00\xff\xfe" * 50, "zustaendigkeiten"),
        (b"", "header line is missing"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_with_its_place(says: Says, content: bytes, told: str) -> None:
    Path("auszug/zustaendigkeiten.csv").write_bytes(content)

    assert told in importing(says, "auszug/zustaendigkeiten.csv", code=1)
    assert rules(says) == [*TABLES["zustaendigkeiten"]]


def test_files_that_are_no_offer_and_names_that_are_no_source_are_refused(says: Says, site: Path) -> None:
    assert "behoerden, leistungen, rollen" in importing(says, str(site / "gebiete.csv"), code=64)
    book = Workbook()
    book.worksheets[0].title = "gebiete"
    book.create_sheet("behoerden")
    book.save("auszug.xlsx")
    assert "The sheet “gebiete” is not named after a table." in importing(says, "auszug.xlsx", code=1)
    file = write("behoerden", GRUEN)
    said = says("routes", "import", file, "--source", "PVOG Sachsen", "--stand", "2026-09-01", code=1)
    assert "is no name of a source" in said
    twice = importing(says, write("behoerden", GRUEN, GRUEN), code=1)
    assert "The authority amt-gruen is already in line 2." in twice


def test_regions_come_through_the_same_door(says: Says, site: Path) -> None:
    (site / "kreise-2026-06-30.csv").write_text("kreis;name\n14521;Erzgebirgskreis\n", "utf-8")

    assert "Change set 1" in says("regions", "import", "kreise-2026-06-30.csv", "--propose")
    says("routes", "release", "1")
    assert "14521;14521;Erzgebirgskreis" in says("routes", "show", "gebiete", "--csv")
    assert "import:kreise" in says("regions", "list")
    both = says("regions", "import", "kreise-2026-06-30.csv", "--propose", "--into", "tabellen", code=64)
    assert "Give either --into or --propose." in both


def test_a_move_keeps_what_may_be_imported_again(says: Says, site: Path) -> None:
    importing(says, write("behoerden", GRUEN))

    says("export", "umzug.toml")
    written = (site / "umzug.toml").read_text("utf-8")
    assert 'origin = "import:pvog"\nstand = 2026-09-01' in written
    again = imported(says, write("behoerden", GRUEN.replace("Amt für", "Neues Amt für")), stand="2026-09-02")
    assert again["counts"] == {"changed": 1}
    says("apply", "umzug.toml", "--yes")
    assert "Neues Amt" not in says("authorities", "list")
    assert imported(says, write("behoerden", GRUEN), stand="2026-09-03")["recorded"]


def test_authorities_show_where_they_are_from(says: Says) -> None:
    files = write("behoerden", GRUEN), write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;")
    released(says, imported(says, *files))

    found = competent(says, DRESDEN)
    assert (found["authorityOrigin"], found["authorityStand"]) == ("import:pvog", "2026-09-01")
    assert competent(says, CHEMNITZ)["authorityOrigin"] == ""
    tree = says("route", "explain", "--service", TREES, "--ars", DRESDEN)
    assert "amt-gruen (Amt für Stadtgrün, import:pvog, 2026-09-01)" in tree
    assert "[municipality, import:pvog, as of 2026-09-01]" in tree
    assert "import:pvog" in says("authorities", "list")
    shown = json.loads(says("authorities", "show", "amt-gruen", "--json"))["authority"]
    assert (shown["origin"], shown["stand"]) == ("import:pvog", "2026-09-01")


def test_how_fresh_each_source_is_is_shown_and_doctor_warns_of_an_old_one(says: Says, site: Path) -> None:
    assert json.loads(says("routes", "list", "--json"))["sources"] == []
    files = write("behoerden", GRUEN), write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;")
    released(says, imported(says, *files, stand="2020-01-01"))
    imported(says, write("behoerden", GRUEN, GARTEN), stand="2020-02-01")

    [source] = json.loads(says("routes", "list", "--json"))["sources"]
    days = {"oldest": "2020-01-01", "newest": "2020-02-01"}
    assert source == {"source": "pvog", "rows": 1, "authorities": 2, **days}
    assert "2020-02-01" in says("routes", "list")
    told = doctor_about(says, "pvog")
    assert (told["level"], told["code"]) == ("warning", "source-old")
    assert "newest day 2020-02-01, oldest 2020-01-01" in told["en"]

    config = (site / "amtsbote.toml").read_text("utf-8")
    allowed = config.replace("# stale_days_of = []", 'stale_days_of = ["pvog=9999"]')
    (site / "amtsbote.toml").write_text(allowed, "utf-8")
    assert doctor_about(says, "pvog")["level"] == "fine"


def doctor_about(says: Says, source: str) -> dict[str, Any]:
    """Whatever else is amiss with a fresh installation."""
    findings = json.loads(says("doctor", "--json", code=1))["findings"]
    [told] = [one for one in findings if f"source {source}" in one["en"]]
    return dict(told)


def test_an_imported_authority_is_removed_like_a_declared_one_and_comes_again(says: Says, site: Path) -> None:
    importing(says, write("behoerden", GRUEN))
    (site / "less.toml").write_text('[remove]\nauthorities = ["amt-gruen"]\n', "utf-8")

    says("apply", "less.toml", "--yes")
    assert "amt-gruen" not in says("authorities", "list")
    assert imported(says, write("behoerden", GRUEN))["authorities"] == {"added": 1}


def test_of_two_extracts_that_wait_one_is_released(says: Says) -> None:
    authorities = write("behoerden", GRUEN, GARTEN)
    imported(says, authorities, write("zustaendigkeiten", f"gba;{DRESDEN};amt-gruen;;"))
    newer = imported(says, authorities, write("zustaendigkeiten", f"gba;{DRESDEN};amt-garten;;"), stand="2026-09-02")

    released(says, newer)
    assert "about the same thing" in says("routes", "release", "1", code=1)
    assert competent(says, DRESDEN)["authority"] == "amt-garten"
